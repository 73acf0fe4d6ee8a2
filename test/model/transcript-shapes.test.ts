// Transcripts of speech recognizers: identified by their shape, shown by the console, and hostile JSON that looks like one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTranscript } from '../../src/console/player/content/transcript.ts';
import { hasCode } from '../../src/errors.ts';
import { checkTranscript } from '../../src/model/transcript.ts';
import { DEEPEST_SHAPE, readShape } from '../../src/model/transcript-shapes.ts';
import { TRANSCRIPT_ANY_JSON, TRANSCRIPT_JSON } from '../../src/model/transcript-types.ts';

const FOLDER = join(import.meta.dirname, '../vectors/transcripts');
const fixture = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const GOOD = [100, 900, 0, 'Good morning.'];
const HELLO = [2000, 2900, 1, 'Hello, there.'];
/** Google writes no punctuation here. */
const PLAIN = [
  [100, 900, 0, 'good morning'],
  [2000, 2900, 1, 'hello there'],
];

/** Each fixture, whose it is, its lines, and how many of its words have a measured time. */
const FIXTURES: readonly (readonly [string, string, readonly (readonly unknown[])[], number])[] = [
  [
    'contact-lens.json',
    'Contact Lens',
    [
      [100, 1900, 0, 'Harbour Bank, good morning.'],
      [2000, 4800, 1, 'My number is [PII].'],
    ],
    1,
  ],
  [
    'call-analytics.json',
    'Contact Lens',
    [
      [100, 900, 0, 'Good morning.'],
      [2000, 2600, 1, 'Hello there.'],
    ],
    2,
  ],
  ['transcribe-channels.json', 'Amazon Transcribe', [GOOD, HELLO], 4],
  ['transcribe-speakers.json', 'Amazon Transcribe', [GOOD, HELLO], 4],
  ['google-channels.json', 'Google', PLAIN, 4],
  ['google-speakers.json', 'Google', PLAIN, 4],
  ['google-v2.json', 'Google', PLAIN, 4],
  ['azure-batch.json', 'Azure', [GOOD, HELLO], 2],
  ['azure-fast.json', 'Azure', [GOOD, HELLO], 4],
  ['deepgram-channels.json', 'Deepgram', [GOOD, HELLO], 4],
  ['deepgram-utterances.json', 'Deepgram', [GOOD, HELLO], 4],
  ['genesys-cloud.json', 'Genesys Cloud', [GOOD, HELLO], 4],
  ['whisper.json', 'Whisper', [GOOD, [2000, 2900, 0, 'Hello, there.']], 2],
  ['whisperx.json', 'Whisper', [GOOD, HELLO], 3],
  ['whisper-cpp.json', 'whisper.cpp', [GOOD, HELLO], 3],
];

/** The stored type of a text, or null where it is rejected. */
async function typeOf(text: string): Promise<string | null> {
  try {
    return await checkTranscript(TRANSCRIPT_ANY_JSON, Buffer.from(text), 'en', async () => undefined);
  } catch (error) {
    if (!hasCode(error, 'transcript_invalid')) throw error;
    return null;
  }
}

function recognizerOf(text: string, piece = text.length): unknown {
  const reader = readShape();
  for (let at = 0; at < text.length; at += piece) reader.push(text.slice(at, at + piece));
  reader.finish();
  return reader.found();
}

const shown = (text: string) => readTranscript(TRANSCRIPT_ANY_JSON, text) ?? [];

