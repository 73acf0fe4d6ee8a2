// The claim of a deposit: one transaction that creates recording, deposit and wrapped key, or finds existing ones.

import { newOperationNonce } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { type Deposit, isErased, isHidden, isUnowned, type Recording } from '../../model/recording.ts';
import { keyOf, type Tenant } from '../../model/tenant.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { actorOf, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import type { MadeKey } from '../core/wrapped-keys/data-keys.ts';
import type { IncomingDeposit, KeyedDeposit } from './deposit-types.ts';
import { type DescribedCall, insertRecording, naturalIndex, redescribeRecording } from './describe.ts';
import { leaseEnd } from './lease.ts';

/** What exists already for a new deposit's object. */
export type ExistingDeposits = {
  readonly recording: Recording | null;
  readonly underway: Deposit | null;
  readonly available: Deposit | null;
};

/** The input of a new deposit's row, and its uploader. */
type NewRow = Pick<KeyedDeposit, 'recording' | 'deposit' | 'name' | 'key'> & {
  readonly by: Pick<Caller, 'tenant' | 'principal'>;
};

type Reads = {
  readonly recordings: Pick<Rows['recordings'], 'find' | 'byNatural'>;
  readonly deposits: Pick<Rows['deposits'], 'ofObject'>;
};

/**
 * Looks up the recording and its deposits of this object. Throws `not_found` where the target names a recording by an
 * unknown id.
 */
export async function findExisting(
  rows: Reads,
  { by: { tenant }, target, name }: Pick<IncomingDeposit, 'by' | 'target' | 'name'>,
  metadataKey: SecretKey,
): Promise<ExistingDeposits> {
  const recording =
    'recording' in target
      ? await rows.recordings.find(tenant, target.recording)
      : await rows.recordings.byNatural(tenant, naturalIndex(metadataKey, target.metadata));
  if (recording === null) {
    if ('recording' in target) throw new VaultError('not_found', 'there is no such recording');
    return { recording, underway: null, available: null };
  }
  return { recording, ...(await rows.deposits.ofObject(tenant, recording.id, name)) };
}

/** Throws for anyone but the call's depositor; throws `erased` for the depositor of an erased call. */
export function checkDepositor(
  { recording, underway, available }: ExistingDeposits,
  { by, target }: Pick<IncomingDeposit, 'by' | 'target'>,
): void {
  if (recording === null) return;
  // A failed upload leaves the recording hidden, and any uploader may take it over.
  const hidden = isHidden(recording) && underway === null && available === null;
  if (!isUnowned(recording) && recording.depositor !== by.principal && (!hidden || 'recording' in target)) {
    // By id, strangers learn nothing; by natural key they get the same answer whatever the state or the bytes.
    if ('recording' in target) throw new VaultError('not_found', 'there is no such recording');
    throw new VaultError('call_key_taken', 'this source, call id and leg are taken');
  }
  if (isErased(recording)) throw new VaultError('erased', 'this call was erased');
}

