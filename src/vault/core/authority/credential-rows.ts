// The rows behind a presented credential: the credential's and its principal's.
import type { VaultError } from '../../../errors.ts';
import type { ApiKey, Principal } from '../../../model/principal.ts';
import type { SignIn } from '../../../model/sign-in.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { isKeyUnavailable } from '../wrapped-keys/key-unavailable.ts';
import { requireAuthentic } from './authority-rows.ts';
import { refuseForged } from './forged-rows.ts';

/** A credential's row and its principal's row. */
export type CredentialRows = { readonly principal: Principal } & (
  | { readonly apiKey: ApiKey }
  | { readonly signIn: SignIn }
);

/**
 * How a credential is checked. `withoutKey`: while the tenant's key is unavailable, the states of the rows alone
 * decide. Only for requests that revoke access or show nothing sealed.
 */
export type CredentialCheckOptions = { readonly withoutKey?: boolean };

/**
 * Checks the rows of a credential. `tenant` is null for the deployment's own people. Throws `refused` where a row is
 * forged, and counts that in the log; throws the key service's errors where the rows cannot be checked.
 */
export async function requireAuthenticRows(
  vault: Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys'>,
  tenant: Tenant | null,
  rows: CredentialRows,
  refused: VaultError,
  request: RequestContext,
  { withoutKey = false }: CredentialCheckOptions,
): Promise<void> {
  if (tenant === null) return;
  const key = await vault.metadataKeys.get(tenant, request).catch((error: unknown) => {
    if (withoutKey && isKeyUnavailable(error)) return null;
    throw error;
  });
  if (key === null) return;
  const check = (): void => {
    requireAuthentic(key, 'principal', rows.principal);
    if ('apiKey' in rows) requireAuthentic(key, 'api_key', rows.apiKey);
    else requireAuthentic(key, 'sign_in', rows.signIn);
  };
  await refuseForged(vault, check, refused, request);
}
