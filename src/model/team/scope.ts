// The scope of a person: which recordings reviewers and supervisors see. Pure.
import { hexOf } from '../../bytes/hex.ts';
import type { Role } from '../principal.ts';
import type { Recording } from '../recording.ts';
import type { TeamsWithParts } from './team.ts';

/** Everything, or the queues of a person's teams beside their own requests and grants. */
export type Scope = 'all' | QueueScope;
export type QueueScope = { readonly person: string; readonly queues: readonly Uint8Array[] };

/** Roles whose view a tenant can limit to teams: those that work with calls. */
const WORKING: readonly Role[] = ['reviewer', 'supervisor'];

/** Whether a scope of teams limits what these roles see. */
export function isLimitedToTeams(roles: readonly Role[]): boolean {
  return roles.some((role) => WORKING.includes(role));
}

/** The scope of a person under a policy of teams: each queue of an active team of theirs, once. */
export function scopeOfTeams(person: string, { teams, members, queues }: TeamsWithParts): QueueScope {
  const joined = new Set(members.filter((one) => one.person === person).map(({ team }) => team));
  const active = new Set(teams.filter(({ id, state }) => state === 'ACTIVE' && joined.has(id)).map(({ id }) => id));
  const found = new Map<string, Uint8Array>();
  for (const { team, queue } of queues) if (active.has(team)) found.set(hexOf(queue), queue);
  return { person, queues: [...found.values()] };
}

/** Whether a recording's queue is one of the scope. A recording whose queue is not filled yet has none of any scope. */
export function hasQueue(scope: Scope, { queue }: Pick<Recording, 'queue'>): boolean {
  if (scope === 'all') return true;
  return queue !== null && scope.queues.some((one) => hexOf(one) === hexOf(queue));
}

/** Whether a person sees a request or a grant: their `own`, and those of others by the recording's queue alone. */
export function seesAccess(scope: Scope, recording: Pick<Recording, 'queue'>, own: boolean): boolean {
  return own || hasQueue(scope, recording);
}
