// The clock of this process: what it shows of itself, and what witnesses say of it. Nothing is read or changed by a clock
// that was set back, or that most witnesses contradict.
import { VaultError } from '../../../errors.ts';
import { gapBeside, type JudgedClock } from '../../../model/time/age-trust.ts';
import { fellMessage, MOST_DIFFER } from '../../../model/time/clock-messages.ts';
import { type Reading, readClock, startedClock } from '../../../model/time/own-clock.ts';
import { mostDiffer, type Testimony, WITNESS_WINDOW_MS } from '../../../model/time/witnesses.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';

export type ProcessClock = {
  /** Throws `clock_differs` where the clock was set back, or most witnesses have contradicted it for a minute. */
  readonly require: () => void;
  /** A reply of this witness says what time it is, in milliseconds since 1970. */
  readonly hear: (witness: string, time: number) => void;
  /** How the clock is judged for age, since the start or the last time that it rose, once this newest beat was read. */
  readonly judged: (newestBeat: string | null) => JudgedClock;
};

/** An operator sets a clock: clients need not ask often. */
const RETRY_S = 60;

/** The clock of a process that starts now. `fell` is called once, when it was set back: the process must end. */
export function processClock(
  clock: Pick<Clock, 'now' | 'steady'>,
  fell: (fellMs: number) => void = () => undefined,
): ProcessClock {
  const read = (): Reading => ({ wall: clock.now(), steady: clock.steady() });
  let own = startedClock(read());
  let fallen = 0;
  // The gap that was found since this reading, from which the clock is judged.
  let gap: { readonly of: Reading | null; readonly ms: number } = { of: null, ms: 0 };
  const heard = new Map<string, Testimony>();
  // Until witnesses have agreed once, the process does not begin by a clock that they contradict.
  let [agreed, differing] = [false, Number.NaN];
  const judge = (steady: number): void => {
    const differs = mostDiffer(heard.values(), steady);
    if (!differs) differing = Number.NaN;
    else if (Number.isNaN(differing)) differing = steady;
    agreed ||= heard.size > 0 && !differs;
  };
  return {
    require: () => {
      const reading = read();
      const found = readClock(own, reading);
      own = found.clock;
      if (found.fellMs > 0 && fallen === 0) {
        fallen = found.fellMs;
        fell(fallen);
      }
      if (fallen > 0) throw new VaultError('clock_differs', fellMessage(fallen), { retryAfter: RETRY_S });
      judge(reading.steady);
      if (!agreed ? !Number.isNaN(differing) : reading.steady - differing >= WITNESS_WINDOW_MS)
        throw new VaultError('clock_differs', MOST_DIFFER, { retryAfter: RETRY_S });
    },
    hear: (witness, time) => {
      const { wall, steady } = read();
      heard.set(witness, { aheadMs: time - wall, at: steady });
      judge(steady);
    },
    judged: (newestBeat) => {
      const reading = read();
      own = readClock(own, reading).clock;
      const { base } = own;
      const since = { started: base.wall, ran: reading.steady - base.steady };
      gap = { of: base, ms: gapBeside(since, newestBeat, gap.of === base ? gap.ms : null) };
      return { ...since, gapMs: gap.ms };
    },
  };
}

/** The same database, which reads and changes nothing while the process's clock cannot be used. */
export function byClock(db: Database, clock: Pick<ProcessClock, 'require'>): Database {
  return {
    ...db,
    read: async (work, wait) => {
      clock.require();
      return db.read(work, wait);
    },
    change: async (work, wait) => {
      clock.require();
      return db.change(work, wait);
    },
  };
}
