// The people whom a supervisor can assign recordings to.
import type { Caller } from '../../model/principal.ts';
import { isLimitedToTeams } from '../../model/team/scope.ts';
import { recordAccessRead } from '../access/record-access-read.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { readNames } from '../core/personal/names.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readAllTeams } from '../core/scope/decider-teams.ts';
import type { Vault } from '../core/vault.ts';

/** A possible reviewer. `open`: assigned grants that are live. */
export type ReviewerView = {
  readonly id: string;
  readonly name: string | null;
  readonly trainedUntil: string | null;
  readonly open: number;
};

/**
 * Active reviewers other than the caller, by id: under `scope: team` those of the caller's teams. Throws `integrity` for a
 * row that is not authentic.
 */
export async function listReviewers(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  request: RequestContext,
): Promise<ReviewerView[]> {
  const { metadataKey } = await recordAccessRead(vault, by, request);
  return vault.db.read(async (rows) => {
    const [all, row, teams, now] = await Promise.all([
      rows.principals.all(by.tenant),
      rows.tenants.policy(by.tenant),
      readAllTeams(rows, metadataKey, by.tenant),
      rows.now(),
    ]);
    const limited = policyOf(metadataKey, row).policy.scope === 'team' && isLimitedToTeams(by.roles);
    const active = new Set(teams.teams.filter(({ state }) => state === 'ACTIVE').map(({ id }) => id));
    const own = new Set(teams.members.filter(({ person }) => person === by.principal).map(({ team }) => team));
    const sharing = new Set(
      teams.members.filter(({ team }) => active.has(team) && own.has(team)).map(({ person }) => person),
    );
    const found = all.filter(
      ({ id, kind, state, roles }) =>
        id !== by.principal &&
        kind === 'person' &&
        state === 'ACTIVE' &&
        roles.includes('reviewer') &&
        (!limited || sharing.has(id)),
    );
    for (const one of found) requireAuthentic(metadataKey, 'principal', one);
    const ids = found.map(({ id }) => id);
    const [names, live] = await Promise.all([
      readNames(rows, metadataKey, by.tenant, ids),
      rows.batches.countLive(by.tenant, ids, now),
    ]);
    const open = new Map(live.map(({ person, grants }) => [person, grants]));
    return found.map(({ id, trainedUntil }) => ({
      id,
      name: names.get(id) ?? null,
      trainedUntil,
      open: open.get(id) ?? 0,
    }));
  }, request);
}
