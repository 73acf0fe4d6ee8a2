// The requests of the last 30 days under another policy, and the live sessions that it ends: a page of rows at a time.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Decision } from '../../model/access.ts';
import { recordingChecks } from '../../model/access-checks.ts';
import {
  MAX_LISTED_REQUESTS,
  MAX_REPLAYED,
  type PolicyBody,
  type PolicyReplay,
  REPLAYED_DAYS,
} from '../../model/change/policy.ts';
import { passes } from '../../model/check.ts';
import { hoursChecks } from '../../model/policy/limits.ts';
import { judgePast, type PastRequest } from '../../model/policy/past.ts';
import { deniedRequests, type PastWaiting } from '../../model/policy/past-use.ts';
import { type Policy, PURPOSES } from '../../model/policy.ts';
import { humansOf } from '../../model/principal.ts';
import { asksForTeams, deciderTeams } from '../../model/team/deciders.ts';
import type { TeamsWithParts } from '../../model/team/team.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { Rows } from '../../ports/database.ts';
import { groupBy } from '../core/group-by.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readTeamRows } from '../core/scope/decider-teams.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { decidingFactsOf } from './deciding-facts.ts';
import { replayOpenings } from './openings-replay.ts';

type Policies = Pick<PolicyBody, 'was' | 'set'>;

const PAGE = 200;

/** Judges the newest requests again, at most 10,000, and the live sessions. It counts rows without verifying their MACs. */
export async function replayPolicy(
  vault: Pick<Vault, 'db'>,
  { tenant, metadataKey }: { readonly tenant: string; readonly metadataKey: SecretKey },
  policies: Policies,
  request: RequestContext,
): Promise<PolicyReplay> {
  const { since, sessionsEnd, teams } = await vault.db.read(async (rows) => {
    const now = Date.parse(await rows.now());
    const from = new Date(now - REPLAYED_DAYS * 86_400_000).toISOString();
    return {
      since: from,
      sessionsEnd: await countEnding(rows, metadataKey, tenant, policies),
      teams: askForTeams(policies) ? await readTeamRows(rows, tenant) : NO_TEAMS,
    };
  }, request);
  const openings = await replayOpenings(vault, tenant, metadataKey, policies, since, request);
  const waiting: PastWaiting[] = [];
  const lost = new Set<string>();
  const counts = new Map<string, number>();
  const listed: PolicyReplay['listed'][number][] = [];
  let [requests, allowed, complete] = [0, 0, true];
  for (let before: string | null = null; ; ) {
    const after: string | null = before;
    const page: PastPage = await vault.db.read(
      (rows) => pastRequests(rows, metadataKey, tenant, { before: after, since, teams }),
      request,
    );
    for (const past of page.pasts) {
      const { verdict, code } = judgePast(past, policies.was, policies.set);
      requests += 1;
      if (verdict === 'allowed') allowed += 1;
      if (verdict !== 'denied' || code === null) continue;
      counts.set(code, (counts.get(code) ?? 0) + 1);
      const { id, recording } = past.request;
      lost.add(id);
      if (listed.length < MAX_LISTED_REQUESTS) listed.push({ request: id, recording, code });
    }
    waiting.push(...page.waiting);
    if (page.next === null) break;
    complete = requests < MAX_REPLAYED;
    if (!complete) break;
    before = page.next;
  }
  const [before, after] = [policies.was, policies.set].map((policy) => deniedRequests(waiting.toReversed(), policy));
  const tooMany = [...(after ?? [])].filter((id) => before?.has(id) !== true && !lost.has(id)).length;
  if (tooMany > 0) counts.set('too_many_open', tooMany);
  const denied = [...counts].map(([code, count]) => ({ code, count })).sort((one, other) => other.count - one.count);
  const replay = { since, requests, complete, denied, allowed, listed, sessions_end: sessionsEnd };
  return openings === null ? replay : { ...replay, openings };
}

