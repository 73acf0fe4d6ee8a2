// Claiming a deposit: one transaction that makes recording, deposit and wrapped key, or says who was first.

import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { type Deposit, isErased, isHidden, type Recording } from '../../model/recording.ts';
import { keyOf, type Tenant } from '../../model/tenant.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { actorOf, event } from '../core/events/events.ts';
import { newOperationNonce } from '../core/objects/operation.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import type { IncomingDeposit, KeyedDeposit } from './deposit-types.ts';
import { insertRecording, naturalIndex, redescribeRecording } from './describe.ts';
import { leaseEnd } from './lease.ts';

/** What stands where a new deposit would go. */
export type ExistingDeposits = {
  readonly recording: Recording | null;
  readonly underway: Deposit | null;
  readonly available: Deposit | null;
};

/** What a new deposit's row is made of, and in whose name it stands. */
type NewRow = Pick<KeyedDeposit, 'recording' | 'deposit' | 'name' | 'key'> & {
  readonly by: Pick<Caller, 'tenant' | 'principal'>;
};

type Reads = {
  readonly recordings: Pick<Rows['recordings'], 'find' | 'byNatural'>;
  readonly deposits: Pick<Rows['deposits'], 'ofObject'>;
};

/** Looks for the recording and its deposits of this object. Throws `not_found` for an id that is not there. */
export async function findExisting(
  rows: Reads,
  { by: { tenant }, target: aim, name }: Pick<IncomingDeposit, 'by' | 'target' | 'name'>,
  metadataKey: SecretKey,
): Promise<ExistingDeposits> {
  const recording =
    'recording' in aim
      ? await rows.recordings.find(tenant, aim.recording)
      : await rows.recordings.byNatural(tenant, naturalIndex(metadataKey, aim.metadata));
  if (recording === null) {
    if ('recording' in aim) throw new VaultError('not_found', 'there is no such recording');
    return { recording, underway: null, available: null };
  }
  return { recording, ...(await rows.deposits.ofObject(tenant, recording.id, name)) };
}

/** Refuses who did not deposit the call, and tells the one who did that it was erased. */
export function checkDepositor(
  { recording, underway, available }: ExistingDeposits,
  { by, target: aim }: Pick<IncomingDeposit, 'by' | 'target'>,
): void {
  if (recording === null) return;
  // What a failed try left hidden is nobody's: whoever comes next may take it over.
  const hidden = isHidden(recording) && underway === null && available === null;
  if (recording.depositor !== by.principal && (!hidden || 'recording' in aim)) {
    // By id a stranger learns nothing; by natural key the same whatever the state or bytes.
    if ('recording' in aim) throw new VaultError('not_found', 'there is no such recording');
    throw new VaultError('call_key_taken', 'this source, call id and leg are taken');
  }
  if (isErased(recording)) throw new VaultError('erased', 'this call was erased');
}

/**
 * Makes the rows: the tenant is held while its key and generation are compared with the data key's. Throws
 * `upload_in_progress` where another try is at it, or `conflict`.
 */
export async function claimDeposit(
  vault: Pick<Vault, 'db' | 'phones' | 'clock' | 'settings'>,
  one: KeyedDeposit,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<Deposit> {
  const { by, recording } = one;
  const { result } = await vault.db.change(async (tx) => {
    const tenant = await lockTenantForKey(tx, one);
    const standing = await findExisting(lockingReads(tx), one, metadataKey);
    checkDepositor(standing, one);
    if (standing.underway !== null || standing.available !== null) {
      throw new VaultError('upload_in_progress', 'this object is being deposited', { retryAfter: 5 });
    }
    await ensureRecording(tx, vault, { ...one, tenant }, metadataKey, standing.recording);
    const events: NewEvent[] = [];
    if (standing.recording === null) {
      events.push(event(tenant.tenant, actorOf(by), 'recording.created', { id: recording }, request));
    }
    const deposit = await insertDeposit(tx, vault, one);
    const object = { id: deposit.id, recording, object: one.name };
    events.push(event(tenant.tenant, actorOf(by), 'deposit.started', object, request));
    return { result: deposit, events };
  }, request);
  return result;
}

/** The recording is held while its deposits are looked at, so that none begins or ends in between. */
function lockingReads({ recordings, deposits }: Transaction): Reads {
  return { recordings: { find: recordings.lock, byNatural: recordings.lockNatural }, deposits };
}

/** The tenant, held. Throws `upload_in_progress` where its key is another by now than the one the data key is under. */
export async function lockTenantForKey(tx: Transaction, { by, key }: Pick<NewRow, 'by' | 'key'>): Promise<Tenant> {
  const tenant = await lockActiveTenant(tx, by.tenant);
  // A generation has one tenant KEK, or none.
  const current = tenant.volume ? { ...key, scheme: 'tenant-kek' } : keyOf(tenant);
  if (current.id !== key.id || current.scheme !== key.scheme || tenant.wrap !== key.wrap) {
    // The key turned while the data key was made: the next try makes one under the new key.
    throw new VaultError('upload_in_progress', 'the tenant key is turning', { retryAfter: 1 });
  }
  return tenant;
}

/** The recording the deposit goes to. A hidden one, left by a try that failed, takes the new try's metadata. */
async function ensureRecording(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  { by, tenant, target: aim, recording: id }: KeyedDeposit,
  metadataKey: SecretKey,
  there: Recording | null,
): Promise<void> {
  if (there !== null && there.id !== id)
    throw new VaultError('upload_in_progress', 'this call is being deposited', { retryAfter: 1 });
  if ('recording' in aim) return;
  const what = { by, tenant, metadataKey, metadata: aim.metadata };
  if (there === null) await insertRecording(tx, vault, what, { id, described: false });
  else if (isHidden(there))
    await redescribeRecording(tx, vault, what, there, { begun: await tx.now(), described: false });
}

/** Inserts the row, in UPLOADING under this process's lease, and its wrapped key. */
export async function insertDeposit(
  tx: Transaction,
  vault: Pick<Vault, 'clock' | 'settings'>,
  one: NewRow,
): Promise<Deposit> {
  const { tenant, principal } = one.by;
  const deposit: Deposit = {
    tenant,
    id: one.deposit,
    recording: one.recording,
    object: one.name,
    state: 'UPLOADING',
    version: 1,
    op: newOperationNonce(),
    principal,
    created: await tx.now(),
    uploadId: null,
    lease: { owner: vault.settings.instance, until: leaseEnd(vault) },
    envelope: null,
    digest: null,
    verifiedAt: null,
  };
  await tx.deposits.insert(deposit);
  const { scheme, id, wrap, wrapped } = one.key;
  await tx.wrappedKeys.insert({ tenant, deposit: one.deposit, scheme, keyId: id, wrap, wrapped, envelopeWrap: null });
  return deposit;
}
