// The proof of a further passkey: one that the person already has signs the new one's id and key.
import { newIdAt } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { type DecisionValues, decisionValues } from '../../model/log/proof.ts';
import type { Caller } from '../../model/principal.ts';
import type { PasskeyCredential } from '../../ports/passkeys.ts';
import { type GivenProof, type VerifiedProof, verifyProof } from '../core/proofs/given-proof.ts';
import { type OpenedProof, openProof } from '../core/proofs/proof-token.ts';
import { requirePasskeys } from '../core/proofs/require-passkeys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type VerifiedChallenge, verifyChallenge } from './challenges.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

/** A registration whose answer is right; `spki`: its public key as the log has it, in base64. */
export type Registration = {
  readonly opened: VerifiedChallenge;
  readonly added: PasskeyCredential;
  readonly spki: string;
};

/** Reads the answer to a registration, and redeems nothing. Throws `sign_in_refused`. */
export async function readRegistration(
  vault: Deps,
  by: Caller,
  { challenge, answer }: { readonly challenge: string; readonly answer: unknown },
  request: RequestContext,
): Promise<Registration> {
  const passkeys = requirePasskeys(vault);
  const opened = await verifyChallenge(vault, 'add', requireSignIn(by), challenge, request);
  const added = await passkeys.verifyRegistration(answer, opened.value);
  const spki = added === null ? null : await passkeys.keyOf(added.publicKey);
  if (added === null || spki === null)
    throw new VaultError('sign_in_refused', 'the answer has no passkey for this challenge');
  return { opened, added, spki: Buffer.from(spki).toString('base64') };
}

/**
 * Opens the proof of a further passkey, once the browser has made it: its future id, and the options for one of the
 * caller's. Reads rows and writes none. Throws `sign_in_refused`, `conflict` for a caller without a passkey.
 */
export async function openPasskeyProof(
  vault: Deps,
  by: Caller,
  registration: { readonly challenge: string; readonly answer: unknown },
  request: RequestContext,
): Promise<OpenedProof & { readonly passkey: string }> {
  const { spki } = await readRegistration(vault, by, registration, request);
  const own = await vault.db.read((rows) => rows.signIns.passkeys(by.tenant, by.principal), request);
  if (own.length === 0) throw new VaultError('conflict', 'a first passkey needs no proof by another');
  const passkey = newIdAt('pky', vault.clock.now());
  return { passkey, ...(await openProof(vault, by, own, valuesOf(passkey, spki), request)) };
}

/** Verifies the proof over this id and key. `rowKey` is the metadata key of the caller's tenant. Throws as `verifyProof`. */
export async function verifyPasskeyProof(
  vault: Deps,
  by: Caller,
  id: string,
  spki: string,
  given: GivenProof,
  rowKey: SecretKey | null,
  request: RequestContext,
): Promise<VerifiedProof> {
  const claimed = requirePasskeys(vault).claimedCredential(given.answer);
  const find = async () => vault.db.read((rows) => rows.signIns.byCredential(claimed ?? ''), request);
  const found = claimed === null ? null : await find();
  return verifyProof(vault, by, given, found, valuesOf(id, spki), rowKey, request);
}

/** The id of the caller's sign-in session. Throws `forbidden` for an API key. */
export function requireSignIn({ signIn }: Caller): string {
  if (signIn === undefined) throw new VaultError('forbidden', 'only a signed-in person can add passkeys');
  return signIn.id;
}

function valuesOf(id: string, key: string): readonly DecisionValues[] {
  return [decisionValues('passkey.added', { id, key })];
}
