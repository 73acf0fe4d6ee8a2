// Deactivating a person or service: all that they hold ends in the same transaction.
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent, Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, DEPLOYMENT, event, presentedCredential } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { adminsWithPasskey } from './admins.ts';
import { type Ending, endAccess } from './end-access.ts';

type Deps = Pick<Vault, 'db' | 'sessionKeys'>;

/**
 * Deactivates a principal by an operator's command: cancels its requests, revokes its grants and API keys, ends its
 * sign-ins and listening sessions, withdraws its links. Throws `not_found`, or `conflict` where it is deactivated
 * already. Returns how many sign-ins ended.
 */
export async function deactivatePrincipal(
  vault: Deps,
  by: Actor,
  tenant: string,
  id: string,
  request: RequestContext,
): Promise<number> {
  const { result } = await vault.db.change(async (tx) => {
    const { ended, events, sessions } = await deactivate(tx, tenant, id, { by, credential: {}, request });
    return { result: { ended, sessions }, events };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  return result.ended;
}

/**
 * Deactivates a person of the caller's tenant, as `deactivatePrincipal`. Throws `not_found`, and `conflict` where they are
 * deactivated already, or are the last active admin with a passkey.
 */
export async function deactivatePerson(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    // Removing access gives none, so the states of the caller's rows suffice.
    await requireLiveCallerWithoutMac(tx, by);
    const person = await tx.principals.lock(by.tenant, id);
    if (person === null) throw new VaultError('not_found', 'there is no such person');
    if (person.roles.includes('admin')) await requireOtherAdmin(tx, by.tenant, id);
    const how = { by: actorOf(by), credential: presentedCredential(by), request };
    const { events, sessions } = await deactivate(tx, by.tenant, id, how);
    return { result: sessions, events, ...replyToStore(request, 'done', id) };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}

/** Throws `conflict` where this person is the last admin who can confirm. */
async function requireOtherAdmin(tx: Transaction, tenant: string, id: string): Promise<void> {
  // Exclusive: two admins who deactivate each other come one after the other. For other people every upload of the
  // tenant would wait.
  await tx.tenants.lock(tenant);
  const admins = await adminsWithPasskey(tx, tenant);
  if (admins.length === 1 && admins[0] === id)
    throw new VaultError('conflict', 'this is the last admin with a passkey: another admin must add one first');
}

/**
 * Deactivates a principal in a transaction, with all that it holds. Throws `not_found`, and `conflict` where it is
 * deactivated already.
 */
export async function deactivate(
  tx: Transaction,
  tenant: string,
  id: string,
  how: Ending,
): Promise<{ readonly ended: number; readonly events: NewEvent[]; readonly sessions: string[] }> {
  const principal = await tx.principals.lock(tenant, id);
  if (principal === null) throw new VaultError('not_found', 'there is no such person or service');
  if (principal.state === 'OFF' || !(await tx.principals.change(principal, { state: 'OFF', mac: null })))
    throw new VaultError('conflict', 'the person or service is already deactivated');
  const { ended, events, sessions } = await endAccess(tx, principal, how);
  const { by, request } = how;
  const object = { type: principal.kind, id };
  const off = [event(tenant, by, 'person.off', object, request)];
  if (tenant !== DEPLOYMENT) off.push(event(DEPLOYMENT, by, 'person.off', { ...object, tenant }, request));
  return { ended, events: [...off, ...events], sessions };
}
