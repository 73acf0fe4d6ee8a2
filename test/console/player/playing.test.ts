// Turns, the loop, skipping silence, shortcuts, speeds and times.
import { describe, expect, it } from 'vitest';
import { formatClock } from '../../../src/console/i18n/format-clock.ts';
import { actionForKey, keepsKey, SHORTCUT_LINES, stepSpeed } from '../../../src/console/player/controls/shortcuts.ts';
import { jumpFrom, NO_LOOP, withEnd, withEndMoved, withStart } from '../../../src/console/player/sound/loop.ts';
import {
  clockParts,
  formatLength,
  formatPosition,
  formatTenths,
  parseTime,
  rulerMarks,
} from '../../../src/console/player/time/format-time.ts';
import { lineAt, nextTurn, previousTurn, speakersAt, turnStarts } from '../../../src/console/player/time/turns.ts';
import { initialZoom, stepZoom } from '../../../src/console/player/timeline/scale.ts';

describe('turns', () => {
  const lines = [0, 0, 1, 0].map((channel, n) => ({ start: n * 10_000, end: n * 10_000 + 9000, channel }));

  it('find the line that has begun', () => {
    expect([-1, 0, 9999, 10_000, 99_999].map((at) => lineAt(lines, at))).toEqual([-1, 0, 0, 1, 3]);
    expect(lineAt([], 5)).toBe(-1);
  });

  it('go from speaker to speaker; the current one restarts first', () => {
    const starts = turnStarts(lines);
    expect(starts).toEqual([0, 20_000, 30_000]);
    expect(nextTurn(starts, 0)).toBe(20_000);
    expect(nextTurn(starts, 30_000)).toBeNull();
    expect(previousTurn(starts, 25_000)).toBe(20_000);
    expect(previousTurn(starts, 20_500)).toBe(0);
  });

  it('name the speakers', () => {
    const voices = [[{ start: 0, end: 10 }], [{ start: 5, end: 20 }]];
    expect([2, 7, 15, 30].map((at) => speakersAt(voices, at))).toEqual([[0], [0, 1], [1], []]);
  });
});

describe('the A–B loop', () => {
  it('accepts its ends in any order, and none too close', () => {
    expect(withEnd(withStart(NO_LOOP, 5000), 9000)).toEqual({ a: 5000, b: 9000, on: true });
    expect(withEnd(withStart(NO_LOOP, 5000), 2000)).toEqual({ a: 2000, b: 5000, on: true });
    expect(withEnd(NO_LOOP, 3000)).toEqual({ a: 0, b: 3000, on: true });
    expect(withStart({ a: 0, b: 3000, on: true }, 4000)).toEqual({ a: 4000, b: null, on: false });
    expect(withEnd({ a: 5000, b: null, on: false }, 5100)).toEqual({ a: 5000, b: null, on: false });
  });

  it('moves its ends by steps, not past each other and not past the recording', () => {
    const loop = { a: 1000, b: 2000, on: true };
    expect(withEndMoved(loop, 'a', 5000, 3000)).toMatchObject({ a: 1750, b: 2000 });
    expect(withEndMoved(loop, 'b', 5000, 3000)).toMatchObject({ a: 1000, b: 3000 });
    expect(withEndMoved(NO_LOOP, 'a', 100, 3000)).toBe(NO_LOOP);
  });

  it('goes back at its end while it is on', () => {
    const loop = { a: 1000, b: 2000, on: true };
    expect(jumpFrom(1999, loop, [])).toBeNull();
    expect(jumpFrom(2000, loop, [])).toBe(1000);
    expect(jumpFrom(2000, { ...loop, on: false }, [])).toBeNull();
  });

  it('and skipping silence keep the edges of words, and stay in the loop', () => {
    const silences = [{ start: 10_000, end: 20_000 }];
    expect(jumpFrom(10_100, NO_LOOP, silences)).toBeNull();
    expect(jumpFrom(10_500, NO_LOOP, silences)).toBe(19_600);
    expect(jumpFrom(19_600, NO_LOOP, silences)).toBeNull();
    expect(jumpFrom(10_500, { a: 5000, b: 15_000, on: true }, silences)).toBe(5000);
  });
});

const plain = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false };

