// Who there is in a tenant: people and services, with their roles.
import type { Caller, Principal } from '../../model/principal.ts';
import { count } from '../log/counted.ts';
import { actorOf } from '../log/events.ts';
import type { Request } from '../request.ts';
import { keyIfThere } from '../tenants/key-if-there.ts';
import type { Vault } from '../vault.ts';
import { authenticName } from './read-names.ts';

/** A principal and its name; null where it cannot be opened now. */
export type PersonView = { readonly principal: Principal; readonly name: string | null };

/** People and services of the caller's tenant, oldest first, after the one with id `after`. */
export async function listPeople(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  after: string,
  limit: number,
  request: Request,
): Promise<PersonView[]> {
  const object = { type: 'people', id: by.tenant };
  await count(vault, { tenant: by.tenant, actor: actorOf(by), action: 'people.read', object, seconds: 300 }, request);
  const key = await keyIfThere(vault, by.tenant, request);
  const found = await vault.db.read((rows) => rows.principals.page(by.tenant, after, limit), request);
  return found.map((principal) => ({ principal, name: key === null ? null : authenticName(key, principal) }));
}
