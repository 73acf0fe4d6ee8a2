// The queues of the tenant's recordings, and how many teams have each: what a team can be proposed for.
import { hexOf } from '../../bytes/hex.ts';
import type { Caller } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { textIndex } from '../core/facts/indexes.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readAllTeams } from '../core/scope/decider-teams.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { MOST_NAMES, namesOfRecordings } from './suggest-names.ts';

/** Queues in alphabetical order; `complete` false where there are more than were examined. */
export type QueuesWithTeams = {
  readonly queues: readonly { readonly name: string; readonly teams: number }[];
  readonly complete: boolean;
};

/**
 * The named queues of the tenant's recordings. Opens each name from one recording that has it, as suggestions do, and
 * counts as a look at the list of recordings. Throws `integrity`.
 */
export async function listQueues(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  request: RequestContext,
): Promise<QueuesWithTeams> {
  const { tenant } = by;
  const object = { id: tenant };
  await countEvent(vault, { tenant, actor: actorOf(by), action: 'catalogue.read', object }, request);
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const { all, recordings } = await vault.db.read(
    async (rows) => ({
      all: await readAllTeams(rows, metadataKey, tenant),
      recordings: await rows.recordings.onePerValue(tenant, 'queue', MOST_NAMES + 1),
    }),
    request,
  );
  const active = new Set(all.teams.filter(({ state }) => state === 'ACTIVE').map(({ id }) => id));
  const teams = new Map<string, number>();
  for (const { team, queue } of all.queues)
    if (active.has(team)) teams.set(hexOf(queue), (teams.get(hexOf(queue)) ?? 0) + 1);
  const names = await namesOfRecordings(vault, metadataKey, tenant, 'queue', recordings, request);
  const queues = new Map(names.map((name) => [hexOf(textIndex(metadataKey, 'queue', name).value), name]));
  return {
    queues: [...queues]
      .map(([value, name]) => ({ name, teams: teams.get(value) ?? 0 }))
      .sort((one, other) => one.name.localeCompare(other.name)),
    complete: recordings.length <= MOST_NAMES,
  };
}
