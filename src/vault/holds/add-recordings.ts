// Adding listed recordings to a hold, and back into one that they were lifted out of.
import { VaultError } from '../../errors.ts';
import type { Hold } from '../../model/hold.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, presentedCredential } from '../core/events/events.ts';
import { coverRecordings, lockRecordings } from '../core/holds/cover.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { releaseUnused, replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant, metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type HoldResult, requireHoldable } from './place.ts';
import { noHold } from './read.ts';
import { holdViews } from './view.ts';

/**
 * Covers recordings by a hold, at most `MAX_COVERED`. Those that it covers already stay; where it covers all, nothing is
 * written. Throws `not_found` for a hold or recording that does not exist, `erased`, and `conflict` for a hold that was
 * lifted.
 */
export async function addToHold(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'replayGate'>,
  by: Caller,
  id: string,
  recordings: readonly string[],
  request: RequestContext,
): Promise<HoldResult> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const ids = [...new Set(recordings)];
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    const { tenant } = await lockActiveTenant(tx, by.tenant);
    const hold = await lockHold(tx, tenant, id);
    const locked = await lockRecordings(tx, tenant, ids);
    requireHoldable(ids, locked);
    const coverer = { by: actorOf(by), credential: presentedCredential(by) };
    const covered = await coverRecordings(vault, tx, metadataKey, hold, locked, true, coverer, request);
    const [view] = await holdViews(tx, metadataKey, [hold]);
    if (view === undefined) throw new VaultError('internal', 'a hold has a view');
    if (covered === null) return { result: view, unchanged: true };
    return { result: view, events: [covered], ...replyToStore(request, 'done', id) };
  }, request);
  await releaseUnused(vault, receipts, request);
  return { view: result, receipt: receipts[0] };
}

/** The first result of `addToHold`, with the hold's current state. Throws `not_found`. */
export async function replayAddedToHold(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  id: string,
  { receipt }: StoredOutcome,
  request: RequestContext,
): Promise<HoldResult> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const [view] = await vault.db.read(async (rows) => {
    const row = await rows.legalHolds.find(by.tenant, id);
    return holdViews(rows, metadataKey, row === null ? [] : [row]);
  }, request);
  if (view === undefined) throw noHold();
  return { view, receipt };
}

async function lockHold(tx: Transaction, tenant: string, id: string): Promise<Hold> {
  const hold = await tx.legalHolds.lock(tenant, id);
  if (hold === null) throw noHold();
  if (hold.state === 'LIFTED') throw new VaultError('conflict', 'this hold was lifted: place another one');
  return hold;
}
