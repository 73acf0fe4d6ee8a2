// Transcripts and their JSON reader: accepted texts, invalid fields, and linear cost.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { readJson, type Scalar } from '../../src/model/json-reader.ts';
import { checkTranscript, MAX_TRANSCRIPT, TRANSCRIPT_SLICE } from '../../src/model/transcript.ts';
import { TRANSCRIPT_JSON, TRANSCRIPT_VTT } from '../../src/model/transcript-types.ts';

const NOTHING = { open: () => undefined, close: () => undefined, name: () => undefined, scalar: () => undefined };

/** Whether the reader accepts a text, cut into pieces. */
function takes(text: string, piece: number, scalar: (value: Scalar) => void = () => undefined): boolean {
  const reader = readJson({ ...NOTHING, scalar }, 100);
  try {
    for (let at = 0; at < text.length; at += piece) reader.push(text.slice(at, at + piece));
    reader.finish();
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the JSON reader', () => {
  it('accepts exactly what JSON.parse accepts, for every split into pieces', () => {
    const change = fc.tuple(fc.nat(), fc.constantFrom(...'[]{}:,"\\u0123eE+-.tfn \n\u0001x'));
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 5 }),
        fc.array(change, { maxLength: 2 }),
        fc.integer({ min: 1, max: 9 }),
        (json, changes, piece) => {
          let text = json;
          for (const [at, character] of changes) {
            const place = at % (text.length + 1);
            text = text.slice(0, place) + character + text.slice(place + (at % 2));
          }
          expect(takes(text, piece)).toBe(isJson(text));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    '',
    ' ',
    '1',
    '-0',
    '01',
    '1.',
    '.5',
    '1e5',
    '1E+5',
    '1e',
    '+1',
    '-',
    'nul',
    'truefalse',
    'Infinity',
    '[1 2]',
    '[1,]',
    '{,}',
    '{"a":1,}',
    '{"a"}',
    '{1:1}',
    '[1}',
    '"\\u12g4"',
    '"\\u1234"',
    '"\\x"',
    '"\t"',
    '1 1',
    '[]]',
    '"a',
    '{"a":[{}]}',
    '\u00a01',
    '"\u2028"',
  ])('agrees with JSON.parse about %j', (text) => {
    for (const piece of [1, 2, 100]) expect(takes(text, piece)).toBe(isJson(text));
  });

  it('returns the values that JSON.parse returns', () => {
    const values: Scalar[] = [];
    takes('[1.50, -2e3, "a\\u0062\\n", true, false, null, ""]', 3, (value) => void values.push(value));
    expect(values).toEqual([1.5, -2_000, 'ab\n', true, false, null, '']);
  });
});

/** The invalid fields of a transcript, or the error code where there are none. */
async function faultsOf(type: string, text: string | Uint8Array, language = 'en'): Promise<unknown> {
  try {
    await checkTranscript(type, Buffer.from(text), language, () => Promise.resolve());
    return 'taken';
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return error.fields.length > 0 ? error.fields : `${error.code}: ${error.message}`;
  }
}

const good = { start_ms: 0, end_ms: 1, channel: 0, text: 'hello' };
const word = { start_ms: 0, end_ms: 1, text: 'hello' };
const of = (segments: unknown, rest = {}): string => JSON.stringify({ v: 1, language: 'en', segments, ...rest });

describe('a transcript', () => {
  it.each([
    ['no segments', of([])],
    ['segments and words', of([good, { ...good, words: [word, word] }])],
    ['a mark of the byte order', `\uFEFF${of([good])}`],
    ['names and values that are escaped', '{"\\u0076":1.0,"language":"\\u0065n","segments":[]}'],
    ['a text of many thousand letters', of([{ ...good, text: 'é'.repeat(100_000) }])],
  ])('with %s is accepted', async (_, text) => {
    expect(await faultsOf(TRANSCRIPT_JSON, text)).toBe('taken');
  });

  it.each([
    ['a list', '[]', [{ pointer: '', detail: 'must be an object' }]],
    ['a number', '1', [{ pointer: '', detail: 'must be an object' }]],
    ['nothing', '{}', ['/v', '/language', '/segments']],
    ['segments that are none', of({ a: [] }), ['/segments']],
    ['a segment that is a list', of([good, []]), ['/segments/1']],
    ['an unknown member', of([{ ...good, __proto__x: { deep: [1] } }]), ['/segments/0']],
    ['an unknown member outside', of([], { other: 1 }), ['']],
    ['another language', of([], { language: 'de' }), ['/language']],
    ['a text that is a list', of([{ ...good, text: ['a'] }]), ['/segments/0/text']],
    ['words that are null', of([{ ...good, words: null }]), ['/segments/0/words']],
    ['a bad word', of([{ ...good, words: [word, { ...word, end_ms: -1 }] }]), ['/segments/0/words/1/end_ms']],
    ['a channel of 64', of([{ ...good, channel: 64 }]), ['/segments/0/channel']],
    ['a number of 70 digits', of([]).replace('1', `1.${'0'.repeat(70)}`), ['/v']],
  ])('with %s names the field', async (_, text, places) => {
    const expected = places.map((place) =>
      typeof place === 'string' ? expect.objectContaining({ pointer: place }) : place,
    );
    expect(await faultsOf(TRANSCRIPT_JSON, text)).toEqual(expected);
  });

  it('names at most ten fields', async () => {
    expect(await faultsOf(TRANSCRIPT_JSON, of(Array.from({ length: 100_000 }, () => 1)))).toHaveLength(10);
  });

  it.each([
    [
      'that is nested too deeply',
      '['.repeat(MAX_TRANSCRIPT),
      'transcript_invalid: the transcript is nested too deeply',
    ],
    ['that is not JSON', `${of([good])}x`, 'transcript_invalid: the transcript is not JSON'],
    ['that is cut', of([good]).slice(0, -1), 'transcript_invalid: the transcript is not JSON'],
  ])('%s is rejected', async (_, text, fault) => {
    expect(await faultsOf(TRANSCRIPT_JSON, text)).toBe(fault);
  });

  it('is rejected with a truncated last character, and accepted with one split between slices', async () => {
    const cut = Buffer.concat([Buffer.from('WEBVTT\n'), Buffer.alloc(TRANSCRIPT_SLICE - 8, 0x61), Buffer.from('é')]);
    expect(await faultsOf(TRANSCRIPT_VTT, cut)).toBe('taken');
    expect(await faultsOf(TRANSCRIPT_VTT, cut.subarray(0, -1))).toBe('transcript_invalid: the transcript is not UTF-8');
  });

  it('yields to other work after each slice', async () => {
    const bytes = Buffer.from(
      of(Array.from({ length: 60_000 }, () => ({ ...good, words: [word] }))).slice(0, MAX_TRANSCRIPT),
    );
    let pauses = 0;
    const pause = () => Promise.resolve(void pauses++);
    await checkTranscript(TRANSCRIPT_JSON, bytes, 'en', pause).catch(() => undefined);
    expect(pauses).toBeGreaterThanOrEqual(Math.floor(bytes.length / TRANSCRIPT_SLICE));
  });
});
