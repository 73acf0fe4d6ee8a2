// Carrying a deposit from its claim to its end: sealed, committed, finished; or given up where that fails.
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

/** A deposit that was COMMITTING is brought to its end by this, whatever the uploader does. */
const FINISH_MS = 120_000;
/** The uploader waits for its answer: what a store that is away keeps from being given up, settling gives up. */
const ABORT_MS = 10_000;

/** What a deposit came to: what its bytes were, and the receipt of its last event. */
export type CompletedDeposit = { readonly facts: BodyFacts; readonly receipt: Receipt | undefined };

/**
 * Carries it, its lease kept. What fails before COMMITTING is given up, what fails after it is finished later: then the
 * outcome is not known, and the error is one of those that say so.
 */
export function runDeposit(vault: Deps, one: ClaimedDeposit, request: RequestContext): Promise<CompletedDeposit> {
  return withLease(vault, one.row, request.signal, (signal) => runUnderLease(vault, one, { ...request, signal }));
}

async function runUnderLease(vault: Deps, one: ClaimedDeposit, request: RequestContext): Promise<CompletedDeposit> {
  // Deadlines of its own, from the moment they are needed: the body may take hours.
  const own = (milliseconds: number): RequestContext => ({ ...request, signal: vault.clock.deadline(milliseconds) });
  let committed: Awaited<ReturnType<typeof uploadBody>>;
  try {
    committed = await uploadBody(vault, one, request);
  } catch (error) {
    await tryAbort(vault, one, error, own(ABORT_MS));
    throw error;
  }
  const { row, facts } = committed;
  try {
    const { by, tenant, key } = one;
    const finishing = { by, tenant, deposit: row, dataKey: key.dataKey };
    return { facts, receipt: await finishDeposit(vault, finishing, own(FINISH_MS)) };
  } catch (error) {
    // An erasure takes a deposit from under who finishes it: what that wrote since must not stay.
    if (hasCode(error, 'conflict')) await deleteLateWrites(vault, { ...one, row }, own(ABORT_MS)).catch(() => false);
    if (hasCode(error, ...UNFINISHABLE)) await tryAbort(vault, { ...one, row }, error, own(ABORT_MS));
    throw toUnknownOutcome(error);
  }
}

/** Nothing is spooled and nothing is claimed: what the outcome is, settling decides. */
function toUnknownOutcome(error: unknown): VaultError {
  if (hasCode(error, ...UNFINISHABLE)) {
    return new VaultError('store_unavailable', 'what was stored did not read back', { cause: error, retryAfter: 5 });
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
    // The caller hears of the first error; settling does again what could not be done now.
  }
}

/** Where somebody else gave it up while this try was still writing, what came late is deleted here. */
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
