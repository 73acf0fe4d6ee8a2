// Tokens of proofs: what a passkey is asked to sign, under a MAC. Nothing of a proof is stored before its answer (docs/decisions/0041).
import { hkdfExpand, info } from '../../../bytes/derivation.ts';
import { equalBytes } from '../../../bytes/digest.ts';
import { idTime, isId, newIdAt } from '../../../bytes/ids.ts';
import { logName } from '../../../model/audit-event.ts';
import { type DecisionValues, PROOF_MS, proofChallenge, proofText } from '../../../model/log/proof.ts';
import type { Caller } from '../../../model/principal.ts';
import type { Passkey } from '../../../model/sign-in.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { proofCrypto } from './proof-crypto.ts';
import { requirePasskeys } from './require-passkeys.ts';

type Deps = Pick<Vault, 'clock' | 'challengeKey' | 'settings' | 'passkeys'>;

/** A proof to be given: its token, and the options for the browser. */
export type OpenedProof = { readonly token: string; readonly options: object };

/** A proof that this deployment opened for this sign-in and exactly these decisions, and whose time is not over. */
export type KnownProof = { readonly id: string; readonly expires: string; readonly challenge: string };

const MAC_BYTES = 32;
const TOKEN = /^(prf_[0-9a-z]{26})\.([A-Za-z0-9_-]{43})$/;

/** Opens a proof over decisions, for the caller's sign-in and one of their passkeys. Reads and writes no row. */
export async function openProof(
  vault: Deps,
  by: Caller,
  passkeys: readonly Pick<Passkey, 'credential' | 'transports'>[],
  decisions: readonly DecisionValues[],
  request: RequestContext,
): Promise<OpenedProof> {
  const id = newIdAt('prf', vault.clock.now());
  const challenge = challengeOf(vault, by, id, decisions);
  const mac = macOf(await vault.challengeKey(request), by, id, challenge);
  const known = passkeys.map(({ credential, transports }) => ({ id: credential, transports }));
  const options = await requirePasskeys(vault).authenticationOptions(known, challenge);
  return { token: `${id}.${mac.toString('base64url')}`, options };
}

/** The proof of a token; null for one that was not opened for this sign-in and these decisions, or is too old. */
export async function readProofToken(
  vault: Deps,
  by: Caller,
  token: string,
  decisions: readonly DecisionValues[],
  request: RequestContext,
): Promise<KnownProof | null> {
  const [, id = '', text = ''] = TOKEN.exec(token) ?? [];
  if (by.signIn === undefined || !isId(id, 'prf')) return null;
  const challenge = challengeOf(vault, by, id, decisions);
  const mac = macOf(await vault.challengeKey(request), by, id, challenge);
  // Compared as text: the last character of base64url has unused bits.
  if (!equalBytes(Buffer.from(mac.toString('base64url')), Buffer.from(text))) return null;
  // The time is part of the id, which the passkey signs: a stolen MAC key cannot make it later.
  const expires = idTime(id) + PROOF_MS;
  if (expires <= vault.clock.now()) return null;
  return { id, expires: new Date(expires).toISOString(), challenge };
}

function challengeOf({ settings }: Deps, by: Caller, id: string, decisions: readonly DecisionValues[]): string {
  return proofChallenge(proofText(logName(settings.origin, by.tenant), id, decisions), proofCrypto);
}

function macOf(key: Uint8Array, { signIn }: Caller, id: string, challenge: string): Buffer {
  return hkdfExpand(key, info('callvault/proof-mac@v1', signIn?.id ?? '', id, challenge), MAC_BYTES);
}
