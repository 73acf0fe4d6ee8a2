// Run by hand: `node --import tsx test/samples/make-samples.ts` (needs espeak-ng, sox and ffmpeg) makes the sample calls again,
// from the lines and pauses of their transcripts.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RATE = 8000;
const PER_MS = RATE / 1000;

type Voice = {
  readonly name: string;
  readonly pitch: number;
  readonly speed: number;
  /** Peak of each line in dB below full scale. */
  readonly peak: number;
};

/** The agent's voice and the caller's, by the call's file without its ending. */
const VOICES: Readonly<Record<string, readonly [agent: Voice, caller: Voice]>> = {
  'harbour-1-lost-card': [
    { name: 'en-gb+f3', pitch: 52, speed: 205, peak: -4 },
    { name: 'en-gb+m3', pitch: 36, speed: 200, peak: -6 },
  ],
  'harbour-2-payment-check': [
    { name: 'en-gb-scotland+m7', pitch: 45, speed: 215, peak: -5 },
    { name: 'en-gb-x-rp+f2', pitch: 60, speed: 210, peak: -4 },
  ],
  'harbour-3-transfer-zh': [
    { name: 'cmn+f2', pitch: 55, speed: 235, peak: -4 },
    { name: 'cmn+m3', pitch: 35, speed: 230, peak: -6 },
  ],
  'yunhai-1-change-flight': [
    { name: 'cmn+f4', pitch: 58, speed: 235, peak: -4 },
    { name: 'cmn+m7', pitch: 42, speed: 240, peak: -4 },
  ],
  'yunhai-2-hotel-confirm': [
    { name: 'cmn+m1', pitch: 48, speed: 240, peak: -5 },
    { name: 'cmn+f5', pitch: 62, speed: 235, peak: -5 },
  ],
  'yunhai-3-lost-bag-en': [
    { name: 'en-us+f2', pitch: 50, speed: 205, peak: -4 },
    { name: 'en-us+m2', pitch: 40, speed: 205, peak: -6 },
  ],
};

/** A line of a transcript: 0 is the agent, 1 the caller. */
type Segment = { readonly start_ms: number; readonly end_ms: number; readonly channel: 0 | 1; readonly text: string };
type Transcript = { readonly language: string; readonly segments: readonly Segment[] };
/** An entry of calls.json; other members stay unchanged. */
type Call = { readonly file: string; readonly transcript: string; readonly encoding: 'pcm16' | 'mulaw' };

/** Calls uploaded in another format than WAV: file ending and encoder. */
const SENT_FORMATS: Readonly<Record<string, readonly [ending: string, encoder: string]>> = {
  'harbour-2-payment-check': ['mp3', '-c:a libmp3lame -b:a 24k'],
  'yunhai-2-hotel-confirm': ['ogg', '-c:a libopus -b:a 24k -application voip'],
};

/** Samples below this count as silence (about -50 dB of full scale). */
const QUIET = 100;
/** Longest pause inside a line: espeak-ng pauses long at commas. */
const INNER_PAUSE = 130 * PER_MS;

/** Telephone band, with headroom for the filters' overshoot. */
const BAND = `gain -9 highpass 200 lowpass 3400 rate -v ${RATE}`;

function words(text: string): string[] {
  return text.split(' ');
}

/** Cuts silence at both ends of the voice and shortens the pauses in it. */
function shortenPauses(pcm: Int16Array): Int16Array {
  const out: number[] = [];
  let quiet: number[] = [];
  for (const sample of pcm) {
    if (Math.abs(sample) < QUIET) {
      quiet.push(sample);
      continue;
    }
    if (out.length > 0) {
      const half = INNER_PAUSE / 2;
      out.push(...(quiet.length <= INNER_PAUSE ? quiet : [...quiet.slice(0, half), ...quiet.slice(-half)]));
    }
    quiet = [];
    out.push(sample);
  }
  if (out.length === 0) throw new Error('espeak-ng said nothing');
  return Int16Array.from(out);
}

