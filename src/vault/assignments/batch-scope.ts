// Which batches a supervisor sees: their own, and those with a call of a queue that they lead.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Batch } from '../../model/batch.ts';
import type { Caller } from '../../model/principal.ts';
import { hasQueue } from '../../model/team/scope.ts';
import type { Rows } from '../../ports/database.ts';
import type { BatchFilter } from '../../ports/rows/batch-rows.ts';
import { readAllTeams } from '../core/scope/decider-teams.ts';

type Scope = Pick<BatchFilter, 'of'>;

/** The filter of the caller's batches; empty in a tenant without teams, where every supervisor decides. */
export async function batchScope(
  rows: Pick<Rows, 'teams'>,
  metadataKey: SecretKey,
  { tenant, principal }: Pick<Caller, 'tenant' | 'principal'>,
): Promise<Scope> {
  const { teams, members, queues } = await readAllTeams(rows, metadataKey, tenant);
  const active = new Set(teams.filter(({ state }) => state === 'ACTIVE').map(({ id }) => id));
  if (active.size === 0) return {};
  const led = new Set(members.filter(({ person, lead }) => person === principal && lead).map(({ team }) => team));
  const own = queues.filter(({ team }) => active.has(team) && led.has(team)).map(({ queue }) => queue);
  return { of: { maker: principal, queues: own } };
}

/** Whether the caller sees this batch. */
export async function isBatchInScope(
  rows: Pick<Rows, 'batches' | 'recordings'>,
  { of }: Scope,
  { tenant, id, maker }: Batch,
): Promise<boolean> {
  if (of === undefined || maker === of.maker) return true;
  const recordings = (await rows.batches.grantsOf(tenant, [id])).map(({ recording }) => recording);
  const found = await rows.recordings.findMany(tenant, [...new Set(recordings)].sort());
  return found.some((recording) => hasQueue({ person: of.maker, queues: of.queues }, recording));
}
