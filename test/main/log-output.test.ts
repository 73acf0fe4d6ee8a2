// Standard output of the log: when lines are written together.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../src/main/log.ts';
import { gatherLines } from '../../src/main/log-output.ts';

/** Each write to the process's output, as texts of its lines. */
function watched({ slow = false } = {}) {
  const writes: string[][] = [];
  let waiting: string[] = [];
  const held: (() => void)[] = [];
  const done = (): void => held.splice(0).forEach((written) => void written());
  const flush = (written?: () => void): void => {
    if (written !== undefined) held.push(written);
    if (waiting.length > 0) writes.push(waiting.map((line) => (JSON.parse(line) as { msg: string }).msg));
    waiting = [];
    if (!slow) done();
  };
  const to = gatherLines({ write: (line) => void waiting.push(line), flush, flushSync: () => flush() });
  return { log: createLog('node-1', to), writes, done, leave: to.leave };
}

describe('the lines of the log', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are written at once after a quiet moment, and together where they come closely', () => {
    const { log, writes } = watched();
    for (const text of ['a', 'b', 'c']) log.info(text);
    expect(writes).toEqual([['a']]);
    vi.advanceTimersByTime(99);
    log.info('d');
    expect(writes).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(writes).toEqual([['a'], ['b', 'c', 'd']]);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
    log.info('e');
    expect(writes.at(-1)).toEqual(['e']);
  });

  it('are written after a slow write has ended, although no further line comes', () => {
    const { log, writes, done } = watched({ slow: true });
    log.info('a');
    log.info('b');
    vi.advanceTimersByTime(5_000);
    expect(writes).toEqual([['a']]);
    done();
    expect(writes).toEqual([['a'], ['b']]);
  });

  it('do not wait where one of them is fatal', () => {
    const { log, writes } = watched();
    for (const text of ['a', 'b']) log.info(text);
    log.fatal('c');
    expect(writes).toEqual([['a'], ['b', 'c']]);
  });

  it('are left to pino at the end of the process, which closes what they are written to', () => {
    const { log, writes, leave } = watched();
    for (const text of ['a', 'b']) log.info(text);
    leave();
    log.info('c');
    vi.advanceTimersByTime(1_000);
    expect(writes).toEqual([['a']]);
  });
});
