// Adding people and services to a tenant.
import { VaultError } from '../../errors.ts';
import { type Actor, eventList } from '../../model/audit-event.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type NewPrincipal, newPrincipal } from './new-principal.ts';

/** Adds a principal and returns its id. Throws `not_found` for an unknown tenant or owner, `malformed` for roles. */
export async function addPrincipal(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Actor,
  what: NewPrincipal,
  request: RequestContext,
): Promise<string> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(what.tenant), request);
  if (tenant === null || tenant.state !== 'ACTIVE') throw new VaultError('not_found', 'there is no such active tenant');
  if (what.kind === 'service' && what.owners.length === 0) {
    throw new VaultError('malformed', 'a service needs an owner: a person who answers for it');
  }
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const { result } = await vault.db.change(async (tx) => {
    for (const owner of what.owners) {
      const person = await tx.principals.find(what.tenant, owner);
      if (person?.kind !== 'person')
        throw new VaultError('not_found', 'the owner of a service must be a person of the tenant');
    }
    const row = newPrincipal(metadataKey, what, { created: await tx.now(), first: false });
    await tx.principals.insert(row);
    const action = what.kind === 'person' ? 'person.added' : 'service.added';
    const owners = row.owners.length === 0 ? {} : { owners: eventList(row.owners) };
    const object = { id: row.id, roles: eventList(row.roles), ...owners };
    return { result: row.id, events: [event(what.tenant, by, action, object, request)] };
  }, request);
  return result;
}
