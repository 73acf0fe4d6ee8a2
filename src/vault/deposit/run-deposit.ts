// The run of a claimed deposit: sealed, committed, finished; or aborted where that fails.
import { hasCode, VaultError } from '../../errors.ts';
import type { KeptFact } from '../../model/accepted-facts.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { beginAbort, deleteDepositBlobs, finishAbort } from './abort.ts';
import type { ClaimedDeposit, ObjectRows } from './deposit-types.ts';
import { finishDeposit, UNFINISHABLE } from './finish.ts';
import { withLease } from './lease.ts';
import { uploadBody } from './upload-body.ts';
import type { BodyFacts } from './upload-bytes.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

/** How long finishing a COMMITTING deposit may take, even after the uploader disconnected. */
const FINISH_MS = 120_000;
/** How long the uploader waits for an abort. Where the store does not answer in time, recovery aborts later. */
const ABORT_MS = 10_000;

/** A completed deposit: the facts of its bytes, and the receipt of its last event. */
export type CompletedDeposit = { readonly facts: BodyFacts; readonly receipt: Receipt | undefined };

/** The same, with the metadata of its upload that the recording did not take. */
export type DescribedDeposit = CompletedDeposit & { readonly kept: readonly KeptFact[] };

/**
 * Runs a claimed deposit and keeps its lease. A failure before COMMITTING aborts it. After a failure past COMMITTING
 * recovery finishes it later: the outcome is not known yet, and the error says so.
 */
export function runDeposit(vault: Deps, claimed: ClaimedDeposit, request: RequestContext): Promise<CompletedDeposit> {
  return withLease(vault, claimed.row, request.signal, async (signal) => {
    const upload = () => uploadBody(vault, claimed, { ...request, signal });
    const { row, facts, rows } = await orAbort(vault, claimed, upload, request);
    return { facts, receipt: await finish(vault, { ...claimed, row }, rows, request) };
  });
}

/** A deposit whose bytes are in memory, and whose row is COMMITTING. */
type InMemoryDeposit = {
  readonly facts: BodyFacts;
  readonly rows: ObjectRows;
  /** Stores the blobs of its objects. */
  readonly store: (request: RequestContext) => Promise<void>;
};

/**
 * Stores the blobs of a COMMITTING deposit and finishes it, keeping its lease. Where a blob is not stored, or the lease
 * is lost, only this process has its bytes: the deposit is aborted. Then as `runDeposit`.
 */
export function finishCommitted(
  vault: Deps,
  running: RunningDeposit,
  { facts, rows, store }: InMemoryDeposit,
  request: RequestContext,
): Promise<CompletedDeposit> {
  return withLease(vault, running.row, vault.clock.deadline(FINISH_MS), async (signal) => {
    const storeBlobs = async (): Promise<void> => {
      await store({ ...request, signal });
      // A folder goes on writing. The envelope, which carries the key, must not follow into an erased recording.
      if (hasCode(signal.reason, 'conflict')) throw signal.reason;
    };
    await orAbort(vault, running, storeBlobs, request).catch((error: unknown) => {
      throw signal.aborted ? toUnknownOutcome(error) : error;
    });
    return { facts, receipt: await finish(vault, running, rows, request) };
  });
}

/** What a run needs of its deposit. */
type RunningDeposit = Pick<ClaimedDeposit, 'by' | 'tenant' | 'key' | 'row'>;

/** A separate deadline, set when it is needed: the body may take hours, and its sender may be gone. */
function withDeadline({ clock }: Deps, request: RequestContext, milliseconds: number): RequestContext {
  return { ...request, signal: clock.deadline(milliseconds) };
}

/** The result of a step without which the deposit cannot be finished: where it fails, the deposit is aborted. */
async function orAbort<T>(
  vault: Deps,
  running: RunningDeposit,
  step: () => Promise<T>,
  request: RequestContext,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    await tryAbort(vault, running, error, withDeadline(vault, request, ABORT_MS));
    throw error;
  }
}

async function finish(
  vault: Deps,
  running: RunningDeposit,
  rows: ObjectRows,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { by, tenant, key, row: deposit } = running;
  try {
    const finishing = { by, tenant, deposit, dataKey: key.dataKey, rows };
    return await finishDeposit(vault, finishing, withDeadline(vault, request, FINISH_MS));
  } catch (error) {
    const aborting = withDeadline(vault, request, ABORT_MS);
    if (hasCode(error, ...UNFINISHABLE)) await tryAbort(vault, running, error, aborting);
    // An erasure or recovery may have taken over the deposit: blobs that this run wrote since must not stay.
    else await deleteLateWrites(vault, running, aborting).catch(() => false);
    throw toUnknownOutcome(error);
  }
}

/** Every failure past COMMITTING as an error with an unknown outcome: recovery decides it. */
function toUnknownOutcome(error: unknown): VaultError {
  if (hasCode(error, ...UNFINISHABLE)) {
    return new VaultError('store_unavailable', 'the stored object did not read back', { cause: error, retryAfter: 5 });
  }
  if (error instanceof VaultError) return error;
  return new VaultError('store_unavailable', 'the deposit is not finished yet', { cause: error, retryAfter: 5 });
}

async function tryAbort(
  vault: Deps,
  { by, tenant, row }: RunningDeposit,
  error: unknown,
  request: RequestContext,
): Promise<void> {
  const why = error instanceof VaultError ? error.code : 'failed';
  try {
    if (await deleteLateWrites(vault, { tenant, row }, request)) return;
    await finishAbort(vault, tenant, await beginAbort(vault, by, row, why, request), request);
  } catch {
    // The caller gets the first error; recovery repeats what failed here.
  }
}

/** Deletes late writes of this run where a concurrent process aborted the deposit. */
async function deleteLateWrites(
  vault: Deps,
  { tenant, row }: Pick<RunningDeposit, 'tenant' | 'row'>,
  request: RequestContext,
): Promise<boolean> {
  const now = await vault.db.read((rows) => rows.deposits.find(row.tenant, row.id), request);
  if (now?.state !== 'ABORTING' && now?.state !== 'ABORTED') return false;
  await deleteDepositBlobs(vault, tenant, row, request);
  return true;
}
