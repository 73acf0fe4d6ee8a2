// Applying a change of people: a row and an event each.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { eventList, type NewEvent } from '../../model/audit-event.ts';
import { changedIn, type PeopleBody, type PersonToAdd, type PersonToChange } from '../../model/change/people.ts';
import type { Principal } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { changeWithMac, withMac } from '../core/authority/authority-rows.ts';
import { event } from '../core/events/events.ts';
import { newPrincipal } from '../people/new-principal.ts';
import type { Applying } from './applying.ts';

/**
 * Locks the people whom a change changes, in order of their ids. Call it before the tenant is locked: a request of theirs
 * holds their row and waits for the tenant (decision 0012).
 */
export async function lockChanged(tx: Transaction, tenant: string, ids: readonly string[]): Promise<void> {
  await Promise.all([...ids].sort().map((id) => tx.principals.lock(tenant, id)));
}

/** Adds and changes people. Throws `conflict` where a concurrent update came first, `integrity`. */
export async function applyPeople(
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: string,
  body: PeopleBody,
  { by, marks, request }: Applying,
): Promise<NewEvent[]> {
  const now = await tx.now();
  const events: NewEvent[] = [];
  for (const one of body.add) {
    const { id, name, roles, trained_until: trainedUntil } = one;
    const what = { tenant, kind: 'person', name, roles, owners: [], trainedUntil } as const;
    await tx.principals.insert(newPrincipal(metadataKey, what, { created: now, first: false, id }));
    events.push(event(tenant, by, 'person.added', { id, roles: eventList(roles), ...trained(one), ...marks }, request));
  }
  const changes = changedIn(body);
  const ids = changes.map(({ id }) => id);
  const found = new Map((await tx.principals.findMany(tenant, ids)).map((row) => [row.id, row]));
  for (const one of changes) {
    const row = found.get(one.id);
    if (row === undefined || !(await tx.principals.change(row, changedColumns(metadataKey, row, one, now))))
      throw new VaultError('conflict', 'a concurrent update changed a person of this change first');
    const { id, from, to } = one;
    const back = from.state === 'off' ? { back: 1 } : { was: eventList(from.roles) };
    const object = { id, roles: eventList(to.roles), ...back, ...trained(to), ...marks };
    events.push(event(tenant, by, 'person.changed', object, request));
  }
  return events;
}

function trained({ trained_until: until }: Pick<PersonToAdd, 'trained_until'> | PersonToChange['to']) {
  return until === undefined || until === null ? {} : { trained_until: until };
}

function changedColumns(metadataKey: SecretKey, row: Principal, { from, to }: PersonToChange, now: string) {
  const became = to.roles.includes('supervisor') && (from.state === 'off' || !from.roles.includes('supervisor'));
  const columns = { roles: to.roles, trainedUntil: to.trained_until, ...(became ? { approvingSince: now } : {}) };
  if (row.state === 'ACTIVE') return changeWithMac(metadataKey, 'principal', row, columns);
  // No MAC covers the row of a deactivated person. Of what it says only the name counts, which is sealed: an
  // edited row must not give the person an older account, or make them one of the tenant's first.
  const { mac: _, ...rest } = row;
  const back = { ...columns, kind: 'person', state: 'ACTIVE', created: now, owners: [], first: false } as const;
  const { mac } = withMac(metadataKey, 'principal', {
    ...rest,
    ...back,
    approvingSince: columns.approvingSince ?? null,
    version: row.version + 1,
  });
  return { ...back, approvingSince: columns.approvingSince ?? null, mac };
}