/** Some requests, with the cursor of the rest; null at the end. */
type PastPage = {
  readonly pasts: readonly PastRequest[];
  readonly waiting: readonly PastWaiting[];
  readonly next: string | null;
};

/** A page of requests since a time, newest first, each with what decided it. */
async function pastRequests(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  { before, since, teams }: { readonly before: string | null; readonly since: string; readonly teams: TeamsWithParts },
): Promise<PastPage> {
  const page = await rows.access.requests(tenant, {}, before, PAGE);
  const found = page.filter(({ created }) => created >= since);
  const ids = found.map(({ id }) => id);
  const [decisions, grants, recordings] = await Promise.all([
    rows.access.decisionsOf(tenant, ids),
    rows.access.grantsOf(tenant, ids),
    rows.recordings.findMany(tenant, [...new Set(found.map(({ recording }) => recording))]),
  ]);
  const people = [...found.map(({ requester }) => requester), ...decisions.map(({ approver }) => approver)];
  const persons = new Map((await rows.principals.findMany(tenant, [...new Set(people)])).map((one) => [one.id, one]));
  const byId = new Map(recordings.map((one) => [one.id, one]));
  const factsOf = new Map(recordings.map((one) => [one.id, decidingFactsOf(metadataKey, one)]));
  const decided = groupBy(decisions, ({ request }) => request);
  const grantOf = new Map(grants.map((one) => [one.request, one]));
  const pasts = found.flatMap((request): PastRequest[] => {
    const [requester, recording] = [persons.get(request.requester), byId.get(request.recording)];
    const facts = factsOf.get(request.recording);
    if (requester === undefined || recording === undefined || facts === undefined) return [];
    const grant = grantOf.get(request.id);
    const approvals = (decided.get(request.id) ?? []).flatMap((one: Decision) => {
      const approver = persons.get(one.approver);
      return one.decision === 'deny' || approver === undefined
        ? []
        : [{ approver, teams: deciderTeams(teams, approver.id, humansOf(requester), recording.queue), at: one.at }];
    });
    const { sensitivity } = recording;
    const opened = grant === undefined ? 0 : grant.uses - grant.usesLeft;
    return [{ request, requester, sensitivity, ...facts, approvals, opened }];
  });
  const waiting = pasts.map(({ request: { id, requester, created, expires, state } }): PastWaiting => {
    const last = (decided.get(id) ?? [])
      .map(({ at }) => at)
      .sort()
      .at(-1);
    // When one was withdrawn is in the log alone: it counts as withdrawn at once.
    const closed = state === 'CANCELLED' ? created : state === 'REQUESTED' ? expires : (last ?? expires);
    return { id, requester, created, closed };
  });
  return { pasts, waiting, next: found.length < PAGE ? null : (found.at(-1)?.id ?? null) };
}

const NO_TEAMS: TeamsWithParts = { teams: [], members: [], queues: [] };

/** Whether one of the policies asks for teams. */
function askForTeams({ was, set }: Policies): boolean {
  return [was, set].some((policy) => PURPOSES.some((purpose) => asksForTeams(policy, purpose)));
}

/** How many live sessions the current policy allows and the other does not. */
async function countEnding(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  { was, set }: Policies,
): Promise<number> {
  const row = requireActive(await rows.tenants.find(tenant));
  const now = await rows.now();
  let ending = 0;
  for (const session of await rows.sessions.liveIn(tenant)) {
    const [grant, recording, person] = await Promise.all([
      rows.access.grant(tenant, session.grant),
      rows.recordings.find(tenant, session.recording),
      rows.principals.find(tenant, session.principal),
    ]);
    if (grant === null || recording === null || person === null) continue;
    const facts = decidingFactsOf(metadataKey, recording);
    if (facts === undefined) continue;
    const at = { tenant: row, recording, ...facts, person };
    const allows = (policy: Policy): boolean =>
      passes([...recordingChecks({ ...at, policy }, grant.purpose), ...hoursChecks(policy, timeZoneOf(row), now)]);
    if (allows(was) && !allows(set)) ending += 1;
  }
  return ending;
}
