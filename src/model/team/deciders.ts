// Who decides on a request by their teams: leads of the queue first, and people of other teams. Pure.
import type { AccessRequest } from '../access.ts';
import { type Check, check } from '../check.ts';
import { type Policy, ruleOf } from '../policy.ts';
import type { TeamsWithParts } from './team.ts';

/** What teams say of an approver: whether they lead one with the recording's queue, and share one with the requester. */
export type DeciderTeams = { readonly leads: boolean; readonly shares: boolean };

/** Whether a policy asks who decides by teams at all. */
export function asksForTeams(policy: Pick<Policy, 'escalateHours' | 'purposes'>, purpose: string): boolean {
  return policy.escalateHours !== undefined || ruleOf(policy, purpose)?.otherTeam === true;
}

/** The teams of an approver. `requesters` are the humans behind the requester; a queue of null is not known. */
export function deciderTeams(
  { teams, members, queues }: TeamsWithParts,
  approver: string,
  requesters: readonly string[],
  queue: Uint8Array | null,
): DeciderTeams {
  const active = new Set(teams.filter(({ state }) => state === 'ACTIVE').map(({ id }) => id));
  const own = members.filter(({ team, person }) => person === approver && active.has(team));
  const has = (team: string): boolean =>
    queue !== null && queues.some((one) => one.team === team && Buffer.compare(one.queue, queue) === 0);
  const others = new Set(members.filter(({ person }) => requesters.includes(person)).map(({ team }) => team));
  return {
    leads: own.some(({ team, lead }) => lead && has(team)),
    shares: own.some(({ team }) => others.has(team)),
  };
}

/** The checks of an approver's teams; none where the policy does not ask. Unknown teams pass no check. */
export function teamChecks(
  { created, purpose }: Pick<AccessRequest, 'created' | 'purpose'>,
  policy: Pick<Policy, 'escalateHours' | 'purposes'>,
  teams: DeciderTeams | null,
  now: string,
): Check[] {
  const { leads, shares } = teams ?? { leads: false, shares: true };
  const hours = policy.escalateHours;
  const waited = hours !== undefined && Date.parse(now) - Date.parse(created) >= hours * 3_600_000;
  return [
    ...(hours === undefined
      ? []
      : [check('lead-of-queue', leads || waited, 'not_your_queue', { detail: String(hours) })]),
    ...(ruleOf(policy, purpose)?.otherTeam === true ? [check('other-team', !shares, 'same_team')] : []),
  ];
}
