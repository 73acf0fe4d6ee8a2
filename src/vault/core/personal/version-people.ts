// Who brought versions of a policy or of retention rules: the people of the changes that set them.
import { isId } from '../../../bytes/ids.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Rows } from '../../../ports/database.ts';
import { readNames } from './names.ts';

/** Who proposed and approved a version, by name, an operator by staff code; null for one that no change brought. */
export type VersionPeople = { readonly proposer: string | null; readonly decider: string | null };

/** Of a version that no change brought. */
export const NO_PEOPLE: VersionPeople = { proposer: null, decider: null };

/** The people of versions by the changes that brought them, in the same order. */
export async function peopleOfVersions(
  rows: Pick<Rows, 'changes' | 'principals'>,
  metadataKey: SecretKey,
  tenant: string,
  versions: readonly { readonly change: string | null }[],
): Promise<readonly VersionPeople[]> {
  const changes = await Promise.all(
    versions.map(async ({ change }) => (change === null ? null : rows.changes.find(tenant, change))),
  );
  const people = changes.flatMap((one) => (one === null ? [] : [one.proposer, one.decider ?? one.proposer]));
  const ids = people.filter((id) => isId(id, 'usr'));
  const names = await readNames(rows, metadataKey, tenant, ids);
  // A staff code is its own name.
  const nameOf = (id: string | null | undefined): string | null => (id ? (names.get(id) ?? id) : null);
  return changes.map((one) => ({ proposer: nameOf(one?.proposer), decider: nameOf(one?.decider) }));
}
