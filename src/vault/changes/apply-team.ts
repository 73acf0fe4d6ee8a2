// Applying a change of a team: its rows, and the event.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { TeamBody } from '../../model/change/team.ts';
import type { TeamQueue } from '../../model/team/team.ts';
import type { Transaction } from '../../ports/database.ts';
import { changeWithMac, withMac } from '../core/authority/authority-rows.ts';
import { event } from '../core/events/events.ts';
import type { Applying } from './applying.ts';
import { partsDigest, queueOf, sealTeamName, teamParts } from './team-state.ts';

/** Makes the team what the body says. The transaction holds the tenant's row exclusively. Throws `conflict`. */
export async function applyTeam(
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: string,
  { team, to }: TeamBody,
  { by, marks, request }: Applying,
): Promise<NewEvent[]> {
  const name = sealTeamName(metadataKey, tenant, team, to.name);
  const row = await tx.teams.lock(tenant, team);
  if (row === null) {
    const created = await tx.now();
    await tx.teams.insert(
      withMac(metadataKey, 'team', { tenant, id: team, state: 'ACTIVE', version: 1, created, name }),
    );
  } else if (!(await tx.teams.change(row, changeWithMac(metadataKey, 'team', row, { name }))))
    throw new VaultError('conflict', 'a concurrent update changed this team first');
  const before = await teamParts(tx, tenant, team);
  const wanted = new Map(to.members.map(({ id, lead }) => [id, lead]));
  const kept = new Set(before.members.filter((one) => wanted.get(one.person) === one.lead).map(({ person }) => person));
  for (const one of before.members) if (!kept.has(one.person)) await tx.teams.deleteMember(one);
  for (const { id: person, lead } of to.members)
    if (!kept.has(person))
      await tx.teams.insertMember(withMac(metadataKey, 'team_member', { tenant, team, person, lead }));
  const queues = to.queues.map((queue) => queueOf(metadataKey, tenant, team, queue));
  for (const one of before.queues) if (!queues.some((queue) => isSame(queue, one))) await tx.teams.deleteQueue(one);
  for (const one of queues) if (!before.queues.some((queue) => isSame(queue, one))) await tx.teams.insertQueue(one);
  const counts = { members: to.members.length, queues: queues.length };
  const members = to.members.map(({ id: person, lead }) => ({ person, lead }));
  const parts = partsDigest({ members, queues });
  const object = { id: team, ...counts, sha256: canonicalDigest(to), parts, ...marks };
  return [event(tenant, by, 'team.changed', object, request)];
}

function isSame(one: TeamQueue, other: TeamQueue): boolean {
  return Buffer.compare(one.queue, other.queue) === 0;
}