describe('keys', () => {
  it.each([
    [' ', { do: 'toggle' }],
    ['K', { do: 'toggle' }],
    ['j', { do: 'by', ms: -10_000 }],
    ['l', { do: 'by', ms: 10_000 }],
    ['ArrowRight', { do: 'by', ms: 5000 }],
    ['ArrowUp', { do: 'volume', by: 0.1 }],
    ['>', { do: 'faster' }],
    ['n', { do: 'next-turn' }],
    ['[', { do: 'range-start' }],
    [']', { do: 'range-end' }],
    ['7', { do: 'to-share', share: 0.7 }],
    ['g', { do: 'go-to' }],
    ['c', { do: 'comment' }],
    ['?', { do: 'help' }],
    ['Escape', { do: 'close' }],
    ['x', null],
  ])('%s', (key, action) => {
    expect(actionForKey({ ...plain, key })).toEqual(action);
  });

  it('with Shift move by a second; with Ctrl only F is a shortcut; with Alt none', () => {
    expect(actionForKey({ ...plain, shiftKey: true, key: 'ArrowLeft' })).toEqual({ do: 'by', ms: -1000 });
    expect(actionForKey({ ...plain, ctrlKey: true, key: 'f' })).toEqual({ do: 'search' });
    expect(actionForKey({ ...plain, ctrlKey: true, key: 'c' })).toBeNull();
    expect(actionForKey({ ...plain, altKey: true, key: 'ArrowLeft' })).toBeNull();
  });

  it('stay with a field, Space with a button, arrows with a tab', () => {
    const on = (tag: string, role: string | null, key: string, type: string | null = null) =>
      keepsKey({ tag, role, type }, { ...plain, key });
    expect(on('textarea', null, 'k')).toBe(true);
    expect(on('textarea', null, 'Escape')).toBe(false);
    expect(on('button', null, ' ')).toBe(true);
    expect(on('button', null, 'k')).toBe(false);
    expect(on('button', 'tab', 'ArrowRight')).toBe(true);
    expect(on('input', null, 'ArrowUp', 'range')).toBe(true);
    expect(on('input', null, 'n', 'range')).toBe(false);
    expect(on('div', 'slider', 'ArrowRight')).toBe(false);
  });

  it('are all named once for the help', () => {
    expect(new Set(SHORTCUT_LINES.map(({ text }) => text)).size).toBe(SHORTCUT_LINES.length);
  });

  it('step through the speeds and stop at either end', () => {
    expect(stepSpeed(1, 1)).toBe(1.25);
    expect(stepSpeed(1, -1)).toBe(0.75);
    expect(stepSpeed(3, 1)).toBe(3);
    expect(stepSpeed(0.5, -1)).toBe(0.5);
  });
});

describe('times', () => {
  it('are written with two digits, tenths on the clock', () => {
    expect(formatTenths(207_640)).toBe('03:27.6');
    expect(formatPosition(20_240, 20_250)).toBe('00:20.0');
    expect(formatPosition(19_940, 20_250)).toBe('00:19.9');
    expect(formatPosition(640, 700)).toBe('00:00.6');
    expect(formatClock(384_000)).toBe('06:24');
    expect(formatClock(3_723_000)).toBe('1:02:03');
    expect(formatLength(25_400)).toBe('0:25');
    expect(formatLength(100_000)).toBe('1:40');
    expect(clockParts(3_723_999)).toEqual({ hours: 1, minutes: 2, seconds: 3 });
  });

  it.each([
    ['83', 83_000],
    ['1:23', 83_000],
    ['1:02:03.5', 3_723_500],
    ['1m23s', 83_000],
    ['１：２３', 83_000],
    ['1分23秒', 83_000],
    ['2分', 120_000],
    ['1:75', null],
    ['', null],
    ['soon', null],
    ['-5', null],
  ])('are parsed: %s', (typed, ms) => {
    expect(parseTime(typed)).toBe(ms);
  });

  it('mark a ruler that ends with the recording', () => {
    expect(rulerMarks(384_000, 7)).toEqual([0, 60_000, 120_000, 180_000, 240_000, 300_000, 384_000]);
    expect(rulerMarks(20_239, 7).at(-1)).toBe(20_239);
    expect(rulerMarks(3_600_000, 7)).toHaveLength(7);
  });
});

describe('zooming', () => {
  const MINUTE = 60_000;

  it('doubles down to a few seconds and halves up to the whole call', () => {
    const inwards = [1];
    for (let n = 0; n < 8; n += 1) inwards.push(stepZoom(inwards.at(-1) ?? 1, 1, MINUTE));
    expect(inwards).toEqual([1, 2, 4, 8, 15, 15, 15, 15, 15]);
    expect(stepZoom(15, -1, MINUTE)).toBe(7.5);
    expect(stepZoom(1.5, -1, MINUTE)).toBe(1);
    expect(stepZoom(1, -1, MINUTE)).toBe(1);
    expect(stepZoom(1, 1, 3000)).toBe(1);
  });

  it('of a long call begins at some minutes, and zooms out to all of it', () => {
    const hour = 60 * MINUTE;
    expect(initialZoom(hour)).toBe(6);
    expect(stepZoom(6, -1, hour)).toBe(3);
    expect(stepZoom(12, 1, hour)).toBe(24);
    expect(stepZoom(24, 1, hour)).toBe(24);
    expect(stepZoom(144, 1, 24 * hour)).toBe(144);
  });

  it('has keys', () => {
    const pressed = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false };
    expect(['+', '=', '-', 'z', 'Z'].map((key) => actionForKey({ ...pressed, key }))).toEqual([
      { do: 'zoom', by: 1 },
      { do: 'zoom', by: 1 },
      { do: 'zoom', by: -1 },
      { do: 'zoom-reset' },
      { do: 'zoom-reset' },
    ]);
    // The browser keeps its own zoom shortcuts.
    expect(actionForKey({ ...pressed, key: '+', ctrlKey: true })).toBeNull();
  });
});
