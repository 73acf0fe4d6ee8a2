// Transcripts built to block the listener's page: each is parsed in one pass, or the test never ends.
import { describe, expect, it } from 'vitest';
import { searchLines } from '../../../../src/console/player/content/search.ts';
import { readTranscript } from '../../../../src/console/player/content/transcript.ts';

const MANY = 500_000;
const vtt = (body: string) => readTranscript('text/vtt', `WEBVTT\n\n00:01.000 --> 00:02.000\n${body}`) ?? [];
const json = (text: string, word = '', words = 0) => {
  const spoken = Array.from({ length: words }, () => ({ start_ms: 0, end_ms: 1, text: word }));
  const segments = [{ start_ms: 0, end_ms: 9, channel: 0, text, words: spoken }];
  return readTranscript('application/json', JSON.stringify({ v: 1, segments })) ?? [];
};
const lengths = (lines: readonly { readonly text: string }[]) => lines.map(({ text }) => text.length);

describe('a transcript', () => {
  it.each([
    ['marks that never end', '<'.repeat(MANY), MANY],
    ['marks within marks', '<a'.repeat(MANY), 2 * MANY],
    ['a voice that never ends', `<v${' '.repeat(MANY)}`, 2],
    ['a time that never ends', `<${'1'.repeat(MANY)}`, MANY + 1],
  ])('of %s becomes a line', (_, body, length) => {
    expect(lengths(vtt(body))).toEqual([length]);
  });

  it('of as many voices as cues is as many lines', () => {
    const cues = Array.from({ length: 40_000 }, (_, n) => `00:01.000 --> 00:02.000\n<v N${n}>x`);
    expect(readTranscript('text/vtt', `WEBVTT\n\n${cues.join('\n\n')}`)).toHaveLength(40_000);
  });

  it('of an unterminated pause, of missing words and of many words becomes one line each', () => {
    expect(lengths(json(`[pause${' '.repeat(MANY)}`))).toEqual([MANY + 6]);
    expect(lengths(json('a'.repeat(MANY), 'b', 50_000))).toEqual([MANY]);
    const [line] = json('ab '.repeat(50_000), 'ab', 50_000);
    expect(line?.parts).toHaveLength(100_000);
    expect(line?.parts.filter(({ timed }) => timed)).toHaveLength(50_000);
  });

  it('of one word again and again is searched for two', () => {
    const lines = json('ab ba '.repeat(30_000));
    expect(searchLines(lines, 'ba-ab', 'en')).toHaveLength(60_000);
  });
});
