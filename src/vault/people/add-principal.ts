// Adding people and services to a tenant.

import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { type Actor, eventList } from '../../model/audit-event.ts';
import type { Change, Rows, Transaction } from '../../ports/database.ts';
import { event } from '../core/events/events.ts';
import type { Marks } from '../core/permit.ts';
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
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const { result } = await vault.db.change(async (tx) => {
    await requireOwners(tx, what);
    return insertPrincipal(tx, metadataKey, what, { by, marks: {}, request });
  }, request);
  return result;
}

/** Throws `malformed` for a service without an owner, `not_found` where one is no person of the tenant. */
export async function requireOwners(
  { principals }: Pick<Rows, 'principals'>,
  { tenant, kind, owners }: Pick<NewPrincipal, 'tenant' | 'kind' | 'owners'>,
): Promise<void> {
  if (kind === 'service' && owners.length === 0)
    throw new VaultError('malformed', 'a service needs an owner: a person who answers for it');
  for (const owner of owners) {
    const person = await principals.find(tenant, owner);
    if (person?.kind !== 'person' || person.state !== 'ACTIVE')
      throw new VaultError('not_found', 'the owner of a service must be an active person of the tenant');
  }
}

/** Who adds a principal, the id that a change fixed, and what the event says of the second person. */
type PrincipalMaking = {
  readonly id?: string;
  readonly by: Actor;
  readonly marks: Marks;
  readonly request: Pick<RequestContext, 'req'>;
};

/** Adds a principal whose owners are checked. Throws `malformed` for roles or a name. */
export async function insertPrincipal(
  tx: Transaction,
  metadataKey: SecretKey,
  what: NewPrincipal,
  { id, by, marks, request }: PrincipalMaking,
): Promise<Change<string>> {
  const made = { created: await tx.now(), first: false, ...(id === undefined ? {} : { id }) };
  const row = newPrincipal(metadataKey, what, made);
  await tx.principals.insert(row);
  const action = what.kind === 'person' ? 'person.added' : 'service.added';
  const owners = row.owners.length === 0 ? {} : { owners: eventList(row.owners) };
  const object = { id: row.id, roles: eventList(row.roles), ...owners, ...marks };
  return { result: row.id, events: [event(what.tenant, by, action, object, request)] };
}
