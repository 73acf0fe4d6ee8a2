// Teams in decisions on requests: those of the caller, and those of everyone who could decide.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Policy } from '../../../model/policy.ts';
import { ruleOf } from '../../../model/policy.ts';
import { type Caller, humansOf, type Principal } from '../../../model/principal.ts';
import type { Recording } from '../../../model/recording.ts';
import { asksForTeams, type DeciderTeams, deciderTeams } from '../../../model/team/deciders.ts';
import type { TeamsWithParts } from '../../../model/team/team.ts';
import type { Rows } from '../../../ports/database.ts';
import { requireAuthentic } from '../authority/authority-rows.ts';

/** What teams say of the caller's decision on this requester's request for this recording. */
export type TeamsInDecision = (
  requester: Pick<Principal, 'id' | 'kind' | 'owners'>,
  recording: Pick<Recording, 'queue'> | null,
) => DeciderTeams;

/** Reads the caller's teams; null where the policy does not ask for them. Throws `integrity`. */
export async function teamsInDecision(
  rows: Pick<Rows, 'teams'>,
  metadataKey: SecretKey,
  { tenant, principal }: Pick<Caller, 'tenant' | 'principal'>,
  policy: Policy,
  purposes: readonly string[],
): Promise<TeamsInDecision | null> {
  if (!purposes.some((purpose) => asksForTeams(policy, purpose))) return null;
  const own = await rows.teams.ofPerson(tenant, principal);
  const others = purposes.some((purpose) => ruleOf(policy, purpose)?.otherTeam === true);
  const ids = own.teams.map(({ id }) => id);
  const members = others ? await rows.teams.members(tenant, ids) : own.members;
  const found = { ...own, members };
  requireAuthenticTeams(metadataKey, found);
  return (requester, recording) => deciderTeams(found, principal, humansOf(requester), recording?.queue ?? null);
}

/** All teams of a tenant. Throws `integrity`. */
export async function readAllTeams(
  rows: Pick<Rows, 'teams'>,
  metadataKey: SecretKey,
  tenant: string,
): Promise<TeamsWithParts> {
  const found = await readTeamRows(rows, tenant);
  requireAuthenticTeams(metadataKey, found);
  return found;
}

/** The rows of all teams of a tenant, with their MACs not verified: for counts only. */
export async function readTeamRows(rows: Pick<Rows, 'teams'>, tenant: string): Promise<TeamsWithParts> {
  const teams = await rows.teams.all(tenant);
  const ids = teams.map(({ id }) => id);
  const [members, queues] = await Promise.all([rows.teams.members(tenant, ids), rows.teams.queues(tenant, ids)]);
  return { teams, members, queues };
}

/** Throws `integrity` where one of the rows is not authentic. */
export function requireAuthenticTeams(metadataKey: SecretKey, { teams, members, queues }: TeamsWithParts): void {
  for (const row of teams) requireAuthentic(metadataKey, 'team', row);
  for (const row of members) requireAuthentic(metadataKey, 'team_member', row);
  for (const row of queues) requireAuthentic(metadataKey, 'team_queue', row);
}
