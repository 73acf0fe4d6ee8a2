// Background work: compares and seals every log that has grown, and says how many differ or wait.
import { hasCode } from '../../errors.ts';
import type { LogHead } from '../../ports/rows/seal-rows.ts';
import { type Backoff, backoff } from '../core/backoff.ts';
import { inParallel } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type SealedTrees, sealLog } from './seal-log.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'clock' | 'signer'>;

/**
 * The state of the logs: those that are held, those that are not sealed because they failed, those of them that another
 * signer sealed, events not sealed yet, blobs next to segments that are none.
 */
export type LogsState = {
  readonly held: number;
  readonly stopped: number;
  readonly otherSigner: number;
  readonly unsealed: number;
  readonly foreign: number;
};

/** Logs sealed at once. */
const AT_ONCE = 4;
const WAITS = [60_000, 3_600_000] as const;

/**
 * Rounds of one process; each returns how many events it sealed. A log that fails waits longer each time; the others go
 * on, and the first error is thrown at the end. Without a signer nothing is sealed. `observe` gets the state after each.
 */
export function logSealer(
  vault: Deps,
  observe: (state: LogsState) => void,
): (request: RequestContext) => Promise<number> {
  const trees: SealedTrees = new Map();
  const waits: Backoff = backoff(vault.clock, ...WAITS);
  const foreign = new Map<string, number>();
  const stopped = new Map<string, 'integrity' | 'signer_differs'>();
  return async (request) => {
    const { signer } = vault;
    const heads = await vault.db.read((rows) => rows.seals.heads(), request);
    const failures: unknown[] = [];
    let sealed = 0;
    const seal = async ({ log }: LogHead, by: NonNullable<typeof signer>): Promise<void> => {
      try {
        const done = await sealLog({ ...vault, signer: by }, trees, log, request);
        sealed += done.events;
        foreign.set(log, done.foreign.length);
        waits.succeeded(log);
        stopped.delete(log);
      } catch (error) {
        waits.failed(log);
        if (hasCode(error, 'integrity')) stopped.set(log, 'integrity');
        if (hasCode(error, 'signer_differs')) stopped.set(log, 'signer_differs');
        failures.push(error);
      }
    };
    const due = heads.filter(
      // One with fewer events than its seal says was rolled back: sealing it finds that.
      ({ log, size, sealed: at, held }) => held === null && size !== (at ?? 0) && !waits.waits(log),
    );
    if (signer?.signs === true) await inParallel(due, AT_ONCE, (head) => seal(head, signer));
    const after = await vault.db.read((rows) => rows.seals.heads(), request);
    observe({
      held: after.filter(({ held }) => held !== null).length,
      stopped: stopped.size,
      otherSigner: [...stopped.values()].filter((code) => code === 'signer_differs').length,
      unsealed: after.reduce((sum, { size, sealed: at }) => sum + Math.max(0, size - (at ?? 0)), 0),
      foreign: [...foreign.values()].reduce((sum, count) => sum + count, 0),
    });
    if (failures.length > 0) throw failures[0];
    return sealed;
  };
}
