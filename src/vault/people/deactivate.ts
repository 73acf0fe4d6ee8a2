// Deactivating a person or service: their sign-ins, API keys and links stop working.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Deactivates a principal: ends its sign-ins, revokes its API keys, withdraws its links; its listening sessions end at
 * their next check. Throws `not_found`, or `conflict` where it is deactivated already. Returns how many sign-ins ended.
 */
export async function deactivatePrincipal(
  vault: Pick<Vault, 'db' | 'sessionKeys'>,
  by: Actor,
  tenant: string,
  id: string,
  request: RequestContext,
): Promise<number> {
  const { result } = await vault.db.change(async (tx) => {
    const principal = await tx.principals.lock(tenant, id);
    if (principal === null) throw new VaultError('not_found', 'there is no such person or service');
    if (principal.state === 'OFF' || !(await tx.principals.change(principal, { state: 'OFF', mac: null })))
      throw new VaultError('conflict', 'the person or service is already deactivated');
    const live = await tx.signIns.liveOf(tenant, id);
    const { ended, events, sessions } = await endSignIns(tx, by, live, 'person-off', request);
    for (const link of await tx.signIns.openLinks(tenant, id))
      await tx.signIns.changeLink(link, { state: 'WITHDRAWN', mac: null });
    for (const key of await tx.principals.apiKeys(tenant, id)) {
      if (key.state !== 'ACTIVE') continue;
      await tx.principals.changeApiKey(key, { state: 'REVOKED', mac: null });
      events.push(event(tenant, by, 'api_key.revoked', { id: key.id, principal: id }, request));
    }
    const object = { type: principal.kind, id };
    const deploymentEvents =
      tenant === DEPLOYMENT ? [] : [event(DEPLOYMENT, by, 'person.off', { ...object, tenant }, request)];
    const off = event(tenant, by, 'person.off', object, request);
    return { result: { ended, sessions }, events: [off, ...deploymentEvents, ...events] };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  return result.ended;
}