/** One line of speech in the telephone band, 8 kHz mono. */
function synthesize(work: string, voice: Voice, text: string): Int16Array {
  const spoken = join(work, 'line.wav');
  execFileSync('espeak-ng', ['-v', voice.name, '-p', `${voice.pitch}`, '-s', `${voice.speed}`, '-w', spoken, text]);
  const raw = execFileSync(
    'sox',
    ['-D', spoken, ...words('-t raw -e signed -b 16 -L -c 1 -'), ...words(BAND), 'gain', '-n', `${voice.peak}`],
    { maxBuffer: 1 << 26 },
  );
  return shortenPauses(Int16Array.from({ length: raw.length / 2 }, (_, i) => raw.readInt16LE(i * 2)));
}

/** Synthesises one call, writes its sound and its transcript, and returns its entry for calls.json. */
function makeCall(work: string, folder: string, call: Call): object {
  const { file, transcript } = call;
  const base = file.replace(/\.wav$/, '');
  const voices = VOICES[base];
  if (voices === undefined) throw new Error(`${base} has no voices`);
  const said = JSON.parse(readFileSync(join(folder, transcript), 'utf8')) as Transcript;
  let [end, endBefore] = [0, 0];
  const placed = said.segments.map(({ channel, text, start_ms, end_ms }) => {
    const pcm = synthesize(work, voices[channel], text);
    // The pause before the line, as it was; a negative one overlaps the line before.
    const gap = start_ms - endBefore;
    endBefore = Math.max(endBefore, end_ms);
    // Whole milliseconds, so that the transcript's times are exact.
    const start = Math.ceil(end / PER_MS) * PER_MS + gap * PER_MS;
    end = Math.max(end, start + pcm.length);
    return { channel, text, start, pcm };
  });
  const durationMs = Math.ceil(end / PER_MS) + 300;
  const frames = Buffer.alloc(durationMs * PER_MS * 4);
  for (const { channel, start, pcm } of placed) {
    pcm.forEach((sample, i) => {
      frames.writeInt16LE(sample, (start + i) * 4 + channel * 2);
    });
  }
  const format = call.encoding === 'mulaw' ? '-e mu-law -b 8' : '-e signed -b 16';
  execFileSync(
    'sox',
    ['-D', ...words(`-t raw -r ${RATE} -e signed -b 16 -L -c 2 -`), '-t', 'wav', ...words(format), join(folder, file)],
    { input: frames },
  );
  const [ending, encoder] = SENT_FORMATS[base] ?? [];
  const sent = ending === undefined ? {} : { sent: `${base}.${ending}` };
  if (sent.sent !== undefined && encoder !== undefined) {
    const from = ['-y', '-loglevel', 'error', '-i', join(folder, file), ...words('-map_metadata -1 -bitexact')];
    execFileSync('ffmpeg', [...from, ...words(encoder), join(folder, sent.sent)]);
  }
  const segments = placed.map(({ channel, text, start, pcm }) => ({
    start_ms: start / PER_MS,
    end_ms: Math.ceil((start + pcm.length) / PER_MS),
    channel,
    text,
  }));
  writeFileSync(join(folder, transcript), transcriptText(said.language, segments));
  console.log(`${file}: ${durationMs} ms, ${statSync(join(folder, file)).size} bytes`);
  return { ...call, ...sent, duration_ms: durationMs };
}

/** A line a segment. */
function transcriptText(language: string, segments: readonly object[]): string {
  const lines = segments.map((segment) => `  ${JSON.stringify(segment)}`).join(',\n');
  return `{ "v": 1, "language": "${language}", "segments": [\n${lines}\n] }\n`;
}

const folder = fileURLToPath(new URL('../../scripts/samples/', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'callvault-samples-'));
try {
  const list = join(folder, 'calls.json');
  const calls = (JSON.parse(readFileSync(list, 'utf8')) as Call[]).map((call) => makeCall(work, folder, call));
  writeFileSync(list, `${JSON.stringify(calls, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true });
}
const total = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
console.log(`${total} bytes in scripts/samples`);
