// Peaks of MP3 and Opus: equal to those of the original sound, for every split of the bytes into pieces.
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_PEAKS } from '../../src/model/peaks.ts';
import type { MediaProbes } from '../../src/ports/media-probe.ts';
import {
  decodeWithFfmpeg,
  encodeSample,
  patientProbes,
  peakDifference,
  peaksHeader,
  probeFile,
} from '../support/decoded-sound.ts';
import { mediaFile } from '../support/media-files.ts';
import { needs } from '../support/needs.ts';

const probes: MediaProbes = patientProbes();
afterAll(() => probes.close());

const typeOf = (ending: string): string => (ending === 'ogg' ? 'audio/ogg' : 'audio/mpeg');

/** Compares peaks: close on average at the same position, and not closer when shifted by one. */
function expectAlike(peaks: Buffer | null, original: Buffer | null, most: number): void {
  const { mean } = peakDifference(peaks, original);
  expect(mean).toBeLessThan(most);
  expect(peakDifference(peaks, original, 1).mean).toBeGreaterThan(3 * mean);
  expect(peakDifference(original, peaks, 1).mean).toBeGreaterThan(3 * mean);
}

/** Expects one peak per 50 ms of the call's length. */
function expectWhole({ durationMs, peaks }: { durationMs: number | null; peaks: Buffer | null }): void {
  const { ms, count } = peaksHeader(peaks);
  expect(count * ms - (durationMs ?? 0)).toBeGreaterThanOrEqual(0);
  expect(count * ms - (durationMs ?? 0)).toBeLessThan(2 * ms);
}

describe('a small file', () => {
  it.each([
    ['info.mp3', 1],
    ['xing.mp3', 1],
    ['vbr.mp3', 1],
    ['layer2.mp3', 1],
    ['mpeg25.mp3', 2],
    ['opus.ogg', 2],
  ])('%s has a lane for each of its channels: %d', async (name, channels) => {
    const facts = await probeFile(probes, typeOf(name.slice(-3)), mediaFile(name));
    expect([facts.channels, peaksHeader(facts.peaks).channels]).toEqual([channels, channels]);
    expectWhole(facts);
  });

  it.each(['vbr.mp3', 'opus.ogg'])('%s has the same peaks for every split into pieces', async (name) => {
    const bytes = mediaFile(name);
    const type = typeOf(name.slice(-3));
    const { peaks } = await probeFile(probes, type, bytes);
    expect(peaksHeader(peaks).count).toBeGreaterThan(30);
    for (const piece of [1, 27, 999]) expect((await probeFile(probes, type, bytes, piece)).peaks).toEqual(peaks);
  });

  it.each([
    ['vorbis.ogg', 'audio/ogg'],
    ['speex.ogg', 'audio/ogg'],
    ['flac.ogg', 'audio/ogg'],
    ['known.flac', 'audio/flac'],
    ['front.m4a', 'audio/mp4'],
    ['opus.m4a', 'audio/mp4'],
  ])('%s has a length and no peaks', async (name, type) => {
    const { durationMs, peaks } = await probeFile(probes, type, mediaFile(name));
    expect(durationMs).toBeGreaterThan(900);
    expect(peaks).toBeNull();
  });

  it('of MP3 with a changing sample rate is accepted without peaks', async () => {
    const facts = await probeFile(probes, 'audio/mpeg', Buffer.concat([mediaFile('vbr.mp3'), mediaFile('mpeg25.mp3')]));
    expect(facts.durationMs).toBeGreaterThan(3_000);
    expect(facts.peaks).toBeNull();
  });
});

/** By how much the encoders change the height of a peak on average, of 127. */
const LOSS = 3;
/** Decoders round differently, and ffmpeg conceals lost Opus packets in another way. */
const ROUNDING = 1;

const ffmpeg = needs('ffmpeg');
describe.skipIf(!ffmpeg.present)(`a call encoded by ffmpeg ${ffmpeg.reason}`, () => {
  it.each([
    ['mp3', 2, '-c:a libmp3lame -b:a 32k'],
    ['mp3', 2, '-c:a libmp3lame -q:a 4 -ar 44100 -id3v2_version 3 -metadata title=Call'],
    ['mp3', 1, '-ac 1 -c:a libmp3lame -abr 1 -b:a 24k -ar 22050'],
    ['ogg', 2, '-c:a libopus -b:a 32k'],
    ['ogg', 1, '-ac 1 -c:a libopus -b:a 16k -application voip'],
    ['ogg', 1, '-ac 1 -c:a libopus -b:a 24k -frame_duration 60 -page_duration 20000'],
    ['ogg', 2, '-c:a libopus -b:a 510k -vbr off -frame_duration 120'],
  ] as const)('as %s of %d channels has the peaks of the WAV: %s', async (ending, channels, args) => {
    const original = await probeFile(probes, 'audio/wav', encodeSample(`-ac ${channels} -c:a pcm_s16le`, 'wav'));
    const facts = await probeFile(probes, typeOf(ending), encodeSample(args, ending));
    expect(facts.channels).toBe(channels);
    expect(peaksHeader(facts.peaks)).toEqual(peaksHeader(original.peaks));
    expectAlike(facts.peaks, original.peaks, LOSS);
    expectWhole(facts);
  });

  it.each([
    ['mp3', '-c:a libmp3lame -b:a 16k -ar 8000 -write_xing 0'],
    ['mp3', '-ac 1 -c:a libmp3lame -b:a 8k -ar 16000'],
    ['mp3', '-c:a mp2 -b:a 160k -ar 48000 -f mp2'],
    ['ogg', '-c:a libopus -b:a 12k'],
    ['ogg', '-c:a libopus -b:a 48k -frame_duration 2.5'],
    ['ogg', '-ac 1 -c:a libopus -b:a 6k -packet_loss 10 -fec 1'],
  ] as const)('as %s has the peaks of what ffmpeg decodes of it: %s', async (ending, args) => {
    const file = encodeSample(args, ending);
    const facts = await probeFile(probes, typeOf(ending), file);
    const decoded = await probeFile(probes, 'audio/wav', decodeWithFfmpeg(file, ending));
    expectAlike(facts.peaks, decoded.peaks, ROUNDING);
    expectWhole(facts);
  });

  it('of 16 hours has peaks that are no longer than those of a WAV', async () => {
    const minute = encodeSample('-ac 1 -t 60 -c:a libmp3lame -b:a 8k -ar 8000 -write_xing 0 -id3v2_version 0', 'mp3', [
      ...['-f', 'lavfi', '-i', 'sine=f=400:r=8000'],
    ]);
    const facts = await probeFile(probes, 'audio/mpeg', Buffer.alloc(960 * minute.length, minute));
    expect(facts.durationMs).toBeGreaterThan(57_000_000);
    expect(peaksHeader(facts.peaks).ms).toBe(400);
    expect(facts.peaks?.length).toBeLessThanOrEqual(MAX_PEAKS);
    expectWhole(facts);
  });
});
