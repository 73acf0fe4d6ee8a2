import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { patientProbes, peakDifference, probeFile } from '../support/decoded-sound.ts';

interface Call {
  file: string;
  sent?: string;
  transcript: string;
  tenant: string;
  source: string;
  call_id: string;
  from: string;
  to: string;
  agent: string;
  queue: string;
  ticket: string;
  direction: string;
  started_at: string;
  language: string;
  duration_ms: number;
  encoding: string;
  file_name: string;
}

interface Segment {
  start_ms: number;
  end_ms: number;
  channel: number;
  text: string;
}

interface Transcript {
  v: number;
  language: string;
  segments: Segment[];
}

const FOLDER = fileURLToPath(new URL('../../scripts/samples/', import.meta.url));
const NUMBERS = /^\+(442079460\d{3}|141555501\d{2}|861380013800[01]|8613900139000|861055550\d{3})$/;
const CHANNELS = [0, 1] as const;

const calls: Call[] = JSON.parse(readFileSync(`${FOLDER}calls.json`, 'utf8'));

/** Chunks of a RIFF file. Throws for a chunk that runs past the end. */
function chunksOf(bytes: Buffer): Map<string, Buffer> {
  expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
  expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  expect(bytes.toString('latin1', 8, 12)).toBe('WAVE');
  const chunks = new Map<string, Buffer>();
  for (let at = 12; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    if (at + 8 + size > bytes.length) throw new Error('a chunk runs over the end of the file');
    chunks.set(bytes.toString('latin1', at, at + 4), bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size + (size % 2);
  }
  return chunks;
}

/** G.711 µ-law to linear 16-bit. */
function mulaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4);
  return bits & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

