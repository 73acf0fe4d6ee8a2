// The rules of clocks, one by one.
import { describe, expect, it } from 'vitest';
import { ageTrust, gapBeside } from '../../../src/model/time/age-trust.ts';
import { behindBeat, readClock, startedClock } from '../../../src/model/time/own-clock.ts';
import { transactionTime } from '../../../src/model/time/transaction-time.ts';
import { mostDiffer } from '../../../src/model/time/witnesses.ts';

const NOON = Date.parse('2026-12-01T12:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (milliseconds: number): string => new Date(milliseconds).toISOString();

describe('the time of a transaction', () => {
  it('is the clock without a floor and after it', () => {
    for (const floor of [null, '', at(NOON), at(NOON - HOUR)]) expect(transactionTime(NOON, floor)).toBe(at(NOON));
  });

  it('is a floor that is at most a minute ahead', () => {
    for (const ahead of [1, MINUTE]) expect(transactionTime(NOON, at(NOON + ahead))).toBe(at(NOON + ahead));
  });

  it('does not follow a floor further ahead, nor one that is no time', () => {
    for (const floor of [at(NOON + MINUTE + 1), 'tomorrow']) expect(transactionTime(NOON, floor)).toBeNull();
  });
});

describe('a process and its own clock', () => {
  const begin = startedClock({ wall: NOON, steady: 0 });

  it('accepts a drift of a thousandth and steps under a minute', () => {
    const day = 24 * HOUR;
    for (const drift of [day / 1000, -day / 1000, 59_000, -59_000])
      expect(readClock(begin, { wall: NOON + day + drift, steady: day })).toMatchObject({ fellMs: 0, roseMs: 0 });
  });

  it('sees that it fell, and goes on seeing it', () => {
    const { clock, fellMs } = readClock(begin, { wall: NOON - 2 * MINUTE, steady: 0 });
    expect(fellMs).toBe(2 * MINUTE);
    expect(readClock(clock, { wall: NOON - 2 * MINUTE + 1000, steady: 1000 }).fellMs).toBe(2 * MINUTE);
  });

  it('sees a fall after a rise, to no less than the time of its start', () => {
    const risen = readClock(begin, { wall: NOON + HOUR, steady: 0 });
    expect(risen).toMatchObject({ fellMs: 0, roseMs: HOUR });
    expect(readClock(risen.clock, { wall: NOON, steady: 0 }).fellMs).toBe(HOUR);
  });

  it('sees a rise in small steps', () => {
    let clock = begin;
    let rose = 0;
    for (let n = 1; n <= 4; n++) {
      const read = readClock(clock, { wall: NOON + n * 30_000 + n * 1000, steady: n * 1000 });
      [clock, rose] = [read.clock, rose + read.roseMs];
    }
    expect(rose).toBe(90_000);
  });

  it('does not start more than a minute behind the newest beat', () => {
    expect(behindBeat(NOON, null)).toBe(0);
    expect(behindBeat(NOON, at(NOON + MINUTE))).toBe(0);
    expect(behindBeat(NOON, at(NOON + MINUTE + 1))).toBe(MINUTE + 1);
  });
});

describe('trust for age', () => {
  const trustOf = (ran: number, newest: string | null) =>
    ageTrust({ started: NOON, ran, gapMs: gapBeside({ started: NOON, ran: 0 }, newest, null) });

  it('comes after ten minutes without a gap, without a beat, and with one that is later', () => {
    for (const newest of [null, at(NOON), at(NOON - 9 * MINUTE), at(NOON + HOUR)]) {
      expect(trustOf(10 * MINUTE - 1, newest)).toMatchObject({ state: 'waiting', afterMs: 1 });
      expect(trustOf(10 * MINUTE, newest).state).toBe('trusted');
    }
  });

  it('comes after the gap where that is longer', () => {
    const newest = at(NOON - 48 * HOUR);
    expect(trustOf(HOUR, newest)).toEqual({
      state: 'waiting',
      since: at(NOON),
      gapMs: 48 * HOUR,
      afterMs: 47 * HOUR,
    });
    expect(trustOf(48 * HOUR, newest).state).toBe('trusted');
  });

  it('never comes by itself after a gap of more than 72 hours', () => {
    const newest = at(NOON - 72 * HOUR - 1);
    expect(trustOf(1000 * HOUR, newest)).toEqual({
      state: 'unconfirmed',
      since: at(NOON),
      gapMs: 72 * HOUR + 1,
    });
  });
});

describe('the gap', () => {
  const gapAfter = (ran: number, newest: string | null, before: number | null) =>
    gapBeside({ started: NOON, ran }, newest, before);

  it('stays while another process beats by a clock far behind', () => {
    for (const hours of [0, 1, 50, 99])
      expect(gapAfter(hours * HOUR, at(NOON + (hours - 100) * HOUR), 100 * HOUR)).toBe(100 * HOUR);
  });

  it('ends with a beat of about the same time, and not because the beats were deleted', () => {
    expect(gapAfter(HOUR, at(NOON + HOUR - MINUTE), 100 * HOUR)).toBe(MINUTE);
    expect(gapAfter(HOUR, at(NOON + 2 * HOUR), 100 * HOUR)).toBe(0);
    expect(gapAfter(HOUR, null, 100 * HOUR)).toBe(100 * HOUR);
    expect(gapAfter(HOUR, null, null)).toBe(0);
  });

  it('does not grow while no process beats', () => {
    expect(gapAfter(5 * HOUR, at(NOON - HOUR), HOUR)).toBe(HOUR);
  });
});

describe('witnesses', () => {
  const says = (aheadMs: number, seen = 0) => ({ aheadMs, at: seen });

  it('reject where more than half of those heard within a minute differ', () => {
    expect(mostDiffer([], 0)).toBe(false);
    expect(mostDiffer([says(2 * MINUTE)], 0)).toBe(true);
    expect(mostDiffer([says(-2 * MINUTE), says(0)], 0)).toBe(false);
    expect(mostDiffer([says(-2 * MINUTE), says(2 * MINUTE), says(0)], 0)).toBe(true);
    expect(mostDiffer([says(MINUTE)], 0)).toBe(false);
    expect(mostDiffer([says(2 * MINUTE)], MINUTE + 1)).toBe(false);
  });
});
