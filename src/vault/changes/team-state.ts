// A team as its rows say it, and the sealed names in them.

import { sha256 } from '../../bytes/digest.ts';
import { hexOf } from '../../bytes/hex.ts';
import { openColumn, sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { TeamState } from '../../model/change/team.ts';
import type { Team, TeamMember, TeamQueue } from '../../model/team/team.ts';
import type { Rows } from '../../ports/database.ts';
import { requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { NO_QUEUE, textIndex } from '../core/facts/indexes.ts';

/** The rows of a team's members and queues. */
export type TeamParts = { readonly members: readonly TeamMember[]; readonly queues: readonly TeamQueue[] };

/**
 * The digest of a team's rows without their names, which needs no key: the hex SHA-256 of a line `member <usr_…> <lead or ->`
 * or `queue <its index in hex>` for each, sorted, LF after each.
 */
export function partsDigest({
  members,
  queues,
}: {
  readonly members: readonly Pick<TeamMember, 'person' | 'lead'>[];
  readonly queues: readonly Pick<TeamQueue, 'queue'>[];
}): string {
  const lines = [
    ...members.map(({ person, lead }) => `member ${person} ${lead ? 'lead' : '-'}\n`),
    ...queues.map(({ queue }) => `queue ${hexOf(queue)}\n`),
  ];
  return sha256(lines.sort().join('')).toString('hex');
}

/** The parts of a team. */
export async function teamParts({ teams }: Pick<Rows, 'teams'>, tenant: string, team: string): Promise<TeamParts> {
  const [members, queues] = await Promise.all([teams.members(tenant, [team]), teams.queues(tenant, [team])]);
  return { members, queues };
}

/** A team with the blind indexes of its queues. */
export type OpenTeam = Omit<TeamState, 'queues'> & {
  readonly queues: readonly { readonly name: string | null; readonly value: Uint8Array }[];
};

/** The team as people see it. Throws `integrity` where a row is not authentic. */
export function teamStateOf(metadataKey: SecretKey, team: Team, parts: TeamParts): TeamState {
  const { queues, ...rest } = readTeamState(metadataKey, team, parts);
  return { ...rest, queues: queues.map(({ name }) => name) };
}

/** The same with the indexes. */
export function readTeamState(metadataKey: SecretKey, team: Team, { members, queues }: TeamParts): OpenTeam {
  requireAuthentic(metadataKey, 'team', team);
  for (const row of members) requireAuthentic(metadataKey, 'team_member', row);
  for (const row of queues) requireAuthentic(metadataKey, 'team_queue', row);
  const opened = (row: string, sealed: Uint8Array): string =>
    openColumn(metadataKey, { tenant: team.tenant, row, column: 'name' }, sealed).toString();
  const named = queues.map(({ queue: value, name }) => ({
    ...{ value, name: value.length === 0 ? null : opened(queueRow(team.id, value), name) },
  }));
  return {
    name: opened(team.id, team.name),
    members: members.map(({ person, lead }) => ({ id: person, lead })),
    queues: named.sort((one, other) => compareQueues(one.name, other.name)),
  };
}

/** Calls without a queue first, then by name. */
export function compareQueues(one: string | null, other: string | null): number {
  if (one === null || other === null) return Number(other === null) - Number(one === null);
  return one < other ? -1 : Number(one > other);
}

/** The row of a team's queue by its name. */
export function queueOf(metadataKey: SecretKey, tenant: string, team: string, name: string | null): TeamQueue {
  const queue = name === null ? NO_QUEUE : textIndex(metadataKey, 'queue', name).value;
  const place = { tenant, row: queueRow(team, queue), column: 'name' };
  const sealed = sealColumn(metadataKey, place, Buffer.from(name ?? ''));
  return withMac(metadataKey, 'team_queue', { tenant, team, queue, name: sealed });
}

/** The name of a team, sealed. */
export function sealTeamName(metadataKey: SecretKey, tenant: string, team: string, name: string): Uint8Array {
  return sealColumn(metadataKey, { tenant, row: team, column: 'name' }, Buffer.from(name));
}

function queueRow(team: string, queue: Uint8Array): string {
  return `${team}:${hexOf(queue)}`;
}
