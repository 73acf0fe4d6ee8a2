// The body of a change of a team, from what is wanted.
import { isId, newId } from '../../bytes/ids.ts';
import { normalText } from '../../bytes/normal-text.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { type FieldError, VaultError } from '../../errors.ts';
import type { TeamBody, TeamState } from '../../model/change/team.ts';
import { TEXT_FORMS } from '../../model/fact-forms.ts';
import type { Principal } from '../../model/principal.ts';
import { isLimitedToTeams } from '../../model/team/scope.ts';
import { MAX_MEMBERS, MAX_QUEUES } from '../../model/team/team.ts';
import type { WantedTeam } from '../../model/team/wanted-team.ts';
import type { Rows } from '../../ports/database.ts';
import { checkName } from '../people/new-principal.ts';
import { compareQueues, teamParts, teamStateOf } from './team-state.ts';

/**
 * The body. Throws `not_found` for a team that is not active, `malformed` for members that are not active reviewers or
 * supervisors, leads that are not supervisors of it, names that no queue can have and too many queues, and `conflict` where nothing would change.
 */
export async function draftTeam(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  wanted: WantedTeam,
): Promise<TeamBody> {
  checkName(wanted.name);
  const people = await rows.principals.findMany(tenant, [...new Set([...wanted.members, ...wanted.leads])]);
  const to = stateOf(wanted, people);
  if (wanted.team === null) return { v: 1, kind: 'team', team: newId('tea'), was: null, to };
  const row = isId(wanted.team, 'tea') ? await rows.teams.find(tenant, wanted.team) : null;
  if (row === null || row.state !== 'ACTIVE') throw new VaultError('not_found', 'there is no such team');
  const was = teamStateOf(metadataKey, row, await teamParts(rows, tenant, row.id));
  if (JSON.stringify(was) === JSON.stringify(to)) throw new VaultError('conflict', 'the team is so already');
  return { v: 1, kind: 'team', team: row.id, was, to };
}

function stateOf({ name, members, leads, queues }: WantedTeam, people: readonly Principal[]): TeamState {
  const fields: FieldError[] = [];
  const able = new Map(people.filter(isAble).map((one) => [one.id, one]));
  const ids = [...new Set(members)].sort();
  for (const [at, id] of members.entries())
    if (!able.has(id)) fields.push({ pointer: `/members/${at}`, detail: 'is no active reviewer or supervisor' });
  for (const [at, id] of leads.entries())
    if (!ids.includes(id) || able.get(id)?.roles.includes('supervisor') !== true)
      fields.push({ pointer: `/leads/${at}`, detail: 'is no supervisor among the members' });
  for (const [at, queue] of queues.entries()) {
    const fault = queue === null ? null : (TEXT_FORMS['queue']?.(queue) ?? null);
    if (fault !== null) fields.push({ pointer: `/queues/${at}`, detail: fault });
  }
  const byValue = new Map(queues.map((queue) => [queue === null ? null : normalText(queue), queue]));
  if (byValue.size > MAX_QUEUES) fields.push({ pointer: '/queues', detail: `has more than ${MAX_QUEUES} queues` });
  if (ids.length > MAX_MEMBERS) fields.push({ pointer: '/members', detail: `has more than ${MAX_MEMBERS} members` });
  const [first] = fields;
  if (first !== undefined)
    throw new VaultError('malformed', `the team is not valid: ${first.pointer} ${first.detail}`, { fields });
  return {
    name,
    members: ids.map((id) => ({ id, lead: leads.includes(id) })),
    queues: [...byValue.values()].sort(compareQueues),
  };
}

function isAble({ kind, state, roles }: Principal): boolean {
  return kind === 'person' && state === 'ACTIVE' && isLimitedToTeams(roles);
}
