// API keys: created and shown once, stored as a hash, compared in constant time, revoked.
import { randomBytes } from 'node:crypto';
import { equalBytes, sha256 } from '../../bytes/digest.ts';
import { isId, newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { type Actor, eventList, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import {
  type ApiKey,
  type Caller,
  humansOf,
  type Principal,
  type Role,
  SCOPES,
  type Scope,
  scopesFor,
} from '../../model/principal.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { authorityKey } from '../core/authority/authority-key.ts';
import { requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { type CredentialCheckOptions, requireAuthenticRows } from '../core/authority/credential-rows.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { Marks } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type ApiKeyRefusal, countRefusedApiKey } from './refused-api-key.ts';

/** Anyone who finds an API key of a person with one of these roles can open or approve calls as that person. */
const CONTENT_ROLES: readonly Role[] = ['reviewer', 'supervisor', 'privacy'];
const CONTENT_DAYS = 90;
const MOST_DAYS = 730;

const SECRET = /^cv_([0-7][0-9a-hjkmnp-tv-z]{25})_([A-Za-z0-9_-]{43})$/;

/** A key that is wanted. `scopes` null: all scopes that the principal's roles can use. */
export type ApiKeyInput = {
  readonly tenant: string;
  readonly principal: string;
  readonly days: number;
  readonly scopes: readonly string[] | null;
};

/** A key as its creator gets it: only this has the secret. */
export type NewApiKey = { readonly id: string; readonly secret: string; readonly expires: string };

/**
 * Creates an API key for a principal. Only the reply has the secret.
 */
export async function createApiKey(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Actor,
  what: ApiKeyInput,
  request: RequestContext,
): Promise<NewApiKey> {
  requireDays(what);
  const rowKey = await authorityKey(vault, what.tenant, request);
  if (rowKey === null) throw new VaultError('malformed', 'operators sign in; they have no API keys');
  const { result } = await vault.db.change(async (tx) => {
    const scopes = await scopesOfNewKey(tx, rowKey, what);
    return insertApiKey(tx, rowKey, { ...what, scopes }, { id: newId('key'), by, marks: {}, request });
  }, request);
  return result;
}

/** Throws `malformed` for a time that no key lasts, and for the deployment. */
export function requireDays({ tenant, days }: Pick<ApiKeyInput, 'tenant' | 'days'>): void {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new VaultError('malformed', `an API key lasts 1 to ${MOST_DAYS} days`);
  if (tenant === DEPLOYMENT) throw new VaultError('malformed', 'operators sign in; they have no API keys');
}

/** The scopes of a new key. Throws `not_found`, and `malformed` where the principal's roles do not allow the key. */
export async function scopesOfNewKey(rows: Rows, rowKey: SecretKey, what: ApiKeyInput): Promise<readonly string[]> {
  const principal = await rows.principals.find(what.tenant, what.principal);
  if (principal === null || principal.state !== 'ACTIVE')
    throw new VaultError('not_found', 'there is no such active principal');
  requireAuthentic(rowKey, 'principal', principal);
  const content = principal.roles.find((role) => CONTENT_ROLES.includes(role));
  if (content !== undefined && what.days > CONTENT_DAYS)
    throw new VaultError(
      'malformed',
      `an API key of a person with the role ${content} lasts at most ${CONTENT_DAYS} days`,
    );
  const possible = scopesFor(principal.roles);
  const scopes = what.scopes ?? possible;
  const foreign = scopes.find((scope) => !possible.includes(scope as Scope));
  if (foreign !== undefined)
    throw new VaultError('malformed', `the principal's roles have no use for the scope ${foreign}`);
  return scopes;
}

/** The new key's id, who creates it, and what its event says of the second person. */
type KeyMaking = {
  readonly id: string;
  readonly by: Actor;
  readonly marks: Marks;
  readonly request: Pick<RequestContext, 'req'>;
};

/** Creates a key with the scopes of `scopesOfNewKey`, in the same transaction. */
export async function insertApiKey(
  tx: Transaction,
  rowKey: SecretKey | null,
  { tenant, principal, days, scopes }: ApiKeyInput & { readonly scopes: readonly string[] },
  { id, by, marks, request }: KeyMaking,
): Promise<{ readonly result: NewApiKey; readonly events: readonly NewEvent[] }> {
  const secret = `cv_${id.slice(4)}_${randomBytes(32).toString('base64url')}`;
  const created = await tx.now();
  const expires = new Date(Date.parse(created) + days * 86_400_000).toISOString();
  const row = { tenant, id, principal, hash: sha256(secret), scopes, state: 'ACTIVE', version: 1, created, expires };
  await tx.principals.insertApiKey(withMac(rowKey, 'api_key', { ...row, state: 'ACTIVE' }));
  const object = { id, principal, scopes: eventList(scopes), expires, ...marks };
  const made = event(tenant, by, 'api_key.created', object, request);
  return { result: { id, secret, expires }, events: [made] };
}

/**
 * Revokes an API key of the tenant `within`, or of any tenant where that is null; it stops working immediately. Throws
 * `not_found`, or `conflict` where it is revoked already.
 */
export async function revokeApiKey(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  id: string,
  within: string | null,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { receipts } = await vault.db.change(async (tx) => {
    const key = isId(id, 'key') ? await tx.principals.apiKey(id) : null;
    if (key === null || (within !== null && key.tenant !== within))
      throw new VaultError('not_found', 'there is no such API key');
    // The principal is locked: a concurrent request with the key comes before this, or is denied.
    await tx.principals.lock(key.tenant, key.principal);
    if (key.state !== 'ACTIVE' || !(await tx.principals.changeApiKey(key, { state: 'REVOKED', mac: null }))) {
      throw new VaultError('conflict', 'the API key is already revoked');
    }
    const object = { id, principal: key.principal };
    const events = [event(key.tenant, by, 'api_key.revoked', object, request)];
    return { result: undefined, events, ...replyToStore(request, 'done', id) };
  }, request);
  return receipts[0];
}

/** The id in a secret's text; null for an ill-formed secret. */
export function parseApiKeyId(secret: string): string | null {
  const id = SECRET.exec(secret)?.[1];
  return id === undefined ? null : `key_${id}`;
}

/** A presented secret, and the id of its key; null where that is no id. */
export type PresentedKey = { readonly id: string | null; readonly secret: string };

/**
 * Authenticates a secret. Throws `unauthenticated`, the same for a wrong, unknown, expired, revoked and forged one, and
 * for the secret of a key with another id; throws the key service's errors where the tenant's rows cannot be checked.
 */
export async function authenticateApiKey(
  vault: Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys'>,
  { id, secret }: PresentedKey,
  request: RequestContext,
  presenting: CredentialCheckOptions = {},
): Promise<Caller> {
  // An ill-formed secret takes the same steps as a wrong one.
  const presented = sha256(secret);
  const { found, now } = await vault.db.read(
    async (rows) => ({ found: await rows.looks.apiKey(id ?? 'key_'), now: await rows.now() }),
    request,
  );
  const same = equalBytes(presented, found?.apiKey.hash ?? Buffer.alloc(32));
  if (found === null) throw credentialRefused();
  const { apiKey: key, principal, tenant } = found;
  if (principal === null || tenant === null || tenant.state === 'CREATING') throw credentialRefused();
  const why = !same ? 'secret' : refusalOf(key, principal, now);
  if (why !== null) {
    await countRefusedApiKey(vault, key, principal, why, request);
    throw credentialRefused();
  }
  await requireAuthenticRows(vault, tenant, { apiKey: key, principal }, credentialRefused, request, presenting);
  return {
    tenant: key.tenant,
    principal: principal.id,
    kind: principal.kind,
    roles: principal.roles,
    scopes: key.scopes.filter((scope): scope is Scope => (SCOPES as readonly string[]).includes(scope)),
    auth: 'api-key',
    apiKey: key.id,
    humans: humansOf(principal),
  };
}

function credentialRefused(): VaultError {
  return new VaultError('unauthenticated', 'the credential is not valid');
}

/** Why a key whose secret matches is denied; null where it is accepted. */
function refusalOf(key: ApiKey, principal: Principal, now: string): ApiKeyRefusal | null {
  if (key.state !== 'ACTIVE') return 'revoked';
  if (key.expires <= now) return 'expired';
  return principal.state === 'ACTIVE' ? null : 'principal-off';
}
