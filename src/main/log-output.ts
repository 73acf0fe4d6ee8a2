// Standard output for the process log: lines that come closely after each other are written together.
import { type DestinationStream, pino } from 'pino';

/**
 * Buffers lines until it is flushed; pino's destinations do so. A flush during a write does nothing: `written` is called
 * when the one under way has ended.
 */
export type LineBuffer = DestinationStream & {
  readonly flush: (written: () => void) => void;
  readonly flushSync: () => void;
};

/**
 * How long the lines after a written one may wait: each write takes a file thread, and wakes two threads. pino's own
 * `periodicFlush` writes ten times a second also where there is nothing: three times the processor time of an idle process.
 */
const GATHER_MS = 100;
/** So many characters do not wait. */
const MOST_WAITING = 8_192;

/** Standard output. pino writes what waits, and closes it, once the process has nothing left to do. */
export function standardOutput(): DestinationStream {
  const lines = gatherLines(pino.destination({ dest: 1, minLength: MOST_WAITING, sync: false }));
  process.once('beforeExit', lines.leave);
  return lines;
}

/** A destination that gathers lines. pino calls `flushSync` after a fatal one; after `leave` it only passes lines on. */
export type GatheredLines = DestinationStream & { readonly flushSync: () => void; readonly leave: () => void };

/** Flushes `lines` after the first line of a while, and then once in 100 ms, each after the write before it has ended. */
export function gatherLines(lines: LineBuffer): GatheredLines {
  let gathering = false;
  let waiting = false;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    waiting = false;
    gathering = true;
    let left = 2;
    const step = (): void => {
      left--;
      if (left > 0) return;
      gathering = false;
      if (waiting) flush();
    };
    lines.flush(step);
    timer = setTimeout(step, GATHER_MS).unref();
  };
  return {
    write: (line) => {
      lines.write(line);
      if (gathering) waiting = true;
      else flush();
    },
    flushSync: () => lines.flushSync(),
    leave: () => {
      clearTimeout(timer);
      gathering = true;
    },
  };
}
