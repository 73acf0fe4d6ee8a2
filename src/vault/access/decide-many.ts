// Decisions on many requests at once: one proof, one transaction, an outcome and an event for each.
import { VaultError } from '../../errors.ts';
import { confirmationCheck } from '../../model/access-checks.ts';
import { requireWithinRequest } from '../../model/approved-scope.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import { firstFailure, passes } from '../../model/check.ts';
import type { DecisionInput } from '../../model/decision-input.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import { ruleOf } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import { seesAccess } from '../../model/team/scope.ts';
import type { RowsToDecide } from '../../ports/rows/look-rows.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import { type GivenProof, proofEvent, redeemingProof, redeemProof } from '../core/proofs/given-proof.ts';
import type { RequestContext } from '../core/request-context.ts';
import { teamsInDecision } from '../core/scope/decider-teams.ts';
import { scopeUnder } from '../core/scope/read-scope.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { confirmationOf, proofOver } from './confirmation.ts';
import { decisionsInOrder, requireWithinBulk } from './decision-order.ts';
import { type PossibleDecision, planDecision } from './decision-plan.ts';
import { lockedAccess } from './locked-access.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

/** What came of one decision. `grant`: the one that an approval created, where it was the last one needed. */
export type DecisionOutcome = {
  readonly request: string;
  readonly outcome: 'approved' | 'denied' | 'refused';
  /** Of the first failed check; null where none failed. */
  readonly code: string | null;
  readonly grant: string | null;
};

export type ManyDecided = { readonly outcomes: readonly DecisionOutcome[]; readonly receipt: Receipt | undefined };

/** Decisions, the reason of the denials among them, and the proof over all of them. */
export type ManyDecisions = {
  readonly decisions: readonly DecisionInput[];
  readonly reason?: string;
  readonly proof?: GivenProof;
};

/**
 * Decides on many requests. One that is not possible gets its outcome, and the others go on. Throws `access_refused`
 * where the caller has not confirmed all of it, `not_found` where a request does not exist, `malformed`: then nothing is
 * decided.
 */
export async function decideMany(
  vault: Deps,
  by: Caller,
  { decisions, reason = '', proof: given }: ManyDecisions,
  request: RequestContext,
): Promise<ManyDecided> {
  const list = decisionsInOrder(decisions);
  if (reason === '' && list.some(({ decision }) => decision === 'deny')) throw withoutReason();
  const ids = list.map((one) => one.request);
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const proof = given === undefined ? null : await proofOver(vault, by, list, given, metadataKey, request);
  const changing = vault.db.change(async (tx) => {
    const lock = async () => {
      const rows = await tx.looks.lockAllToDecide(by, ids);
      const [first] = rows;
      return first === undefined || rows.length < ids.length ? null : { ...first, rows };
    };
    const { caller, found, now } = await lockedAccess(tx, metadataKey, by, lock, 'there is no such request');
    const scope = await scopeUnder(tx, metadataKey, by, found.policy);
    for (const { recording, request: asked } of found.rows)
      if (recording === null || !seesAccess(scope, recording, asked.requester === by.principal))
        throw new VaultError('not_found', 'there is no such request');
    const confirmed = await confirmationOf(tx, by, caller, proof, now);
    const { policy } = policyOf(metadataKey, found.policy);
    requireWithinBulk(list, policy);
    const all = [confirmationCheck(by, policy, confirmed)];
    if (!passes(all)) throw new VaultError('access_refused', 'you cannot decide on these requests', { checks: all });
    const [earlier] = await Promise.all([
      tx.access.decisionsOf(by.tenant, ids),
      proof === null ? undefined : redeemProof(tx, proof, now),
    ]);
    const purposes = found.rows.map((one) => one.request.purpose);
    const teams = await teamsInDecision(tx, metadataKey, by, policy, purposes);
    const byId = new Map<string, RowsToDecide>(found.rows.map((one) => [one.request.id, one]));
    const at = { by, caller, confirmed, teams, proof, reason, now, metadataKey, request };
    const possible: PossibleDecision[] = [];
    const events: NewEvent[] = proof === null ? [] : [proofEvent(by, proof, request)];
    const outcomes = list.map((what): DecisionOutcome => {
      const rows = byId.get(what.request);
      if (rows === undefined) throw new VaultError('not_found', 'there is no such request');
      requireWithinRequest(rows.request, what, ruleOf(policy, rows.request.purpose), now);
      const before = earlier.filter((one) => one.request === what.request);
      const plan = planDecision(at, rows, what, before);
      if ('refusal' in plan) {
        events.push(plan.refusal());
        return { request: what.request, outcome: 'refused', code: firstFailure(plan.checks) ?? null, grant: null };
      }
      possible.push(plan);
      events.push(plan.event);
      const outcome = what.decision === 'approve' ? 'approved' : 'denied';
      return { request: what.request, outcome, code: null, grant: plan.grant?.id ?? null };
    });
    // Sent together; the rows are locked.
    const written = await Promise.all(possible.map((one) => one.write(tx)));
    if (written.includes(false)) throw new VaultError('conflict', 'a concurrent decision on a request came first');
    return { result: outcomes, events, ...replyToStore(request, 'done', ...ids) };
  }, request);
  const { result, receipts } = await redeemingProof(vault, proof, changing, request);
  return { outcomes: result, receipt: receipts[0] };
}

/** The first result of `decideMany`, from the events that it wrote. */
export async function replayMany(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<ManyDecided> {
  // The first event is that of the proof, or of the first decision where there was none.
  const events = await vault.db.read((rows) => rows.log.events(by.tenant, receipt?.seq ?? 0, ids.length + 1), request);
  const leaves = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
  const outcomes = ids.flatMap((id) => {
    const leaf = leaves.find(({ object }) => object.id === id);
    return leaf === undefined ? [] : [outcomeOf(leaf)];
  });
  return { outcomes, receipt };
}

function outcomeOf({ action, outcome, object }: Leaf): DecisionOutcome {
  const text = (name: string): string | null => (object[name] === undefined ? null : String(object[name]));
  if (outcome !== 'ok') return { request: object.id, outcome: 'refused', code: text('why'), grant: null };
  const done = action === 'access.approved' ? 'approved' : 'denied';
  return { request: object.id, outcome: done, code: null, grant: text('grant') };
}

function withoutReason(): VaultError {
  const fields = [{ pointer: '/reason', detail: 'is required for a denial' }];
  return new VaultError('malformed', 'a denial needs a reason', { fields });
}
