// The run of a claimed deposit: sealed, committed, finished; or aborted where that fails.
import { hasCode, VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { beginAbort, deleteDepositBlobs, finishAbort } from './abort.ts';
import type { ClaimedDeposit } from './deposit-types.ts';
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

/**
 * Runs a claimed deposit and keeps its lease. A failure before COMMITTING aborts it. After a failure past COMMITTING
 * recovery finishes it later: the outcome is not known yet, and the error says so.
 */
export function runDeposit(vault: Deps, claimed: ClaimedDeposit, request: RequestContext): Promise<CompletedDeposit> {
  return withLease(vault, claimed.row, request.signal, (signal) =>
    runUnderLease(vault, claimed, { ...request, signal }),
  );
}

async function runUnderLease(vault: Deps, claimed: ClaimedDeposit, request: RequestContext): Promise<CompletedDeposit> {
  // A separate deadline, set when it is needed: the body may take hours.
  const withDeadline = (milliseconds: number): RequestContext => ({
    ...request,
    signal: vault.clock.deadline(milliseconds),
  });
  let committed: Awaited<ReturnType<typeof uploadBody>>;
  try {
    committed = await uploadBody(vault, claimed, request);
  } catch (error) {
    await tryAbort(vault, claimed, error, withDeadline(ABORT_MS));
    throw error;
  }
  const { row, facts, rows } = committed;
  try {
    const { by, tenant, key } = claimed;
    const finishing = { by, tenant, deposit: row, dataKey: key.dataKey, rows };
    return { facts, receipt: await finishDeposit(vault, finishing, withDeadline(FINISH_MS)) };
  } catch (error) {
    // A concurrent erasure took over the deposit: blobs that this run wrote since must not stay.
    if (hasCode(error, 'conflict'))
      await deleteLateWrites(vault, { ...claimed, row }, withDeadline(ABORT_MS)).catch(() => false);
    if (hasCode(error, ...UNFINISHABLE)) await tryAbort(vault, { ...claimed, row }, error, withDeadline(ABORT_MS));
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
  { by, tenant, row }: ClaimedDeposit,
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
  { tenant, row }: Pick<ClaimedDeposit, 'tenant' | 'row'>,
  request: RequestContext,
): Promise<boolean> {
  const now = await vault.db.read((rows) => rows.deposits.find(row.tenant, row.id), request);
  if (now?.state !== 'ABORTING' && now?.state !== 'ABORTED') return false;
  await deleteDepositBlobs(vault, tenant, row, request);
  return true;
}
