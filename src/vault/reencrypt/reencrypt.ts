// Deep re-encryption: each object of a recording under a new data key, in a new deposit; the old one goes with its key.
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

/** Which recording, and why. */
export type ReencryptInput = { readonly tenant: string; readonly recording: string; readonly why: ReencryptReason };

/** One object done: which deposit took the place of which. `left`: what the old one left in the store is to be settled yet. */
export type ReencryptedObject = {
  readonly object: string;
  readonly from: string;
  readonly to: string;
  readonly size: number;
  /** `anew`: the old one was gone or damaged, so the new one has the facts that the recording's row has now. */
  readonly envelope: 'kept' | 'anew';
  readonly left: boolean;
};

/**
 * Encrypts every object of a recording again, one after another. Each goes the way of an upload, and the old deposit
 * gives way in the transaction that makes the new one AVAILABLE: killed anywhere, one of the two is there, and settling
 * brings the other to its end. Throws `not_found`, `erased`, `not_available`, `upload_in_progress` where somebody else
 * is at it or the tenant's key turns, `conflict`, and key and store errors; objects told before stay done.
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

/** The deposit that is there. What an earlier try left on its way is brought to its end first. */
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
  if (available === null) throw new VaultError('conflict', 'the object is gone');
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
      const { type, body, facts: stood } = source;
      // Facts as they stood; the digests are those of what is put in now.
      const factsFrom = (said: Readonly<Record<string, unknown>>, learnt: BodyFacts): object => {
        return { ...(stood ?? said), sha256: digestsOf(object, learnt) };
      };
      const kept = { mayCommit: () => Promise.resolve(), factsFrom };
      const { facts } = await runDeposit(vault, { tenant, type, body, by, key, row, ...kept }, request);
      const left = !(await finishOldDeposit(vault, old, request));
      return { object, from: old.id, to: id, size: facts.size, envelope: stood === null ? 'anew' : 'kept', left };
    } finally {
      key.dataKey.zero();
    }
  } finally {
    source.close();
  }
}

/** The new deposit's rows, while the recording is held and the old one still stands. */
async function insertSuccessor(
  vault: Deps,
  by: Actor,
  { tenant, recording, why }: ReencryptInput,
  { id, old, key }: { readonly id: string; readonly old: Deposit; readonly key: MadeKey },
  request: RequestContext,
): Promise<Deposit> {
  const { result } = await vault.db.change(async (tx) => {
    // It stays in the name of who deposited the object.
    const row = { by: { tenant, principal: old.principal }, recording, deposit: id, name: old.object, key };
    await lockTenantForKey(tx, row);
    const held = await tx.recordings.lock(tenant, recording);
    if (held === null || isErased(held)) throw new VaultError('erased', 'it was erased');
    const { underway, available } = await tx.deposits.ofObject(tenant, recording, old.object);
    if (underway !== null) throw new VaultError('upload_in_progress', 'somebody else is at it', { retryAfter: 5 });
    if (available?.id !== old.id) throw new VaultError('conflict', 'another deposit stands there by now');
    const deposit = await insertDeposit(tx, vault, row);
    const subject = { id, recording, object: old.object, from: old.id, why };
    return { result: deposit, events: [event(tenant, by, 'deposit.started', subject, request)] };
  }, request);
  return result;
}

/** Brings the old deposit to its end: blob and envelope deleted. False where that is left to settling. */
async function finishOldDeposit(vault: Deps, { tenant, id }: Deposit, request: RequestContext): Promise<boolean> {
  const find = () => vault.db.read((rows) => rows.deposits.find(tenant, id), request);
  const row = await find();
  if (row !== null) await recoverDeposit(vault, row, request);
  return (await find())?.state === 'ABORTED';
}
