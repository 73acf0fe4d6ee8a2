// Transcripts of both media types as lines, with their parts, redactions and pauses.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pauseIn, redactionIn } from '../../../../src/console/player/content/line-parts.ts';
import { readTranscript } from '../../../../src/console/player/content/transcript.ts';

const JSON_TYPE = 'application/vnd.callvault.transcript+json';

function read(segments: readonly object[]) {
  return readTranscript(JSON_TYPE, JSON.stringify({ v: 1, language: 'en', segments }));
}

describe('a transcript as JSON', () => {
  it('has lines in order of time, with words at their times and the text between', () => {
    const words = [
      { start_ms: 1000, end_ms: 1400, text: 'Good' },
      { start_ms: 1500, end_ms: 2000, text: 'morning' },
    ];
    const lines = read([
      { start_ms: 3000, end_ms: 4000, channel: 1, text: 'Hello' },
      { start_ms: 1000, end_ms: 2500, channel: 0, text: 'Good morning, [name].', words },
    ]);
    expect(lines?.map(({ text }) => text)).toEqual(['Good morning, [name].', 'Hello']);
    const [first] = lines ?? [];
    expect(first?.timed).toBe(true);
    expect(first?.parts.map(({ text }) => text)).toEqual(['Good', ' ', 'morning', ', ', '[name]', '.']);
    expect(first?.parts[2]).toMatchObject({ start: 1500, end: 2000, timed: true });
    expect(first?.parts[4]).toMatchObject({ redaction: 'name', timed: false });
  });

  it('keeps every letter, even if the words differ from the text', () => {
    const word = fc.record({ start_ms: fc.nat(900), end_ms: fc.nat(900), text: fc.string({ maxLength: 5 }) });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(word, { maxLength: 6 }), (text, words) => {
        const [line] = read([{ start_ms: 0, end_ms: 1000, channel: 0, text, words }]) ?? [];
        expect(line?.parts.map((part) => part.text).join('') ?? text.trim()).toBe(line === undefined ? '' : text);
      }),
    );
  });

  it('is null if invalid and empty if empty; an invalid segment is dropped', () => {
    expect(read([])).toEqual([]);
    expect(readTranscript(JSON_TYPE, '{')).toBeNull();
    expect(readTranscript(JSON_TYPE, '[]')).toBeNull();
    expect(readTranscript(JSON_TYPE, '{"v":2,"segments":[]}')).toBeNull();
    expect(read([{ text: 'no times' }, { start_ms: 5, end_ms: 1, channel: 0, text: 'back' }])).toMatchObject([
      { start: 5, end: 5 },
    ]);
  });
});

describe('a transcript as WebVTT', () => {
  const file = [
    'WEBVTT - a call',
    'NOTE 00:00:00.000 --> 00:00:01.000\nnot shown',
    '1\n00:01.000 --> 00:02.500 align:start\n<v Agent Smith>Good <00:01.800>morning &amp; <b>welcome</b>',
    '01:00:00.000 --> 01:00:01.000\n<v 客户>你好\n再见',
    '00:05.000 --> 00:06.000\n<v Alice>One',
    '00:07.000 --> 00:08.000\n<v Bob>Two',
  ].join('\r\n\r\n');

  it('has lines with voices as channels, without tags, notes and entities', () => {
    const lines = readTranscript('text/vtt; charset=utf-8', file);
    expect(lines?.map(({ text, channel, start }) => [start, channel, text])).toEqual([
      [1000, 0, 'Good morning & welcome'],
      [5000, 0, 'One'],
      [7000, 1, 'Two'],
      [3_600_000, 1, '你好 再见'],
    ]);
    expect(lines?.[0]?.parts[0]).toMatchObject({ text: 'Good', start: 1000, end: 1800, timed: true });
  });

  it('that does not begin as one is none', () => {
    expect(readTranscript('text/vtt', 'WEBVTTX\n\n')).toBeNull();
    expect(readTranscript('text/vtt', '\uFEFFWEBVTT')).toEqual([]);
  });
});

describe('what is hidden', () => {
  it.each([
    ['手机号', 'phone'],
    ['PHONE_NUMBER', 'phone'],
    ['CREDIT_DEBIT_NUMBER', 'card'],
    ['CREDIT_DEBIT_CVV', 'code'],
    ['PIN', 'pin'],
    ['密码', 'pin'],
    ['BANK_ACCOUNT_NUMBER', 'account'],
    ['身份证号', 'identity'],
    ['姓名', 'name'],
    ['PII', 'other'],
    ['脱敏', 'other'],
    ['laughter', null],
    ['inaudible', null],
  ])('[%s] is %s', (label, kind) => {
    expect(redactionIn(label)).toBe(kind);
  });

  it('is a pause where a line says nothing else', () => {
    expect(pauseIn('[录音暂停：输入密码]')).toEqual({ why: '输入密码' });
    expect(pauseIn('[Recording paused]')).toEqual({ why: null });
    expect(pauseIn('We [recording paused] here')).toBeNull();
  });
});
