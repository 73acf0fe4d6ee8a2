// The rows that a presented credential stands on: its own and its principal's.
import { hasCode, type VaultError } from '../../errors.ts';
import type { ApiKey, Principal } from '../../model/principal.ts';
import type { Passkey, SignIn, SignInLink } from '../../model/sign-in.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { refusingForged } from './forged.ts';
import { authorityKey } from './key.ts';
import { requireAuthentic } from './rows.ts';

/** A credential's row, and whose it is; the principal may be missing where something else looks at it. */
export type CredentialRows = {
  readonly principal?: Principal;
  readonly api_key?: ApiKey;
  readonly sign_in?: SignIn;
  readonly sign_in_link?: SignInLink;
  readonly passkey?: Passkey;
};

/**
 * How a credential is looked at. `withoutKey`: where the tenant's key is unavailable it is taken by the states of its rows
 * alone, for what takes access away or shows nothing that is sealed.
 */
export type Presenting = { readonly withoutKey?: boolean };

/**
 * Checks these rows of a tenant. Throws `refused` where one is forged, which is counted in the log; the key service's
 * errors where they cannot be checked.
 */
export async function requireAuthenticRows(
  vault: Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys'>,
  tenant: string,
  rows: CredentialRows,
  refused: VaultError,
  request: Request,
  { withoutKey = false }: Presenting = {},
): Promise<void> {
  const key = await authorityKey(vault, tenant, request).catch((error: unknown) => {
    if (withoutKey && hasCode(error, 'key_refused', 'key_service_unavailable', 'not_available', 'key_zeroed'))
      return undefined;
    throw error;
  });
  if (key === undefined) return;
  const check = (): void => {
    const { principal, api_key, sign_in, sign_in_link, passkey } = rows;
    if (principal !== undefined) requireAuthentic(key, 'principal', principal);
    if (api_key !== undefined) requireAuthentic(key, 'api_key', api_key);
    if (sign_in !== undefined) requireAuthentic(key, 'sign_in', sign_in);
    if (sign_in_link !== undefined) requireAuthentic(key, 'sign_in_link', sign_in_link);
    if (passkey !== undefined) requireAuthentic(key, 'passkey', passkey);
  };
  await refusingForged(vault, check, refused, request);
}
