// A clock for real processes, by libfaketime: all read its offset from one file, so that it moves for all.
import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

type Variables = Readonly<Record<string, string>>;

/** A clock that is ahead of this machine's by so much as was set. */
export type FakeClock = {
  /** Variables of processes that live by it: their wall and steady clock move together. */
  readonly environment: Variables;
  /** Variables of a process whose wall clock alone is set, while its steady clock goes on with the machine's. */
  readonly wallOnly: Variables;
  readonly now: () => number;
  /** Sets it to so many milliseconds ahead of the machine's clock. Resolves once every process has it. */
  readonly set: (aheadMs: number) => Promise<void>;
  /** Moves it on in steps, with a pause after each in which processes do what was due. */
  readonly forward: (milliseconds: number) => Promise<void>;
};

/**
 * Processes read the file again after a second, by a clock of whole ones. Were they to read it at every look, some threads would
 * see this machine's time: libfaketime sets it back to that while it reads.
 */
const CACHE_SECONDS = 1;
const SETTLED_MS = 2_000;
const MOST_STEP_MS = 6 * 60_000;

/** A clock in a new file, which all users of the machine may read. */
export function fakeClock(file: string, aheadMs = 0): FakeClock {
  const { stdout } = spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  const library = {
    LD_PRELOAD: stdout.trim(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: String(CACHE_SECONDS),
  };
  let ahead = 0;
  const write = (milliseconds: number): void => {
    ahead = milliseconds;
    // In one step: a process reads a whole offset, never a part of it.
    writeFileSync(`${file}.new`, `${ahead < 0 ? '-' : '+'}${Math.abs(ahead) / 1000}\n`, { mode: 0o644 });
    renameSync(`${file}.new`, file);
  };
  write(aheadMs);
  const set = async (milliseconds: number): Promise<void> => {
    write(milliseconds);
    await sleep(SETTLED_MS);
  };
  return {
    environment: library,
    wallOnly: { ...library, DONT_FAKE_MONOTONIC: '1' },
    now: () => Date.now() + ahead,
    set,
    forward: async (milliseconds) => {
      const steps = Math.ceil(milliseconds / MOST_STEP_MS);
      for (let step = 0; step < steps; step++) await set(ahead + milliseconds / steps);
    },
  };
}
