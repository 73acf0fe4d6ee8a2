// Aborting a deposit: its key is deleted first, in the transaction of the state change; then its blobs.
import { envelopePath } from '../../envelope/envelope.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { event, systemActor } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { objectPathsOf, peaksOperation } from './peaks.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'settings'>;

/**
 * UPLOADING or COMMITTING → ABORTING. Deletes the data key, so nothing can open what was stored. Returns the changed
 * row. Throws `conflict` where the deposit is AVAILABLE.
 */
export async function beginAbort(
  vault: Deps,
  by: Actor,
  deposit: Deposit,
  why: string,
  request: RequestContext,
): Promise<Deposit> {
  const { result } = await vault.db.change(async (tx) => {
    const row = await tx.deposits.lock(deposit.tenant, deposit.id);
    if (row === null || (row.state !== 'UPLOADING' && row.state !== 'COMMITTING')) {
      throw new VaultError('conflict', 'the deposit can no longer be aborted');
    }
    const { aborting, made } = await abortInTransaction(tx, by, row, why, request);
    return { result: aborting, events: [made] };
  }, request);
  return result;
}

/**
 * The change to ABORTING, in a transaction that has locked the row: deletes its data key. Returns the changed row and
 * the event.
 */
export async function abortInTransaction(
  tx: Transaction,
  by: Actor,
  row: Deposit,
  why: string,
  request: Pick<RequestContext, 'req'>,
): Promise<{ readonly aborting: Deposit; readonly made: NewEvent }> {
  const to = { state: 'ABORTING', envelope: null, digest: null } as const;
  if (!(await tx.deposits.change(row, to)))
    throw new VaultError('conflict', 'a concurrent update changed this deposit first');
  await tx.wrappedKeys.delete(row.tenant, row.id);
  const object = { id: row.id, recording: row.recording, why };
  const made = event(row.tenant, by, 'deposit.aborting', object, request);
  return { aborting: { ...row, ...to, version: row.version + 1 }, made };
}

/** Deletes the blobs of an aborted deposit. No other deposit uses its paths, so it can be repeated. */
export async function deleteDepositBlobs(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  deposit: Deposit,
  request: RequestContext,
): Promise<void> {
  const place = locationOf(tenant);
  const [path = '', ...beside] = objectPathsOf(deposit);
  if (deposit.uploadId !== null) await vault.store.abortUpload(place, { path, uploadId: deposit.uploadId }, request);
  // A crash inside a put, or before the row has the upload's id, leaves an upload under the operation's nonce.
  await vault.store.abortUpload(place, { path, uploadId: deposit.op }, request);
  for (const each of beside) {
    await vault.store.abortUpload(place, { path: each, uploadId: peaksOperation(deposit) }, request);
  }
  const envelope = envelopePath(deposit.tenant, deposit.recording, deposit.id);
  await vault.store.abortUpload(place, { path: envelope, uploadId: `${deposit.op}-envelope` }, request);
  await vault.store.delete(place, envelope, request);
  for (const each of [path, ...beside]) await vault.store.delete(place, each, request);
}

/** ABORTING → ABORTED. Deletes upload, blob and envelope, then the rows of parts and objects. */
export async function finishAbort(
  vault: Deps,
  tenant: Tenant,
  deposit: Deposit,
  request: RequestContext,
): Promise<void> {
  await deleteDepositBlobs(vault, tenant, deposit, request);
  await vault.db.change(async (tx) => {
    const done = { state: 'ABORTED', uploadId: null, lease: null } as const;
    if (!(await tx.deposits.change(deposit, done)))
      throw new VaultError('conflict', 'a concurrent update changed this deposit first');
    await tx.deposits.clear(deposit.tenant, deposit.id);
    const object = { id: deposit.id, recording: deposit.recording };
    const actor = systemActor(vault.settings);
    return { result: undefined, events: [event(deposit.tenant, actor, 'deposit.aborted', object, request)] };
  }, request);
}
