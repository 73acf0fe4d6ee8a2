// Signatures of changes by passkey: the challenge is the hash of the leaf of `change.proposed`.
import { equalBytes } from '../../bytes/digest.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Change } from '../../model/change/change.ts';
import { check } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { requireAuthenticChange } from '../core/authority/logged-change.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf, DEPLOYMENT } from '../core/events/events.ts';
import { type OwnAssertion, verifyOwnAssertion } from '../core/proofs/own-assertion.ts';
import { requirePasskeys } from '../core/proofs/require-passkeys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { findChange } from './context.ts';
import { activeOwner } from './owner.ts';

export type SignatureDeps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys'>;

/** A passkey's signature over the leaf with this hash; it counts once it is used. */
export type ChangeSignature = OwnAssertion & { readonly leafHash: Uint8Array };

/** A change, and the options for the browser to sign it with a passkey of the caller. */
export type OpenedSignature = { readonly change: Change; readonly options: object };

function signatureMismatch(): VaultError {
  const checks = [check('proof', false, 'proof_mismatch')];
  return new VaultError('change_refused', 'the passkey did not sign exactly this change', { checks });
}

/**
 * The options for signing a change. Stores nothing. Throws `not_found` for a change that the caller may not see, `integrity`
 * for an edited one, and `conflict` for an API key, a person without a passkey, a change that was decided, and one of
 * before changes were signed.
 */
export async function openSignature(
  vault: SignatureDeps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<OpenedSignature> {
  const object = { type: 'changes', id: by.tenant } as const;
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'change.read', object }, request);
  const { change, own } = await vault.db.read(
    async (rows) => ({
      change: await findChange(rows, by, id),
      own: await rows.signIns.passkeys(by.tenant, by.principal),
    }),
    request,
  );
  if (by.signIn === undefined) throw new VaultError('conflict', 'an API key cannot sign: sign in the console');
  if (own.length === 0) throw new VaultError('conflict', 'you have no passkey: add one to sign changes');
  if (change.state !== 'OPEN') throw new VaultError('conflict', 'this change was decided already');
  // An edited row must not have a passkey sign something else.
  const { metadataKey } = await activeOwner(vault, change.tenant, request);
  await vault.db.read((rows) => requireAuthenticChange(rows, metadataKey, change), request);
  if (change.leafHash === null)
    throw new VaultError('conflict', 'this change is older than signatures: withdraw it and propose it again');
  const known = own.map(({ credential, transports }) => ({ id: credential, transports }));
  return { change, options: await requirePasskeys(vault).authenticationOptions(known, challengeOf(change.leafHash)) };
}

/**
 * Verifies that the answer is a signature of this change by a passkey of the caller. `metadataKey` is that of the
 * change's tenant, null of the deployment's. Throws `change_refused` with the code `proof_mismatch`.
 */
export async function verifySignature(
  vault: SignatureDeps,
  by: Caller,
  { leafHash }: Pick<Change, 'leafHash'>,
  answer: unknown,
  metadataKey: SecretKey | null,
  request: RequestContext,
): Promise<ChangeSignature> {
  if (leafHash === null || by.signIn === undefined) throw signatureMismatch();
  const credential = requirePasskeys(vault).claimedCredential(answer);
  const found = await vault.db.read((rows) => rows.signIns.byCredential(credential ?? ''), request);
  const rowKey = by.tenant === DEPLOYMENT ? null : metadataKey;
  const claim = { challenge: challengeOf(leafHash), answer, found };
  return { ...(await verifyOwnAssertion(vault, by, claim, rowKey, signatureMismatch, request)), leafHash };
}

/**
 * Uses a signature in the transaction of what it allows, once the change's row is locked and verified. Throws
 * `change_refused` where it is of another leaf, or its passkey was removed or has a later counter.
 */
export async function redeemSignature(
  tx: Transaction,
  change: Change,
  { passkey, counter, leafHash }: ChangeSignature,
  now: string,
): Promise<void> {
  const same = change.leafHash !== null && equalBytes(change.leafHash, leafHash);
  if (!same || !(await tx.signIns.used(passkey.tenant, passkey.id, counter, now))) throw signatureMismatch();
}

/** What the event of a signature shows: where the leaf is, and the assertion. */
export function signatureMembers({ leafIndex }: Pick<Change, 'leafIndex'>, { passkey, assertion }: ChangeSignature) {
  return { of: leafIndex ?? -1, passkey: passkey.id, ...assertion };
}

function challengeOf(leafHash: Uint8Array): string {
  return Buffer.from(leafHash).toString('base64url');
}
