// Removing roles of a person: by one admin at once, since it only removes access.
import { VaultError } from '../../errors.ts';
import { eventList, type Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { changeWithMac } from '../core/authority/authority-rows.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Removes roles of a person of the caller's tenant, with the next request of that person. Throws `not_found`, `malformed`
 * where no role would be left, `conflict` where the person has none of them or is deactivated, `integrity`.
 */
export async function removeRoles(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  id: string,
  roles: readonly string[],
  request: RequestContext,
): Promise<Receipt | undefined> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const { receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    const person = await tx.principals.lock(by.tenant, id);
    if (person?.kind !== 'person') throw new VaultError('not_found', 'there is no such person');
    const left = person.roles.filter((role) => !roles.includes(role));
    if (person.state !== 'ACTIVE' || left.length === person.roles.length)
      throw new VaultError('conflict', 'this person has none of these roles');
    if (left.length === 0)
      throw new VaultError('malformed', 'this would leave the person without a role: deactivate the person', {
        fields: [{ pointer: '/roles', detail: 'are all roles of the person' }],
      });
    const columns = changeWithMac(metadataKey, 'principal', person, { roles: left });
    if (!(await tx.principals.change(person, columns)))
      throw new VaultError('conflict', 'a concurrent update changed this person first');
    const trained = person.trainedUntil === null ? {} : { trained_until: person.trainedUntil };
    const object = { id, was: eventList(person.roles), roles: eventList(left), ...trained };
    const made = event(by.tenant, actorOf(by), 'person.changed', object, request);
    return { result: undefined, events: [made], ...replyToStore(request, 'done', id) };
  }, request);
  return receipts[0];
}