describe('the transcript of a recognizer', () => {
  it('has a fixture for every form', () => {
    expect(FIXTURES.map(([name]) => name).sort()).toEqual(readdirSync(FOLDER).sort());
  });

  it.each(FIXTURES)('%s is recognized as one of %s, and shown', async (name, recognizer, lines, timed) => {
    const text = fixture(name);
    for (const piece of [1, 7, text.length])
      expect(recognizerOf(text, piece)).toEqual({ name: recognizer, words: true });
    expect(await typeOf(text)).toBe(TRANSCRIPT_ANY_JSON);
    const found = shown(text);
    expect(found.map(({ start, end, channel, text: said }) => [start, end, channel, said])).toEqual(lines);
    expect(found.flatMap(({ parts }) => parts).filter((part) => part.timed)).toHaveLength(timed);
  });

  it('shows the redactions of Contact Lens at their times', () => {
    const [, line] = shown(fixture('contact-lens.json'));
    expect(line?.parts.filter(({ redaction }) => redaction !== null)).toEqual([
      expect.objectContaining({ start: 3000, end: 4700, redaction: 'other', text: '[PII]' }),
    ]);
  });

  it('of Genesys Cloud has its times from the start of the communication where they count from 1970', () => {
    const phrase = { startTimeMs: 1_772_442_905_000, text: 'x', participantPurpose: 'internal' };
    const linesOf = (transcript: object, more = {}) =>
      shown(JSON.stringify({ ...more, transcripts: [{ phrases: [phrase], ...transcript }] })).map((line) => line.start);
    expect(linesOf({}, { startTime: 1_772_442_900_000, conversationStartTime: 1_772_442_800_000 })).toEqual([5000]);
    expect(linesOf({ startTime: 1_772_442_904_000 })).toEqual([1000]);
    expect(linesOf({}, { conversationStartTime: 1_772_442_903_000 })).toEqual([2000]);
    expect(linesOf({})).toEqual([0]);
    const relative = { phrases: [{ ...phrase, startTimeMs: 4200, duration: { milliseconds: 800 } }] };
    expect(linesOf(relative, { startTime: 1_772_442_900_000 })).toEqual([4200]);
  });

  it('of Genesys Cloud shows its text with punctuation where it has one', () => {
    const phrases = [
      { startTimeMs: 1, text: 'one', decoratedText: 'One.', participantPurpose: 'external' },
      { startTimeMs: 2, text: 'two', decoratedText: ' ', participantPurpose: 'IVR' },
      { startTimeMs: 3, text: 'three' },
    ];
    const lines = shown(JSON.stringify({ transcripts: [{ phrases }] }));
    expect(lines.map(({ text, channel, by }) => [text, channel, by])).toEqual([
      ['One.', 1, 'role'],
      ['two', 0, 'order'],
      ['three', 0, 'none'],
    ]);
  });

  it('is not one of callvault, which keeps its own check', async () => {
    const own = JSON.stringify({ v: 1, language: 'en', segments: [{ start_ms: 0, end_ms: 1, channel: 0, text: 'x' }] });
    expect(await typeOf(own)).toBe(TRANSCRIPT_JSON);
    // A declared type of callvault admits no other form.
    const whisper = Buffer.from(fixture('whisper.json'));
    await expect(checkTranscript(TRANSCRIPT_JSON, whisper, 'en', async () => undefined)).rejects.toMatchObject({
      code: 'transcript_invalid',
    });
  });

  it.each([
    ['of no words', '{"Transcript":[]}', TRANSCRIPT_ANY_JSON],
    [
      'of silence on two channels',
      '{"results":{"channels":[{"alternatives":[{"transcript":"","words":[]}]}]}}',
      TRANSCRIPT_ANY_JSON,
    ],
    ['without times', '{"Transcript":[{"Content":"secret"}]}', null],
    ['of words without text', '{"segments":[{"start":0,"end":1}]}', null],
    ['of phrases without times', '{"transcripts":[{"phrases":[{"text":"x"}]}]}', null],
    ['of no phrases', '{"transcripts":[{"phrases":[]}]}', TRANSCRIPT_ANY_JSON],
    ['of other transcripts', '{"transcripts":[{"start":0,"text":"x"}]}', null],
    ['of no known form', '{"utterances":[{"start":0}]}', null],
    ['that is a list', '[{"start":0,"end":1,"text":"x"}]', null],
    ['that ends too early', '{"Transcript":[', null],
    ['that is not UTF-8', Buffer.from([0x7b, 0x22, 0xe9, 0x22]).toString('latin1'), null],
    ['nested too deeply', `{"Transcript":${'['.repeat(DEEPEST_SHAPE + 1)}${']'.repeat(DEEPEST_SHAPE + 1)}}`, null],
  ])('%s is stored as %s', async (_, text, type) => {
    expect(await typeOf(text)).toBe(type);
  });

  it('names no word in its error', async () => {
    const text = '{"Transcript":[{"Content":"secret","ParticipantId":"secret"}]}';
    const check = checkTranscript(TRANSCRIPT_ANY_JSON, Buffer.from(text), 'en', async () => undefined);
    await expect(check).rejects.toThrow(/^the transcript looks like one of Contact Lens/);
  });

  it('that was changed anywhere is rejected or shown, and never fails', async () => {
    const values = fc.constantFrom('null', '[]', '{}', '-1', '1e300', '"x"', '[[]]', 'true', '"1e9"');
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FIXTURES), fc.nat(), values, async ([name], at, value) => {
        const tokens = [...fixture(name).matchAll(/"(?:[^"\\]|\\.)*"(?=\s*[,\]}])|-?\d[\d.]*(?=\s*[,\]}])/g)];
        const token = tokens[at % tokens.length];
        if (token === undefined) throw new Error('a fixture without values');
        const whole = fixture(name);
        const text = `${whole.slice(0, token.index)}${value}${whole.slice(token.index + token[0].length)}`;
        const lines = readTranscript(TRANSCRIPT_ANY_JSON, text);
        if ((await typeOf(text)) !== TRANSCRIPT_ANY_JSON) return;
        accepted += 1;
        expect(lines).not.toBeNull();
        for (const { start, end, channel } of lines ?? []) {
          expect(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start).toBe(true);
          expect(Number.isInteger(channel) && channel >= 0).toBe(true);
        }
      }),
      { numRuns: 1_500 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  }, 60_000);

  it.each([
    ['objects', `{"Transcript":[${'{},'.repeat(1_500_000)}{}]}`],
    ['members of one object', `{"Transcript":[{${Array.from({ length: 400_000 }, (_, n) => `"m${n}":1`).join()}}]}`],
    [
      'words',
      `{"segments":[{"start":0,"end":9,"text":"${'a '.repeat(300_000)}","words":[${'{"word":"a","start":1,"end":2},'.repeat(150_000)}{}]}]}`,
    ],
    [
      'speakers',
      `{"phrases":[${Array.from({ length: 60_000 }, (_, n) => `{"offsetMilliseconds":${n},"text":"x","speaker":${n}}`).join()}]}`,
    ],
    [
      'items of one line',
      `{"results":{"items":[${'{"start_time":"1","end_time":"1","alternatives":[{"content":"a"}]},'.repeat(60_000)}{}]}}`,
    ],
  ])(
    'of very many %s takes time in proportion',
    async (_, text) => {
      const start = process.cpuUsage();
      await typeOf(text);
      readTranscript(TRANSCRIPT_ANY_JSON, text);
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1e6).toBeLessThan(20);
    },
    120_000,
  );
});
