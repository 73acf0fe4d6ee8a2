// Re-encryption of a recording: each object under a new data key, in a new deposit that supersedes the old one.
import { newId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type Deposit, isErased, isHidden } from '../../model/recording.ts';
import type { ReencryptReason } from '../../model/reencryption.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type MadeKey, makeDataKey } from '../core/wrapped-keys/data-keys.ts';
import { insertDeposit, lockTenantForKey } from '../deposit/claim.ts';
import { recoverDeposit } from '../deposit/recover-stale.ts';
import { runDeposit } from '../deposit/run-deposit.ts';
import { type BodyFacts, digestsOf } from '../deposit/upload-bytes.ts';
import { openDeposit } from './source.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

/** The recording and the reason. */
export type ReencryptInput = { readonly tenant: string; readonly recording: string; readonly why: ReencryptReason };

/** A re-encrypted object with its old and new deposit. `left`: recovery still has to delete the old deposit's blobs. */
export type ReencryptedObject = {
  readonly object: string;
  readonly from: string;
  readonly to: string;
  readonly size: number;
  /** `anew`: the old envelope was missing or damaged, so the new one has the current facts of the recording's row. */
  readonly envelope: 'kept' | 'anew';
  readonly left: boolean;
};

/**
 * Re-encrypts every object of a recording, one after another. Each runs like an upload, and the transaction that makes
 * the new deposit AVAILABLE supersedes the old one. After a crash one of the two is AVAILABLE, and recovery finishes or
 * aborts the other. Throws `not_found`, `erased`, `not_available`; `upload_in_progress` where another process works on
 * the object or the tenant's key is being rotated; `conflict`, and key and store errors. Objects yielded before stay
 * re-encrypted.
 */
export async function* reencrypt(
  vault: Deps,
  by: Actor,
  what: ReencryptInput,
  request: RequestContext,
): AsyncGenerator<ReencryptedObject, void, undefined> {
  for (const object of await objectsOf(vault, what, request)) {
    const old = await currentDeposit(vault, what, object, request);
    yield await reencryptDeposit(vault, by, what, old, request);
  }
}

async function objectsOf(
  vault: Deps,
  { tenant, recording }: ReencryptInput,
  request: RequestContext,
): Promise<string[]> {
  await activeTenant(vault, tenant, request);
  const { row, deposits } = await vault.db.read(
    async (rows) => ({
      row: await rows.recordings.find(tenant, recording),
      deposits: await rows.deposits.available(tenant, recording),
    }),
    request,
  );
  if (row === null || isHidden(row)) throw new VaultError('not_found', 'there is no such recording');
  if (isErased(row)) throw new VaultError('erased', 'the recording was erased');
  return deposits.map(({ object }) => object);
}

/** The AVAILABLE deposit of an object, after recovering what an earlier attempt left. */
async function currentDeposit(
  vault: Deps,
  { tenant, recording }: ReencryptInput,
  object: string,
  request: RequestContext,
): Promise<Deposit> {
  const find = () => vault.db.read((rows) => rows.deposits.ofObject(tenant, recording, object), request);
  const { underway } = await find();
  if (underway !== null && !(await recoverDeposit(vault, underway, request))) {
    throw new VaultError('upload_in_progress', 'this object is being deposited or re-encrypted', { retryAfter: 5 });
  }
  const { available } = await find();
  if (available === null) throw new VaultError('conflict', 'the object has no available deposit');
  return available;
}

async function reencryptDeposit(
  vault: Deps,
  by: Actor,
  what: ReencryptInput,
  old: Deposit,
  request: RequestContext,
): Promise<ReencryptedObject> {
  const tenant = await activeTenant(vault, what.tenant, request);
  const { recording, object } = old;
  const id = newId('dep');
  const source = await openDeposit(vault, by, tenant, old, request);
  try {
    const key = await makeDataKey(vault, tenant, { recording, id }, request);
    try {
      const row = await insertSuccessor(vault, by, what, { id, old, key }, request);
      const { type, body, facts: oldFacts } = source;
      // The facts of the old envelope, with the digests of the new objects.
      const factsFrom = (recordingFacts: Readonly<Record<string, unknown>>, measured: BodyFacts): object => {
        return { ...(oldFacts ?? recordingFacts), sha256: digestsOf(object, measured) };
      };
      const kept = { mayCommit: () => Promise.resolve(), factsFrom };
      const { facts } = await runDeposit(vault, { tenant, type, body, by, key, row, ...kept }, request);
      const left = !(await finishOldDeposit(vault, old, request));
      return { object, from: old.id, to: id, size: facts.size, envelope: oldFacts === null ? 'anew' : 'kept', left };
    } finally {
      key.dataKey.zero();
    }
  } finally {
    source.close();
  }
}

/** Inserts the new deposit's rows. The recording is locked, and the old deposit must still be AVAILABLE. */
async function insertSuccessor(
  vault: Deps,
  by: Actor,
  { tenant, recording, why }: ReencryptInput,
  { id, old, key }: { readonly id: string; readonly old: Deposit; readonly key: MadeKey },
  request: RequestContext,
): Promise<Deposit> {
  const { result } = await vault.db.change(async (tx) => {
    // The depositor stays the same.
    const row = { by: { tenant, principal: old.principal }, recording, deposit: id, name: old.object, key };
    await lockTenantForKey(tx, row);
    const locked = await tx.recordings.lock(tenant, recording);
    if (locked === null || isErased(locked)) throw new VaultError('erased', 'this recording was erased');
    const { underway, available } = await tx.deposits.ofObject(tenant, recording, old.object);
    if (underway !== null)
      throw new VaultError('upload_in_progress', 'another process is depositing or re-encrypting this object', {
        retryAfter: 5,
      });
    if (available?.id !== old.id) throw new VaultError('conflict', 'a concurrent update replaced this object first');
    const deposit = await insertDeposit(tx, vault, row);
    const subject = { id, recording, object: old.object, from: old.id, why };
    return { result: deposit, events: [event(tenant, by, 'deposit.started', subject, request)] };
  }, request);
  return result;
}

/** Finishes aborting the old deposit: deletes blob and envelope. False where recovery will do it later. */
async function finishOldDeposit(vault: Deps, { tenant, id }: Deposit, request: RequestContext): Promise<boolean> {
  const find = () => vault.db.read((rows) => rows.deposits.find(tenant, id), request);
  const row = await find();
  if (row !== null) await recoverDeposit(vault, row, request);
  return (await find())?.state === 'ABORTED';
}
