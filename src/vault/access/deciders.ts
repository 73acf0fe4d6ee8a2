// Who could decide on what a person asks for: told to whoever asks, so that they know whom they wait for.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { mayDecide } from '../../model/access-checks.ts';
import type { Policy } from '../../model/policy.ts';
import type { Principal } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { readNames } from '../core/personal/read-names.ts';
import type { PersonRef } from './views.ts';

const MOST = 20;

/** The first twenty who could approve a request of this person and have not said anything on it yet. */
export async function eligibleApprovers(
  rows: Rows,
  metadataKey: SecretKey,
  person: Principal,
  policy: Policy,
  said: readonly string[],
): Promise<PersonRef[]> {
  const now = await rows.now();
  const able = (await rows.principals.all(person.tenant))
    .filter((one) => mayDecide(one, person, policy, now) && !said.includes(one.id))
    .slice(0, MOST);
  const ids = able.map(({ id }) => id);
  const names = await readNames(rows, metadataKey, person.tenant, ids);
  return ids.map((id) => ({ id, name: names.get(id) ?? null }));
}
