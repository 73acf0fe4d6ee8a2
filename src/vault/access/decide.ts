// Decisions on one access request: approve, deny, cancel. The last approval creates the grant.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AccessRequest, Grant } from '../../model/access.ts';
import { approverChecks } from '../../model/access-checks.ts';
import { type Narrowing, requireWithinRequest } from '../../model/approved-scope.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { type Check, firstFailure } from '../../model/check.ts';
import type { DecisionInput } from '../../model/decision-input.ts';
import { ruleOf } from '../../model/policy.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { seesAccess } from '../../model/team/scope.ts';
import type { Rows } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { policyInForce, policyOf } from '../core/policy/policy-in-force.ts';
import { type GivenProof, proofEvent, redeemingProof, redeemProof } from '../core/proofs/given-proof.ts';
import type { RequestContext } from '../core/request-context.ts';
import { teamsInDecision } from '../core/scope/decider-teams.ts';
import { scopeUnder } from '../core/scope/read-scope.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { confirmationOf, proofOver } from './confirmation.ts';
import { planDecision } from './decision-plan.ts';
import { lockedAccess } from './locked-access.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

/** A decision's result: the request after it, and the grant where the last approval created one. */
export type DecisionResult = {
  readonly request: AccessRequest;
  readonly grant: Grant | null;
  readonly receipt: Receipt | undefined;
};

/** The proof of a decision, where a passkey signed it. */
type Confirmed = { readonly proof?: GivenProof };

/**
 * Approves all or part of a request. Throws `access_refused` with the ordered checks (own request, young account,
 * already decided, a proof over something else, …), and `malformed` where `only` exceeds the request or leaves nothing.
 */
export function approve(
  vault: Deps,
  by: Caller,
  id: string,
  { proof, ...only }: Narrowing & Confirmed,
  request: RequestContext,
): Promise<DecisionResult> {
  return decide(vault, by, { request: id, decision: 'approve', ...only }, '', proof ?? null, request);
}

/** Denies a request, with a reason that the requester sees. */
export function deny(
  vault: Deps,
  by: Caller,
  id: string,
  { reason, proof }: { readonly reason: string } & Confirmed,
  request: RequestContext,
): Promise<DecisionResult> {
  return decide(vault, by, { request: id, decision: 'deny' }, reason, proof ?? null, request);
}

async function decide(
  vault: Deps,
  by: Caller,
  what: DecisionInput,
  reason: string,
  given: GivenProof | null,
  request: RequestContext,
): Promise<DecisionResult> {
  const id = what.request;
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const proof = given === null ? null : await proofOver(vault, by, [what], given, metadataKey, request);
  const changing = vault.db.change(async (tx) => {
    // Locked, so that each approval counts those before it.
    const lock = () => tx.looks.lockToDecide(by, id);
    const { caller, found, now } = await lockedAccess(tx, metadataKey, by, lock, 'there is no such request');
    const scope = await scopeUnder(tx, metadataKey, by, found.policy);
    const own = found.request.requester === by.principal;
    if (found.recording === null || !seesAccess(scope, found.recording, own))
      throw new VaultError('not_found', 'there is no such request');
    const [earlier] = await Promise.all([
      tx.access.decisions(by.tenant, id),
      proof === null ? undefined : redeemProof(tx, proof, now),
    ]);
    const confirmed = await confirmationOf(tx, by, caller, proof, now);
    const { policy } = policyOf(metadataKey, found.policy);
    const teams = await teamsInDecision(tx, metadataKey, by, policy, [found.request.purpose]);
    const requireWithin = () => requireWithinRequest(found.request, what, ruleOf(policy, found.request.purpose), now);
    const plan = planDecision(
      { by, caller, confirmed, teams, proof, reason, now, metadataKey, request },
      found,
      what,
      earlier,
    );
    if ('refusal' in plan) {
      if (firstFailure(plan.checks) === 'decided_before')
        throw new VaultError('conflict', 'you have approved this request before');
      // As a field error where nothing else is wrong.
      const failed = plan.checks.filter(({ ok }) => ok !== true);
      if (failed.every(({ check }) => check === 'objects-allowed' || check === 'window-open')) requireWithin();
      if (failed.every(({ check }) => check === 'objects-allowed')) throw nothingInCommon();
      throw new VaultError('access_refused', 'you cannot decide on this request', { checks: plan.checks });
    }
    requireWithin();
    if (!(await plan.write(tx))) throw new VaultError('conflict', 'a concurrent decision on this request came first');
    const { grant } = plan;
    const events = [...(proof === null ? [] : [proofEvent(by, proof, request)]), plan.event];
    const reply = replyToStore(request, 'done', id, ...(grant === null ? [] : [grant.id]));
    return { result: { request: plan.request, grant }, events, ...reply };
  }, request);
  const { result, receipts } = await redeemingProof(vault, proof, changing, request);
  return { ...result, receipt: receipts[0] };
}

function nothingInCommon(): VaultError {
  const fields = [{ pointer: '/objects', detail: 'has no object in common with the other approvals' }];
  return new VaultError('malformed', 'the approvals have no object in common', { fields });
}

/** Cancels the caller's own request. Throws `not_found` for another person’s, as reading it does. */
export async function cancel(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<DecisionResult> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    // A cancellation gives no access, so the states of the caller's rows suffice.
    await requireLiveCallerWithoutMac(tx, by);
    const row = await tx.access.lockRequest(by.tenant, id);
    if (row?.requester !== by.principal) throw new VaultError('not_found', 'there is no such request');
    if (row.state !== 'REQUESTED') throw new VaultError('conflict', 'this request is already decided');
    if (!(await tx.access.changeRequest(row, { state: 'CANCELLED', mac: null })))
      throw new VaultError('conflict', 'a concurrent decision on this request came first');
    const object = { id, recording: row.recording, ...presentedCredential(by) };
    const made = event(by.tenant, actorOf(by), 'access.cancelled', object, request);
    const result = { request: { ...row, state: 'CANCELLED' } as const, grant: null };
    return { result, events: [made], ...replyToStore(request, 'done', id) };
  }, request);
  return { ...result, receipt: receipts[0] };
}

/**
 * The checks that say whether the caller may decide on this request now. Throws `integrity` for a row that is not
 * authentic.
 */
export async function deciderChecks(
  tx: Rows,
  metadataKey: SecretKey,
  by: Caller,
  accessRequest: AccessRequest,
  requester: Principal,
): Promise<Check[]> {
  const approver = await tx.principals.find(by.tenant, by.principal);
  if (approver === null) throw new VaultError('unauthenticated', 'the credential is not valid');
  for (const one of [approver, requester]) requireAuthentic(metadataKey, 'principal', one);
  const { policy } = await policyInForce(tx, metadataKey, by.tenant);
  const now = await tx.now();
  const confirmed = await confirmationOf(tx, by, approver, null, now);
  const decided = (await tx.access.decisions(by.tenant, accessRequest.id)).some((one) => one.approver === by.principal);
  const all = await teamsInDecision(tx, metadataKey, by, policy, [accessRequest.purpose]);
  const recording = all === null ? null : await tx.recordings.find(by.tenant, accessRequest.recording);
  const teams = all?.(requester, recording) ?? null;
  return approverChecks(accessRequest, requester, approver, by, policy, now, { confirmed, decided, teams });
}
