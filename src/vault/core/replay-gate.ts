// Whether this process may change a tenant's streams: only once a replay that began after the last restore is complete.
import { VaultError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';

/** The last complete listing of a tenant by this process: when it began, by its clock, and the mark after it. */
export type Listing = {
  readonly began: number;
  /** Whether no write from before this process started could come later. */
  readonly settled: boolean;
  /** Whether each stream was whole: only then the mark moves. */
  readonly whole: boolean;
  readonly mark: string | null;
};

/**
 * A restore stops every process first (docs/operations/index-lost.md). So what a process knows is about the database
 * that it runs on: once a replay has completed after its start, nothing is missing for as long as it runs.
 */
export type ReplayGate = {
  /** Throws `not_available` while the tenant's entries are not replayed. */
  readonly require: (tenant: string) => void;
  readonly isOpen: (tenant: string) => boolean;
  /** Opens it for good. */
  readonly open: (tenant: string) => void;
  /** When this process started, by its clock. */
  readonly started: number;
  /** What this process has listed of each tenant. */
  readonly listings: Map<string, Listing>;
  /** The numbers of the questions that this process has asked, by tenant. */
  readonly questions: Map<string, number>;
};

const RETRY_AFTER = 5;

/** The gate of this process. */
export function replayGate(clock: Pick<Clock, 'now'>): ReplayGate {
  const opened = new Set<string>();
  return {
    require: (tenant) => {
      if (opened.has(tenant)) return;
      throw new VaultError('not_available', 'changes of this tenant are still being replayed from the store', {
        retryAfter: RETRY_AFTER,
        checks: [{ check: 'changes-replayed', ok: false, code: 'changes_not_replayed' }],
      });
    },
    isOpen: (tenant) => opened.has(tenant),
    open: (tenant) => void opened.add(tenant),
    started: clock.now(),
    listings: new Map(),
    questions: new Map(),
  };
}
