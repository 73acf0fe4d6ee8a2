// The body of a change of people, planned against the people whom it names.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import {
  fieldErrorsOf,
  idsIn,
  MAX_PEOPLE,
  type PeopleBody,
  type PeoplePlan,
  planPeople,
  type WantedPerson,
} from '../../model/change/people.ts';
import type { Rows } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';

/** What is wanted of people: at most 200 rows. */
export type WantedPeople = { readonly kind: 'people'; readonly people: readonly WantedPerson[] };

/** The rows as planned now, with the faults. Throws `malformed` for too many rows, `integrity`. */
export async function planOfPeople(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  people: readonly WantedPerson[],
): Promise<PeoplePlan> {
  if (people.length === 0 || people.length > MAX_PEOPLE)
    throw new VaultError('malformed', `a change has 1 to ${MAX_PEOPLE} people`);
  const found = await rows.principals.findMany(tenant, idsIn(people));
  for (const one of found) requireAuthentic(metadataKey, 'principal', one);
  return planPeople(people, new Map(found.map((one) => [one.id, one])));
}

/** The body, with the ids of new people. Throws `malformed`, naming the faults of each row, and `integrity`. */
export async function draftPeople(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  { people }: WantedPeople,
): Promise<PeopleBody> {
  const plan = await planOfPeople(rows, metadataKey, tenant, people);
  const [first] = plan.faults;
  if (first !== undefined) {
    const fields = fieldErrorsOf(plan.faults);
    throw new VaultError('malformed', `row ${first.row + 1} is not possible: ${first.member} ${first.detail}`, {
      fields,
    });
  }
  const add = plan.rows.flatMap((row) => (row !== null && 'add' in row ? [{ id: newId('usr'), ...row.add }] : []));
  const change = plan.rows.flatMap((row) => (row !== null && 'change' in row ? [row.change] : []));
  return { v: 1, kind: 'people', add, ...(change.length === 0 ? {} : { change }) };
}
