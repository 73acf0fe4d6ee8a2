// Readiness of this process: checks that are cached for a while and run once for all concurrent requests.
import { type ErrorCode, VaultError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RequestContext } from '../core/request-context.ts';

/** What a process can be ready for. */
export type ReadinessUse = 'ingest' | 'listen';

/** A check of one dependency. */
export type ReadinessCheck = {
  readonly name: 'database' | 'log' | 'keys' | 'store';
  /** What is impossible without this dependency. */
  readonly uses: readonly ReadinessUse[];
  /** How long a result is kept. */
  readonly maxAgeMs: number;
  /** The code of a failure that has none, and of a timeout. */
  readonly code: ErrorCode;
  /** Throws where the check fails. Returns how many logs take no events. Writes no event and opens no key. */
  readonly run: (request: RequestContext) => Promise<Stopped>;
};

/** How many logs are held, and how many are ahead of the clock: their tenants are not served, the others are. */
export type Stopped = { readonly held: number; readonly ahead: number };

export const NONE_STOPPED: Stopped = { held: 0, ahead: 0 };

export type CheckReport = Stopped & {
  readonly name: ReadinessCheck['name'];
  readonly ageMs: number;
  /** Null where the check passed. */
  readonly code: ErrorCode | null;
};

export type Readiness = {
  /** The state of the checks for one use, or for all. */
  readonly report: (use: ReadinessUse | null) => Promise<readonly CheckReport[]>;
  /** From now on the process serves requests. */
  readonly begin: () => void;
  /** From now on the process accepts no new work. */
  readonly drain: () => void;
  readonly phase: () => Phase;
};

/** The phase of a process. */
export type Phase = 'starting' | 'serving' | 'draining';

/** How long a check may run. A request waits for less, and until then the check counts as failed. */
const PATIENCE_MS = 5_000;
/** With the second that a result of the database is kept, a change shows within two seconds. */
const ANSWER_MS = 900;

/** Readiness over these checks, beginning in phase `starting`. */
export function readiness(clock: Clock, checks: readonly ReadinessCheck[]): Readiness {
  let phase: Phase = 'starting';
  const cached = checks.map((check) => ({ uses: check.uses, report: cachedCheck(clock, check) }));
  return {
    report: (use) =>
      Promise.all(cached.filter(({ uses }) => use === null || uses.includes(use)).map(({ report }) => report())),
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
  type Found = Omit<CheckReport, 'name' | 'ageMs'> & { readonly at: number };
  let last: Found | undefined;
  let running: Promise<Found> | undefined;
  const look = async (): Promise<Found> => {
    const signal = clock.deadline(PATIENCE_MS);
    try {
      const stopped = await Promise.race([run({ signal }), expiry(signal)]);
      last = { at: clock.now(), code: null, ...stopped };
    } catch (error) {
      last = { at: clock.now(), code: error instanceof VaultError ? error.code : code, ...NONE_STOPPED };
    }
    running = undefined;
    return last;
  };
  const late = (): Promise<Found> =>
    expiry(clock.deadline(ANSWER_MS)).catch((): Found => ({ at: clock.now(), code, ...NONE_STOPPED }));
  return async () => {
    const fresh = last !== undefined && Math.abs(clock.now() - last.at) <= maxAgeMs;
    running ??= fresh ? undefined : look();
    const found = (fresh ? last : undefined) ?? (await Promise.race([running ?? look(), late()]));
    const { at, ...report } = found;
    return { name, ageMs: Math.max(0, clock.now() - at), ...report };
  };
}

function expiry(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
