// Whether this process can do its work: checks that are asked for, kept for a while, and run once for all who ask.
import { type ErrorCode, VaultError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RequestContext } from '../core/request-context.ts';

/** What a process can be asked to be ready for. */
export type ReadinessUse = 'ingest' | 'listen';

/** One thing the process stands on. */
export type ReadinessCheck = {
  readonly name: 'database' | 'log' | 'keys' | 'store';
  /** What cannot be done without it. */
  readonly uses: readonly ReadinessUse[];
  /** An answer older than this is not given again. */
  readonly maxAgeMs: number;
  /** What a failure without a code of its own, or no answer in time, counts as. */
  readonly code: ErrorCode;
  /** Throws where it does not hold. Writes no event and opens no key. */
  readonly run: (request: RequestContext) => Promise<void>;
};

export type CheckReport = {
  readonly name: ReadinessCheck['name'];
  readonly ageMs: number;
  /** Null where it holds. */
  readonly code: ErrorCode | null;
};

export type Readiness = {
  /** How the checks stand for a use, or for every use. */
  readonly report: (use: ReadinessUse | null) => Promise<readonly CheckReport[]>;
  /** From here on the process answers requests. */
  readonly begin: () => void;
  /** From here on the process takes no new work. */
  readonly drain: () => void;
  readonly phase: () => Phase;
};

/** Where a process is in its life. */
export type Phase = 'starting' | 'serving' | 'draining';

/** A look goes on for so long; whoever asks waits for less, and until it has an answer the check counts as failed. */
const PATIENCE_MS = 5_000;
/** With the second that an answer of the database is kept: what happens to it is told within two. */
const ANSWER_MS = 900;

/** Readiness over these checks, of a process that is starting. */
export function readiness(clock: Clock, checks: readonly ReadinessCheck[]): Readiness {
  let phase: Phase = 'starting';
  const asked = checks.map((check) => ({ uses: check.uses, report: cachedCheck(clock, check) }));
  return {
    report: (use) =>
      Promise.all(asked.filter(({ uses }) => use === null || uses.includes(use)).map(({ report }) => report())),
    begin: () => {
      phase = 'serving';
    },
    drain: () => {
      phase = 'draining';
    },
    phase: () => phase,
  };
}

function cachedCheck(clock: Clock, { name, maxAgeMs, code, run }: ReadinessCheck): () => Promise<CheckReport> {
  type Found = { readonly at: number; readonly code: ErrorCode | null };
  let last: Found | undefined;
  let running: Promise<Found> | undefined;
  const look = async (): Promise<Found> => {
    const signal = clock.deadline(PATIENCE_MS);
    try {
      await Promise.race([run({ signal }), expiry(signal)]);
      last = { at: clock.now(), code: null };
    } catch (error) {
      last = { at: clock.now(), code: error instanceof VaultError ? error.code : code };
    }
    running = undefined;
    return last;
  };
  const late = (): Promise<Found> => expiry(clock.deadline(ANSWER_MS)).catch((): Found => ({ at: clock.now(), code }));
  return async () => {
    const fresh = last !== undefined && Math.abs(clock.now() - last.at) <= maxAgeMs;
    running ??= fresh ? undefined : look();
    const found = (fresh ? last : undefined) ?? (await Promise.race([running ?? look(), late()]));
    return { name, ageMs: Math.max(0, clock.now() - found.at), code: found.code };
  };
}

function expiry(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
