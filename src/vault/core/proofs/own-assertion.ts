// An assertion by a passkey of the caller over a challenge: verified, with what its event shows.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { VaultError } from '../../../errors.ts';
import { type Assertion, isProof } from '../../../model/log/proof.ts';
import type { Caller } from '../../../model/principal.ts';
import type { Passkey } from '../../../model/sign-in.ts';
import { forgedRow } from '../authority/authority-rows.ts';
import { refuseForged } from '../authority/credential-rows.ts';
import { requireAuthenticStored } from '../authority/logged-rows.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { proofCrypto } from './proof-crypto.ts';
import { countRefusedSignIn } from './refused-sign-in.ts';
import { requirePasskeys } from './require-passkeys.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys'>;

/** What was signed by which passkey; `counter` is the authenticator's. */
export type OwnAssertion = { readonly passkey: Passkey; readonly assertion: Assertion; readonly counter: number };

const COUNTER_AT = 33;

/**
 * Verifies that `found`, the passkey that the answer claims, is the caller's and signed this challenge (base64url).
 * `rowKey` is the metadata key of the caller's tenant. Throws `mismatch()`, and counts it in the log where the passkey
 * is the caller's.
 */
export async function verifyOwnAssertion(
  vault: Deps,
  by: Caller,
  {
    challenge,
    answer,
    found,
  }: { readonly challenge: string; readonly answer: unknown; readonly found: Passkey | null },
  rowKey: SecretKey | null,
  mismatch: () => VaultError,
  request: RequestContext,
): Promise<OwnAssertion> {
  if (found?.tenant !== by.tenant || found.principal !== by.principal) throw mismatch();
  await requireOwnPasskey(vault, rowKey, found, mismatch, request);
  const passkeys = requirePasskeys(vault);
  const claimed = passkeys.claimedAssertion(answer);
  const key = await passkeys.keyOf(found.publicKey);
  if (claimed?.credential === found.credential && key !== null) {
    const { authenticator, client, signature } = claimed;
    const assertion = { key: Buffer.from(key).toString('base64'), authenticator, client, signature };
    if (isProof(assertion, challenge, vault.settings.url ?? '', proofCrypto)) {
      const counter = Buffer.from(authenticator, 'base64').readUInt32BE(COUNTER_AT);
      return { passkey: found, assertion, counter };
    }
  }
  await countRefusedSignIn(vault, 'passkey', found, request);
  throw mismatch();
}

/**
 * Requires that a passkey's row is authentic; in the deployment, also that its key is the one that the log has. Throws the
 * error of `refused`, and counts it in the log.
 */
export function requireOwnPasskey(
  vault: Deps,
  rowKey: SecretKey | null,
  passkey: Passkey,
  refused: () => VaultError,
  request: RequestContext,
): Promise<void> {
  const check = async (): Promise<void> => {
    const created = await requireAuthenticStored(vault, rowKey, 'passkey', passkey, request);
    // Events of older versions have no digest of the row's key: they have the key itself.
    const logged = created?.object['sha256'] === undefined ? created?.object['key'] : undefined;
    if (logged === undefined) return;
    const own = await requirePasskeys(vault).keyOf(passkey.publicKey);
    if (own === null || Buffer.from(own).toString('base64') !== logged) throw forgedRow('passkey', passkey);
  };
  return refuseForged(vault, check, refused, request);
}
