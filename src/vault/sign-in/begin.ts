// The beginning of a sign-in session: its row, its secret and its event.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Principal } from '../../model/principal.ts';
import {
  addMilliseconds,
  MAX_SIGN_IN_MS,
  SIGN_IN_IDLE_MS,
  type SignIn,
  type SignInMethod,
} from '../../model/sign-in.ts';
import type { Change, Transaction } from '../../ports/database.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { insertLogged, requireAuthenticRow } from '../core/authority/logged-rows.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import { withOrigin } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import { newSecret } from './secret.ts';

/** A new session and its cookie's value, which is stored nowhere. */
export type NewSignIn = { readonly signIn: SignIn; readonly cookie: string };

/**
 * Begins a session in a transaction. The client address is sealed under the tenant's metadata key, which also
 * authenticates the row (null for the deployment, which has no key). Returns what the transaction returns. Throws
 * `sign_in_refused` for a deactivated person, `integrity` for a forged row.
 */
export async function beginSignIn(
  tx: Transaction,
  principal: Principal | null,
  method: SignInMethod,
  facts: { readonly link?: string; readonly passkey?: string },
  rowKey: SecretKey | null,
  request: RequestContext,
): Promise<Change<NewSignIn>> {
  if (principal?.state !== 'ACTIVE' || principal.kind !== 'person') {
    throw new VaultError('sign_in_refused', 'this person cannot sign in');
  }
  await requireAuthenticRow(tx, rowKey, 'principal', principal);
  const { tenant, id: person } = principal;
  const id = newId('sgn');
  const { secret, hash } = newSecret('cvs', id);
  const now = await tx.now();
  const row = {
    tenant,
    id,
    principal: person,
    hash,
    method,
    state: 'LIVE' as const,
    version: 1,
    created: now,
    seen: now,
    idleEnds: addMilliseconds(now, SIGN_IN_IDLE_MS),
    ends: addMilliseconds(now, MAX_SIGN_IN_MS),
    authTime: now,
    authMethod: method,
    ended: null,
    reason: null,
  };
  const rowAt = (leafIndex: number | null): SignIn => withMac(rowKey, 'sign_in', { ...row, leafIndex });
  const inserted = await insertLogged(tenant, (leafIndex) => tx.signIns.insertSignIn(rowAt(leafIndex)));
  const actor = { type: 'person', id: person, auth: 'sign-in' } as const;
  const digest = tenant === DEPLOYMENT ? { sha256: hash.toString('hex') } : {};
  const object = { id, method, ends: row.ends, ...facts, ...digest };
  const made = withOrigin(event(tenant, actor, 'sign_in.opened', object, request), rowKey, request);
  return { result: { signIn: rowAt(null), cookie: secret }, events: [made], ...inserted };
}