/** Claims a deposit whose body is still to come: its row is UPLOADING. Throws as `claimInTransaction`. */
export async function claimDeposit(
  vault: Pick<Vault, 'db' | 'phones' | 'clock' | 'settings' | 'replayGate'>,
  keyed: KeyedDeposit,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<Pick<DescribedCall, 'kept'> & { readonly row: Deposit }> {
  const { result } = await vault.db.change(async (tx) => {
    const { events, kept } = await claimInTransaction(tx, vault, keyed, metadataKey, request);
    return { result: { row: await insertDeposit(tx, vault, keyed), kept }, events };
  }, request);
  return result;
}

/**
 * Ensures the recording of a new deposit. The tenant stays locked while its key and generation are compared with the
 * data key's. Returns the recording's sealed facts, the metadata that it did not take, and the events of the claim. Throws
 * `upload_in_progress` where another upload holds the lease, or `conflict`.
 */
export async function claimInTransaction(
  tx: Transaction,
  vault: Pick<Vault, 'phones' | 'replayGate'>,
  keyed: KeyedDeposit,
  metadataKey: SecretKey,
  request: Pick<RequestContext, 'req'>,
): Promise<DescribedCall> {
  const { by, recording, deposit: id, name: object } = keyed;
  const tenant = await lockTenantForKey(tx, keyed);
  const existing = await findExisting(lockingReads(tx), keyed, metadataKey);
  checkDepositor(existing, keyed);
  if (existing.underway !== null || existing.available !== null) {
    throw new VaultError('upload_in_progress', 'this object is being deposited', { retryAfter: 5 });
  }
  const ensured = await ensureRecording(tx, vault, { ...keyed, tenant }, metadataKey, existing.recording, request);
  const { facts, kept, events } = ensured;
  const started = event(tenant.tenant, actorOf(by), 'deposit.started', { id, recording, object }, request);
  if (existing.recording !== null) return { facts, kept, events: [...events, started] };
  const created = event(tenant.tenant, actorOf(by), 'recording.created', { id: recording }, request);
  return { facts, kept, events: [created, started] };
}

/** Reads that lock the recording, so that none of its deposits begins or ends concurrently. */
function lockingReads({ recordings, deposits }: Transaction): Reads {
  return { recordings: { find: recordings.lock, byNatural: recordings.lockNatural }, deposits };
}

/**
 * The tenant, locked. Throws `upload_in_progress` where the tenant no longer has the key that the data key is wrapped
 * under.
 */
export async function lockTenantForKey(tx: Transaction, { by, key }: Pick<NewRow, 'by' | 'key'>): Promise<Tenant> {
  const tenant = await lockActiveTenant(tx, by.tenant);
  // A generation has one tenant KEK, or none.
  const current = tenant.volume ? { ...key, scheme: 'tenant-kek' } : keyOf(tenant);
  if (current.id !== key.id || current.scheme !== key.scheme || tenant.wrap !== key.wrap) {
    // The tenant's key was rotated while the data key was made: a retry makes one under the new key.
    throw new VaultError('upload_in_progress', "the tenant's key is being rotated", { retryAfter: 1 });
  }
  return tenant;
}

/**
 * Creates the deposit's recording where it does not exist. One without a depositor, and a hidden one that a failed upload
 * left, take the new metadata.
 */
async function ensureRecording(
  tx: Transaction,
  vault: Pick<Vault, 'phones' | 'replayGate'>,
  { by, tenant, target, recording: id }: KeyedDeposit,
  metadataKey: SecretKey,
  existing: Recording | null,
  request: Pick<RequestContext, 'req'>,
): Promise<DescribedCall> {
  if (existing !== null && existing.id !== id)
    throw new VaultError('upload_in_progress', 'this call is being deposited', { retryAfter: 1 });
  if ('metadata' in target) {
    const description = { by, tenant, metadataKey, metadata: target.metadata };
    if (existing === null) {
      const row = { id, depositor: by.principal, described: false };
      return { facts: await insertRecording(tx, vault, description, row), kept: [], events: [] };
    }
    if (isHidden(existing) || isUnowned(existing)) {
      const rest = { begun: await tx.now(), described: false };
      return redescribeRecording(tx, vault, description, existing, rest, request);
    }
  }
  if (existing === null || existing.facts === null) throw new VaultError('conflict', 'the recording was erased');
  if (isUnowned(existing)) await nameDepositor(tx, existing, by);
  return { facts: existing.facts, kept: [], events: [] };
}

/** The first body names the depositor of a call that was only amended. */
async function nameDepositor(tx: Transaction, existing: Recording, by: Pick<Caller, 'principal'>): Promise<void> {
  if (!(await tx.recordings.change(existing, { depositor: by.principal })))
    throw new VaultError('conflict', 'a concurrent update changed this recording first');
}

/** Inserts the deposit's row, UPLOADING under this process's lease, and its wrapped key. */
export async function insertDeposit(
  tx: Transaction,
  vault: Pick<Vault, 'clock' | 'settings'>,
  newRow: NewRow,
): Promise<Deposit> {
  const deposit = await newDepositRow(tx, vault, newRow);
  await insertWithKey(tx, deposit, newRow.key, null);
  return deposit;
}

/** The row of a new deposit, UPLOADING under this process's lease. */
export async function newDepositRow(
  tx: Pick<Transaction, 'now'>,
  vault: Pick<Vault, 'clock' | 'settings'>,
  newRow: NewRow,
): Promise<Deposit> {
  const { tenant, principal } = newRow.by;
  return {
    tenant,
    id: newRow.deposit,
    recording: newRow.recording,
    object: newRow.name,
    state: 'UPLOADING',
    version: 1,
    op: newOperationNonce(),
    principal,
    created: await tx.now(),
    uploadId: null,
    lease: { owner: vault.settings.instance, until: leaseEnd(vault) },
    envelope: null,
    digest: null,
    committed: null,
    verifiedAt: null,
  };
}

/** Inserts a deposit's row and its wrapped key. `envelopeWrap` is the generation of its envelope, null without one. */
export async function insertWithKey(
  tx: Transaction,
  deposit: Deposit,
  { scheme, id: keyId, wrap, wrapped }: MadeKey,
  envelopeWrap: number | null,
): Promise<void> {
  await tx.deposits.insert(deposit);
  const { tenant, id } = deposit;
  await tx.wrappedKeys.insert({ tenant, deposit: id, scheme, keyId, wrap, wrapped, envelopeWrap });
}
