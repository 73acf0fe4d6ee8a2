// The explanation of access: the ordered checks for one person, recording and purpose.

import type { SecretKey } from '../../envelope/secret-key.ts';
import type { AccessRequest, Grant } from '../../model/access.ts';
import { approvalCheck, grantChecks, mayDecide, recordingChecks, usesCheck } from '../../model/access-checks.ts';
import { type Check, check, firstFailure, passes, untilFailure } from '../../model/check.ts';
import { openRequestsChecks } from '../../model/policy/limits.ts';
import { ruleOf } from '../../model/policy.ts';
import { type Caller, humansOf, type Principal } from '../../model/principal.ts';
import { asksForTeams, deciderTeams } from '../../model/team/deciders.ts';
import { hasQueue, scopeOfTeams } from '../../model/team/scope.ts';
import { trainingChecks } from '../../model/training.ts';
import type { Rows } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readAllTeams } from '../core/scope/decider-teams.ts';
import { requireVisible } from '../core/scope/read-scope.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type AccessContext, accessContext } from './context.ts';
import { limitChecks } from './limits.ts';
import type { PersonRef } from './views.ts';

const MOST = 20;

/** At most twenty people who could approve such a request of this person now; leaves out those in `decided`. */
async function eligibleApprovers(
  rows: Rows,
  metadataKey: SecretKey,
  { person, policy, recording }: Pick<AccessContext, 'person' | 'policy' | 'recording'>,
  asked: Pick<AccessRequest, 'created' | 'purpose'>,
  decided: readonly string[],
): Promise<PersonRef[]> {
  const now = await rows.now();
  const byTeams = policy.scope === 'team' || asksForTeams(policy, asked.purpose);
  const teams = byTeams ? await readAllTeams(rows, metadataKey, person.tenant) : null;
  const isAble = (one: Principal): boolean => {
    if (decided.includes(one.id)) return false;
    const its = teams === null ? null : deciderTeams(teams, one.id, humansOf(person), recording.queue);
    if (!mayDecide(asked, person, one, policy, now, its)) return false;
    return policy.scope === 'all' || teams === null || hasQueue(scopeOfTeams(one.id, teams), recording);
  };
  const able = (await rows.principals.all(person.tenant)).filter(isAble).slice(0, MOST);
  const ids = able.map(({ id }) => id);
  const names = await readNames(rows, metadataKey, person.tenant, ids);
  return ids.map((id) => ({ id, name: names.get(id) ?? null }));
}

/** The caller's assigned grant for a recording and purpose that can open a session; null without one. */
async function assignedGrant(
  rows: Rows,
  { tenant, principal }: Caller,
  recording: string,
  purpose: string,
  now: string,
): Promise<Grant | null> {
  const usable = await rows.batches.usable(tenant, principal, [recording], now);
  const found = usable.find((one) => one.purpose === purpose);
  return found === undefined ? null : rows.access.grant(tenant, found.id);
}

export type Explanation = {
  readonly allowed: boolean;
  /** The code of the first check that failed; absent when allowed. */
  readonly code?: string;
  /** In order: checks that passed, the one that failed, and those not reached. */
  readonly checks: readonly Check[];
  readonly request: AccessRequest | null;
  readonly grant: Grant | null;
  /** The batch that assigned the grant; null for a grant of a request. */
  readonly batch: string | null;
  /** People who could approve and have not decided yet. */
  readonly deciders: readonly PersonRef[];
  readonly next: NextStep;
};

/** The caller's next step: listen, ask for access, wait for a decision, or nothing. */
export type NextStep = 'listen' | 'ask' | 'wait' | 'none';

/** Explains whether the caller may listen, and why not. Throws `not_found`. Writes nothing but the count of looks. */
export async function explainAccess(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  recording: string,
  purpose: string,
  request: RequestContext,
): Promise<Explanation> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const explanation = await vault.db.read(async (rows) => {
    const found = await requireVisible(rows, metadataKey, by, await rows.recordings.find(by.tenant, recording));
    const context = await accessContext(rows, metadataKey, by, found);
    const now = await rows.now();
    const ofRecording = [...recordingChecks(context, purpose), ...trainingChecks(context, purpose, now)];
    const rule = ruleOf(context.policy, purpose);
    const accessRequest = await rows.access.latestRequest(by.tenant, by.principal, recording, purpose);
    const decisions = accessRequest === null ? [] : await rows.access.decisions(by.tenant, accessRequest.id);
    const given = decisions.filter(({ decision }) => decision === 'approve').length;
    const needed = accessRequest?.approvalsNeeded ?? Math.max(1, rule?.approvals ?? 1);
    const assigned = await assignedGrant(rows, by, recording, purpose, now);
    const approval =
      assigned === null ? approvalCheck({ given, needed }, accessRequest?.state ?? null) : check('assigned', true, '');
    const asked = accessRequest === null ? null : await rows.access.grantOf(by.tenant, accessRequest.id);
    const grant = assigned ?? asked;
    if (grant !== null) requireAuthentic(metadataKey, 'access_grant', grant);
    const ofGrant = grant === null ? [] : [...grantChecks(grant, context.person, now), usesCheck(grant)];
    const waiting = accessRequest?.state === 'REQUESTED' && now < accessRequest.expires;
    const granted = grant !== null && passes([approval, ...ofGrant]);
    const { openRequests } = context.policy;
    const toAsk =
      granted || waiting || openRequests === undefined
        ? []
        : openRequestsChecks(context.policy, await rows.access.countOpen(by.tenant, by.principal, now));
    if (grant === null) ofGrant.push({ check: 'grant-live', ok: null, code: 'no_grant' });
    const limits = granted ? await limitChecks(rows, context, now) : [];
    const checks = [...ofRecording, ...toAsk, approval, ...ofGrant, ...limits];
    const code = firstFailure(checks);
    const allowed = passes(checks);
    const blocked = !passes([...ofRecording, ...toAsk, ...limits]);
    const next: NextStep = blocked ? 'none' : allowed ? 'listen' : waiting ? 'wait' : 'ask';
    const decided = waiting ? decisions.map(({ approver }) => approver) : [];
    const wish = waiting ? accessRequest : { created: now, purpose };
    const deciders = await eligibleApprovers(rows, metadataKey, context, wish, decided);
    const batch = grant?.batch ?? null;
    const why = code === undefined ? {} : { code };
    return { allowed, ...why, checks: untilFailure(checks), request: accessRequest, grant, batch, deciders, next };
  }, request);
  const object = { type: 'recording', id: recording } as const;
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'access.read', object }, request);
  return explanation;
}
