// The teams of a tenant with their members, leads and queues: all of them, or a supervisor's own.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { Team, TeamsWithParts } from '../../model/team/team.ts';
import type { Rows } from '../../ports/database.ts';
import { readTeamState } from '../changes/team-state.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readAllTeams } from '../core/scope/decider-teams.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** A team as people see it. `leads` of a queue are the active supervisors who lead one of its teams, of all the tenant's. */
export type TeamView = {
  readonly team: Team;
  readonly name: string;
  readonly members: readonly { readonly id: string; readonly name: string | null; readonly lead: boolean }[];
  readonly queues: readonly { readonly name: string | null; readonly leads: number }[];
};

/** The active teams that the caller may see, oldest first. Throws `integrity`. */
export async function listTeams(vault: Deps, by: Caller, request: RequestContext): Promise<TeamView[]> {
  const object = { id: by.tenant };
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'people.read', object }, request);
  return readViews(vault, by.tenant, (all, team) => sees(by, all, team), request);
}

/** All active teams, for an operator at the command line. Throws `integrity`. */
export function listTeamsByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<TeamView[]> {
  return readViews(vault, tenant, (_, team) => isActive(team), request);
}

async function readViews(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  isShown: (all: TeamsWithParts, team: Team) => boolean,
  request: RequestContext,
): Promise<TeamView[]> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  return vault.db.read(async (rows) => {
    const all = await readAllTeams(rows, metadataKey, tenant);
    const shown = all.teams.filter((team) => isShown(all, team));
    return viewsOf(rows, metadataKey, tenant, all, shown);
  }, request);
}

/** One team. Throws `not_found` for one that has ended, or that the caller may not see; `integrity`. */
export async function readTeam(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<TeamView> {
  const found = (await listTeams(vault, by, request)).find(({ team }) => team.id === id);
  if (found === undefined) throw new VaultError('not_found', 'there is no such team');
  return found;
}

const isActive = ({ state }: Team): boolean => state === 'ACTIVE';

/** Whether the caller sees a team: supervisors see their own. */
function sees(by: Caller, { members }: TeamsWithParts, team: Team): boolean {
  if (!isActive(team)) return false;
  if (by.roles.some((role) => role === 'admin' || role === 'privacy')) return true;
  return members.some((one) => one.team === team.id && one.person === by.principal);
}

async function viewsOf(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  all: TeamsWithParts,
  shown: readonly Team[],
): Promise<TeamView[]> {
  const active = new Set(all.teams.filter(isActive).map(({ id }) => id));
  const leads = all.members.filter(({ team, lead }) => lead && active.has(team));
  const people = await rows.principals.findMany(tenant, [...new Set(leads.map(({ person }) => person))]);
  const able = new Set(
    people.filter(({ state, roles }) => state === 'ACTIVE' && roles.includes('supervisor')).map(({ id }) => id),
  );
  const leadsOf = (queue: Uint8Array): number => {
    const teams = new Set(all.queues.filter((one) => Buffer.compare(one.queue, queue) === 0).map(({ team }) => team));
    return new Set(leads.filter(({ team, person }) => teams.has(team) && able.has(person)).map(({ person }) => person))
      .size;
  };
  const ids = shown.flatMap(({ id }) => all.members.flatMap(({ team, person }) => (team === id ? [person] : [])));
  const names = await readNames(rows, metadataKey, tenant, [...new Set(ids)]);
  return shown.map((team) => {
    const ofTeam = <One extends { readonly team: string }>(list: readonly One[]): One[] =>
      list.filter((one) => one.team === team.id);
    const parts = { members: ofTeam(all.members), queues: ofTeam(all.queues) };
    const { name, members, queues } = readTeamState(metadataKey, team, parts);
    return {
      ...{ team, name },
      members: members.map(({ id, lead }) => ({ id, name: names.get(id) ?? null, lead })),
      queues: queues.map(({ name: queue, value }) => ({ name: queue, leads: leadsOf(value) })),
    };
  });
}