function readWav(file: string) {
  const chunks = chunksOf(readFileSync(FOLDER + file));
  const fmt = chunks.get('fmt ');
  const data = chunks.get('data');
  if (!fmt || !data) throw new Error(`${file} lacks a chunk`);
  const header = {
    format: fmt.readUInt16LE(0),
    channels: fmt.readUInt16LE(2),
    rate: fmt.readUInt32LE(4),
    byteRate: fmt.readUInt32LE(8),
    align: fmt.readUInt16LE(12),
    bits: fmt.readUInt16LE(14),
  };
  const frames = data.length / header.align;
  const audio = CHANNELS.map((channel) =>
    Int16Array.from({ length: frames }, (_, i) =>
      header.format === 7 ? mulaw(data.readUInt8(i * 2 + channel)) : data.readInt16LE(i * 4 + channel * 2),
    ),
  );
  return { header, frames, audio };
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

function peak(samples: Int16Array): number {
  return samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
}

/** Total overlap of segments on different channels. */
function crossTalkMs(segments: Segment[]): number {
  let total = 0;
  for (const a of segments.filter(({ channel }) => channel === 0)) {
    for (const b of segments.filter(({ channel }) => channel === 1)) {
      total += Math.max(0, Math.min(a.end_ms, b.end_ms) - Math.max(a.start_ms, b.start_ms));
    }
  }
  return total;
}

function transcriptOf(call: Call): Transcript {
  return JSON.parse(readFileSync(FOLDER + call.transcript, 'utf8'));
}

describe('the sample calls', () => {
  it('are six, for two tenants, in two languages and two encodings', () => {
    expect(calls.map(({ tenant, language }) => `${tenant} ${language.slice(0, 2)}`).sort()).toEqual([
      'harbour en',
      'harbour en',
      'harbour zh',
      'yunhai en',
      'yunhai zh',
      'yunhai zh',
    ]);
    expect(new Set(calls.map(({ encoding }) => encoding))).toEqual(new Set(['mulaw', 'pcm16']));
    expect(new Set(calls.map(({ call_id }) => call_id)).size).toBe(6);
  });

  it('list each recording and transcript of the folder', () => {
    const listed = [
      'calls.json',
      ...calls.flatMap(({ file, sent, transcript }) => [file, ...(sent ? [sent] : []), transcript]),
    ];
    expect(
      readdirSync(FOLDER)
        .filter((name) => /\.(wav|mp3|ogg|json)$/.test(name))
        .sort(),
    ).toEqual(listed.sort());
  });

  it('take at most 2.2 MB', () => {
    const total = readdirSync(FOLDER).reduce((sum, name) => sum + statSync(FOLDER + name).size, 0);
    expect(total).toBeLessThanOrEqual(2_200_000);
  });

  it('have one call in MP3 and one in Opus, with the length and the waveform of their WAV files', async () => {
    const probes = patientProbes();
    const sent = calls.filter((call) => call.sent !== undefined);
    expect(sent.map((call) => call.sent?.slice(-4)).sort()).toEqual(['.mp3', '.ogg']);
    for (const call of sent) {
      const type = call.sent?.endsWith('.mp3') ? 'audio/mpeg' : 'audio/ogg';
      const encoded = await probeFile(probes, type, readFileSync(FOLDER + call.sent));
      const wav = await probeFile(probes, 'audio/wav', readFileSync(FOLDER + call.file));
      expect(Math.abs((encoded.durationMs ?? 0) - call.duration_ms)).toBeLessThanOrEqual(1);
      expect(peakDifference(encoded.peaks, wav.peaks).mean).toBeLessThan(3);
    }
    await probes.close();
  });

  it('have one call with a short cross-talk', () => {
    const times = calls.map((call) => crossTalkMs(transcriptOf(call).segments)).filter((ms) => ms > 0);
    expect(times).toHaveLength(1);
    expect(times[0]).toBeGreaterThan(300);
    expect(times[0]).toBeLessThan(1500);
  });

  describe.each(calls)('$file', (call) => {
    const { header, frames, audio } = readWav(call.file);
    const { v, language, segments } = transcriptOf(call);

    it('is described in calls.json', () => {
      expect(['inbound', 'outbound']).toContain(call.direction);
      expect(new Date(call.started_at).toISOString()).toBe(call.started_at.replace('Z', '.000Z'));
      expect(call.from).toMatch(NUMBERS);
      expect(call.to).toMatch(NUMBERS);
      for (const field of ['source', 'agent', 'queue', 'ticket', 'file_name'] as const) {
        expect(call[field], field).toMatch(/\S/);
      }
    });

    it('has the header of its encoding', () => {
      const expected = call.encoding === 'mulaw' ? { format: 7, bits: 8, align: 2 } : { format: 1, bits: 16, align: 4 };
      expect(header).toEqual({ ...expected, channels: 2, rate: 8000, byteRate: 8000 * expected.align });
    });

    it('lasts as long as calls.json says', () => {
      expect(Number.isInteger(frames)).toBe(true);
      expect(Math.abs((frames * 1000) / header.rate - call.duration_ms)).toBeLessThanOrEqual(1);
      expect(call.duration_ms).toBeGreaterThan(10_000);
      expect(call.duration_ms).toBeLessThan(60_000);
    });

    it('has a transcript whose segments are in order and inside the call', () => {
      expect(v).toBe(1);
      expect(language).toBe(call.language);
      expect(segments.length).toBeGreaterThanOrEqual(8);
      expect(segments.length).toBeLessThanOrEqual(14);
      for (const channel of CHANNELS) {
        const own = segments.filter((segment) => segment.channel === channel);
        expect(own.length).toBeGreaterThan(0);
        let last = 0;
        for (const { start_ms, end_ms, text } of own) {
          expect(text).toMatch(/\p{L}/u);
          expect(start_ms).toBeGreaterThanOrEqual(last);
          expect(end_ms).toBeGreaterThan(start_ms);
          expect(end_ms).toBeLessThanOrEqual(call.duration_ms);
          last = end_ms;
        }
      }
      expect(segments.filter(({ channel }) => channel !== 0 && channel !== 1)).toEqual([]);
    });

    it.each(CHANNELS)('has speech on channel %i in its segments and nowhere else', (channel) => {
      const samples = audio[channel] ?? new Int16Array();
      expect(peak(samples)).toBeLessThan(32_000);
      const rest = samples.slice();
      for (const { start_ms, end_ms, text } of segments.filter((segment) => segment.channel === channel)) {
        const [start, end] = [start_ms * 8, end_ms * 8];
        expect(rms(samples.subarray(start, end)), text).toBeGreaterThan(1000);
        // The voice begins and ends within 50 ms of the transcript's times.
        expect(peak(samples.subarray(start, start + 400)), text).toBeGreaterThan(90);
        expect(peak(samples.subarray(end - 400, end)), text).toBeGreaterThan(90);
        rest.fill(0, start, end);
      }
      expect(rms(rest)).toBeLessThan(20);
      expect(peak(rest)).toBeLessThan(100);
    });
  });
});
