// The rows behind a presented credential: authentic, or counted as forged and denied like any wrong credential.

import { isAnyId } from '../../../bytes/ids.ts';
import type { AuthorityTable } from '../../../envelope/authority.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import type { ApiKey, Principal } from '../../../model/principal.ts';
import type { SignIn } from '../../../model/sign-in.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Rows } from '../../../ports/database.ts';
import { countEvent } from '../events/count-events.ts';
import { systemActor } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { isKeyUnavailable } from '../wrapped-keys/key-unavailable.ts';
import { forgedRow, requireAuthentic } from './authority-rows.ts';
import { requireLogged } from './logged-rows.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings'>;

const noted = new WeakSet<VaultError>();

/**
 * Counts a forged row that `error` names, once per row and minute; ignores any other error. Two callers may pass on the
 * same error (the check of a credential and the request around it): it counts once.
 */
export async function countForgedRow(vault: Deps, error: unknown, request: RequestContext): Promise<void> {
  if (!(error instanceof VaultError) || error.forged === undefined || noted.has(error)) return;
  noted.add(error);
  const { tenant, table, id } = error.forged;
  const what = {
    tenant,
    actor: systemActor(vault.settings),
    action: 'authority.refused',
    // A forger chose the row's id: the log accepts it only in the form of an id.
    object: { type: table as AuthorityTable, id: isAnyId(id) ? id : 'unreadable' },
    outcome: 'refused',
  } as const;
  await countEvent(vault, what, request);
}

/**
 * Runs a check of a credential's rows. Throws the error of `refused` where one of them is forged: the log of the process has
 * its `denial`, and the caller does not learn why. It is a function since an error costs as much as the whole check.
 */
export async function refuseForged(
  vault: Deps,
  check: () => unknown,
  refused: () => VaultError,
  request: RequestContext,
): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!hasCode(error, 'integrity')) throw error;
    await countForgedRow(vault, error, request);
    const refusal = refused();
    if (error.forged !== undefined) refusal.denial = error.forged.unsealed ? 'row_unsealed' : 'row_forged';
    throw refusal;
  }
}

/** A credential's row and its principal's row. */
export type CredentialRows = { readonly principal: Principal } & (
  | { readonly apiKey: ApiKey }
  | { readonly signIn: SignIn }
);

/**
 * How a credential is checked. `withoutKey`: while the tenant's key is unavailable, the states of the rows alone
 * decide. Only for requests that revoke access or show nothing sealed. `found` is called with the row of the caller's
 * tenant once the credential is accepted.
 */
export type CredentialCheckOptions = {
  readonly withoutKey?: boolean;
  readonly found?: (tenant: Tenant) => void;
};

/**
 * Checks the rows of a credential. `tenant` is null for the deployment's own people. Throws the error of `refused` where
 * a row is forged, and counts that in the log; throws the key service's errors where the rows cannot be checked.
 */
export async function requireAuthenticRows(
  vault: Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys'>,
  tenant: Tenant | null,
  rows: CredentialRows,
  refused: () => VaultError,
  request: RequestContext,
  { withoutKey = false, found }: CredentialCheckOptions,
): Promise<void> {
  if (tenant === null) {
    const logged = (): Promise<void> => vault.db.read((at) => requireLoggedRows(at, rows), request);
    await refuseForged(vault, logged, refused, request);
    return;
  }
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
  found?.(tenant);
}

async function requireLoggedRows(at: Pick<Rows, 'log'>, rows: CredentialRows): Promise<void> {
  await requireLogged(at, 'principal', rows.principal);
  // The deployment's people have no API keys.
  if ('apiKey' in rows) throw forgedRow('api_key', rows.apiKey);
  await requireLogged(at, 'sign_in', rows.signIn);
}
