// Transcripts as SRT: what recognizers and editors write, hostile files, searching and seeking.
import { describe, expect, it } from 'vitest';
import { hitAfter, searchLines } from '../../../../src/console/player/content/search.ts';
import { readTranscript } from '../../../../src/console/player/content/transcript.ts';

const read = (text: string) => readTranscript('application/x-subrip', text) ?? [];
const shown = (text: string) => read(text).map(({ start, end, channel, text: said }) => [start, end, channel, said]);

const FILE = [
  '1\n00:00:01,000 --> 00:00:02,500\nAgent: Good morning &amp; <i>welcome</i>\nto the bank',
  '2\n00:00:03,000 --> 00:00:04,000 X1:100 Y1:20\nCustomer: my card was lost',
  '3\n01:00:00,250 --> 01:00:01,000\n客户：你好',
].join('\n\n');
const LINES = [
  [1000, 2500, 0, 'Good morning & welcome to the bank'],
  [3000, 4000, 1, 'my card was lost'],
  [3_600_250, 3_601_000, 1, '你好'],
];

describe('a transcript as SRT', () => {
  it.each([
    ['LF', FILE],
    ['CRLF', FILE.replaceAll('\n', '\r\n')],
    ['CR', FILE.replaceAll('\n', '\r')],
    ['CRLF and a byte order mark', `\uFEFF${FILE.replaceAll('\n', '\r\n')}`],
    ['lines that were doubled', FILE.replaceAll('\n', '\r\r\n')],
    ['no numbers', FILE.replaceAll(/^\d+\n/gm, '')],
    ['no blank lines between cues', FILE.replaceAll('\n\n', '\n')],
    ['dots in its times', FILE.replaceAll(/(:\d\d),/g, '$1.')],
    ['numbers that are huge', FILE.replaceAll(/^\d+$/gm, '9'.repeat(400))],
  ])('with %s has lines in order of time, with speakers as channels', (_, text) => {
    expect(shown(text)).toEqual(LINES);
  });

  it('distinguishes speakers by the names that recognizers write, and no other words before a colon', () => {
    const said = [
      'Speaker 2: One',
      'speaker_7: Two',
      'SPEAKER 2: Three',
      'Note: Four',
      '- Agent smith: Five',
      '时间：六',
    ];
    const file = said.map((text, n) => `00:00:0${n},000 --> 00:00:0${n},900\n${text}`).join('\n\n');
    expect(read(file).map(({ channel, text }) => [channel, text])).toEqual([
      [0, 'One'],
      [1, 'Two'],
      [0, 'Three'],
      [0, 'Note: Four'],
      [0, '- Agent smith: Five'],
      [0, '时间：六'],
    ]);
  });

  it('has no tags, overrides and escaped line breaks, and keeps any other mark', () => {
    const body = String.raw`{\an8}<font color="#fff">one</font>\Ntwo\hthree <b>4 < 5</b> > 3 <script>alert(1)</script>`;
    expect(shown(`1\n0:01,000 --> 0:02,000\n${body}`)).toEqual([
      [1000, 2000, 0, 'one two three 4 < 5 > 3 <script>alert(1)</script>'],
    ]);
  });

  it('keeps a number that is said, and a text with blank lines in it', () => {
    const cue = (second: number, text: string) => `00:00:0${second},000 --> 00:00:0${second},900\n${text}`;
    const numbered = `1\n${cue(1, '42')}\n\n2\n${cue(2, 'one\n\ntwo')}\n\n3\n${cue(3, 'x')}`;
    expect(read(numbered).map(({ text }) => text)).toEqual(['42', 'one two', 'x']);
    expect(read(`${cue(1, '42')}\n\n${cue(2, 'x')}`).map(({ text }) => text)).toEqual(['42', 'x']);
  });

  it('has overlapping cues in order, an end not before its start, and no time before the call or of too many digits', () => {
    const file = [
      '1\n00:00:05,000 --> 00:00:09,000\nlong',
      '2\n00:00:04,000 --> 00:00:06,000\nfirst',
      '3\n00:00:08,000 --> 00:00:07,000\nback',
      '4\n-00:00:03,000 --> -00:00:01,000\nbefore',
      `5\n${'9'.repeat(400)}:00:00,000 --> ${'9'.repeat(400)}:00:01,000\nnever`,
      '6\n00:00:10,000 --> 00:00:11,000\n\n',
    ].join('\n\n');
    expect(shown(file)).toEqual([
      [0, 0, 0, 'before'],
      [4000, 6000, 0, 'first'],
      [5000, 9000, 0, 'long'],
      [8000, 8000, 0, 'back'],
      [31_536_000_000, 31_536_000_000, 0, 'never'],
    ]);
  });

  it('is null without a cue, and empty with cues that say nothing', () => {
    for (const none of ['', '\uFEFF', 'Hello', '1\n2\n', 'WEBVTT\n']) {
      expect(readTranscript('application/x-subrip', none)).toBeNull();
    }
    expect(read('1\n0:01,000 --> 0:02,000\n\n2\n0:03,000 --> 0:04,000\n <i> </i> \n')).toEqual([]);
  });

  it('is searched as any other, and a match has the time to seek to', () => {
    const hits = searchLines(read(FILE), 'card', 'en');
    expect(hits.map(({ line, at }) => [line, at])).toEqual([[1, 3188]]);
    expect(searchLines(read(FILE), '你好', 'zh-CN')).toHaveLength(1);
    expect(hitAfter(searchLines(read(FILE), 'o', 'en'), 2900)).toBe(5);
    expect(read(FILE)[1]?.parts).toMatchObject([{ start: 3000, end: 4000, timed: false }]);
  });
});

describe('a hostile SRT', () => {
  const MANY = 500_000;
  const one = (body: string) => read(`1\n0:01,000 --> 0:02,000\n${body}`).map(({ text }) => text.length);

  it.each([
    ['tags that never end', '<b '.repeat(MANY), 3 * MANY - 1],
    ['a tag with spaces that never ends', `<b${' '.repeat(MANY)}x`, 4],
    ['overrides that never end', '{\\'.repeat(MANY), 2 * MANY],
    ['arrows', '-->'.repeat(MANY), 3 * MANY],
    ['digits', '1'.repeat(MANY), 0],
    ['digits and a word', `${'1'.repeat(MANY)}x`, MANY + 1],
    ['spaces', `${' '.repeat(MANY)}x`, 1],
    ['blank lines', `${'\n'.repeat(MANY)}x`, 1],
  ])('of %s is read in one pass', (_, body, length) => {
    expect(one(`${body}\n0:03,000 --> 0:04,000\n`)).toEqual(length === 0 ? [] : [length]);
  });

  it('of 10 MB and of many cues becomes as many lines', () => {
    const text = 'a'.repeat(200);
    const cue = (n: number) => `${n}\n00:${n % 60}:00,000 --> 99:00:00,000\nspeaker ${n % 999}: ${text}\n`;
    const lines = read(Array.from({ length: 40_000 }, (_, n) => cue(n)).join('\n'));
    expect(lines).toHaveLength(40_000);
    expect(new Set(lines.map((line) => line.text))).toEqual(new Set([text]));
    expect(read(`1\n0:01,000 --> 0:02,000\n${'a '.repeat(5_000_000)}`).map((line) => line.text.length)).toEqual([
      9_999_999,
    ]);
  });
});
