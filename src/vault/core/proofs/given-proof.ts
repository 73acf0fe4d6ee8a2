// A proof that a person gave: verified against their passkey, redeemed in the change that it allows, and its event.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { NewEvent } from '../../../model/audit-event.ts';
import { check } from '../../../model/check.ts';
import type { DecisionValues } from '../../../model/log/proof.ts';
import type { Caller } from '../../../model/principal.ts';
import type { Passkey } from '../../../model/sign-in.ts';
import type { Transaction } from '../../../ports/database.ts';
import { actorOf, event } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { type OwnAssertion, verifyOwnAssertion } from './own-assertion.ts';
import { type KnownProof, readProofToken } from './proof-token.ts';
import { countRefusedSignIn } from './refused-sign-in.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

/** A token, and the browser's answer to its options. */
export type GivenProof = { readonly token: string; readonly answer: unknown };

/** A proof whose signature is right; it counts once it is redeemed. */
export type VerifiedProof = KnownProof & OwnAssertion & { readonly decisions: number };

/** What a caller gets for a proof that does not count: one text, whether it was altered, expired or used. */
export function proofMismatch(): VaultError {
  const checks = [check('proof', false, 'proof_mismatch')];
  return new VaultError('access_refused', 'the passkey did not confirm exactly this', { checks });
}

/**
 * Verifies that a passkey of the caller signed exactly these decisions. `metadataKey` is that of the caller's tenant.
 * Throws `access_refused` with the code `proof_mismatch`, and counts it in the log where the passkey is the caller's.
 */
export async function verifyProof(
  vault: Deps,
  by: Caller,
  given: GivenProof,
  found: Passkey | null,
  decisions: readonly DecisionValues[],
  metadataKey: SecretKey | null,
  request: RequestContext,
): Promise<VerifiedProof> {
  const known = await readProofToken(vault, by, given.token, decisions, request);
  if (known === null) throw proofMismatch();
  const claim = { challenge: known.challenge, answer: given.answer, found };
  const own = await verifyOwnAssertion(vault, by, claim, metadataKey, proofMismatch, request);
  return { ...known, ...own, decisions: decisions.length };
}

/** Errors of proofs that were right and did not count: used before, or by a passkey that was removed since. */
const unredeemed = new WeakSet<VaultError>();

/**
 * Redeems a proof in the change that it allows. Throws `access_refused` where it was used before, it has expired by the
 * database's clock, or its passkey was removed or has a later counter.
 */
export async function redeemProof(tx: Transaction, proof: VerifiedProof, now: string): Promise<void> {
  const { id, expires, passkey, counter } = proof;
  const [first, used] = await Promise.all([
    tx.signIns.answered(id, expires),
    tx.signIns.used(passkey.tenant, passkey.id, counter, now),
  ]);
  if (first && used && now < expires) return;
  const error = proofMismatch();
  unredeemed.add(error);
  throw error;
}

/** The outcome of a change that redeems a proof; counts in the log, as a denied sign-in, a proof that did not count. */
export async function redeemingProof<T>(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  proof: VerifiedProof | null,
  changing: Promise<T>,
  request: RequestContext,
): Promise<T> {
  try {
    return await changing;
  } catch (error) {
    if (proof !== null && error instanceof VaultError && unredeemed.has(error))
      await countRefusedSignIn(vault, 'passkey', proof.passkey, request);
    throw error;
  }
}

/** The event of a proof, to be written right before those of its decisions. */
export function proofEvent(by: Caller, proof: VerifiedProof, request: RequestContext): NewEvent {
  const { id, decisions, passkey, assertion } = proof;
  const object = { id, decisions, passkey: passkey.id, ...assertion };
  return event(by.tenant, actorOf(by), 'proof.given', object, request);
}
