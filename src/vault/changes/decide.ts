// Decisions on a change: the second person approves or rejects it, the proposer withdraws it.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import { isAppliedInBatches, isCommandBody } from '../../model/change/body.ts';
import { ACT_MS, type Change, type ChangeState, canBecome, isCommandKind } from '../../model/change/change.ts';
import { approvalChecks, refusalChecks } from '../../model/change/checks.ts';
import { changeEffects } from '../../model/change/effects.ts';
import { changedIn } from '../../model/change/people.ts';
import { type Check, check, passes } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import type { Transaction } from '../../ports/database.ts';
import type { AuthorityChange } from '../../ports/rows/versioned.ts';
import { changeWithMac, requireAuthentic } from '../core/authority/authority-rows.ts';
import { requireLiveCaller, requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { requireAuthenticChange } from '../core/authority/logged-change.ts';
import { actorOf, DEPLOYMENT, event, presentedCredential, withDetail } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import { originOf, withOrigin } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { applyBody } from './apply.ts';
import { lockChanged } from './apply-people.ts';
import { actorOnChange, decisionContext, findAgain, findChange, noChange } from './context.ts';
import { activeOwner, lockAgain, type Owner } from './owner.ts';
import type { ChangeResult } from './propose.ts';
import { bodyOf, sealOfChange } from './sealed-texts.ts';
import {
  type ChangeSignature,
  redeemSignature,
  type SignatureDeps,
  signatureMembers,
  verifySignature,
} from './signature.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>;
type ApprovalDeps = Deps & SignatureDeps;

/**
 * Approves a change and applies it, in one transaction; a release is applied in batches by background work, and a command
 * carries out what it proposed. `answer` is
 * the browser's to the options for signing it, undefined without one. Throws `change_refused` with the ordered checks (own
 * change, stale, not signed, …), `not_found`, and what applying throws: then nothing is changed.
 */
export function approveChange(
  vault: ApprovalDeps,
  by: Caller,
  id: string,
  answer: unknown,
  request: RequestContext,
): Promise<ChangeResult> {
  return decide(vault, by, id, ['APPROVED', 'APPLIED'], request, async (metadataKey, found) => {
    const isAnswered = answer !== undefined && by.signIn !== undefined && found.leafHash !== null;
    const signature = isAnswered ? await verifySignature(vault, by, found, answer, metadataKey, request) : null;
    return (tx, owner, change) => approve(vault, by, { tx, owner, change, signature }, request);
  });
}

type Approval = {
  readonly tx: Transaction;
  readonly owner: Owner;
  readonly change: Change;
  readonly signature: ChangeSignature | null;
};

async function approve(
  vault: Deps,
  by: Caller,
  { tx, owner, change, signature }: Approval,
  request: RequestContext,
): Promise<Decided> {
  const { metadataKey } = owner;
  const { context, body } = await decisionContext(tx, owner, by, change, signature !== null);
  requirePassed(approvalChecks(context));
  if (signature === null) throw new VaultError('internal', 'an approval must be signed');
  const { now } = context;
  await redeemSignature(tx, change, signature, now);
  const decided = { decider: by.principal, decided: now, expires: addMilliseconds(now, ACT_MS) };
  const approved = await move(tx, metadataKey, change, 'APPROVED', decided);
  const { id, kind } = change;
  const object = { id, kind, ...signatureMembers(change, signature), ...presentedCredential(by) };
  const made = event(change.tenant, actorOnChange(by), 'change.approved', object, request);
  if (isAppliedInBatches(body) || isCommandBody(body))
    return { change: approved, events: [withOrigin(made, metadataKey, request)] };
  if (owner.tenant === null)
    throw new VaultError('internal', 'a command carries out what it proposed of the deployment');
  const effects = await applyBody(vault, tx, owner.metadataKey, owner.tenant, body, {
    by: actorOnChange(by),
    marks: { change: id },
    request,
  });
  // Exactly what was proposed, or nothing. An older version counted effects otherwise: propose such a change again.
  if (changeEffects(effects) !== change.effects) requirePassed([check('base-current', false, 'change_stale')]);
  const applied = await move(tx, metadataKey, approved, 'APPLIED', {});
  const done = event(change.tenant, actorOnChange(by), 'change.applied', { id, kind }, request);
  return { change: applied, events: [withOrigin(made, metadataKey, request), ...effects, done] };
}

/**
 * Rejects a change, with a reason that the proposer sees; null for a change of the deployment, which has no key to seal one.
 * Throws `malformed` where that is not so, `change_refused`, `not_found`.
 */
export function refuseChange(
  vault: Deps,
  by: Caller,
  id: string,
  reason: string | null,
  request: RequestContext,
): Promise<ChangeResult> {
  return decide(vault, by, id, ['REFUSED'], request, async (metadataKey) => {
    requireReason(reason, metadataKey);
    return async (tx, owner, change) => {
      const { context } = await decisionContext(tx, owner, by, change, false);
      requirePassed(refusalChecks(context));
      const sealed = reason === null ? null : sealOfChange(metadataKey, change, 'reason', { text: reason });
      const decided = { decider: by.principal, decided: context.now, reason: sealed };
      const refused = await move(tx, metadataKey, change, 'REFUSED', decided);
      const object = { id, kind: change.kind, ...presentedCredential(by) };
      const made = event(change.tenant, actorOnChange(by), 'change.refused', object, request);
      if (metadataKey === null || reason === null) return { change: refused, events: [made] };
      return { change: refused, events: [withDetail(made, metadataKey, { reason, ...originOf(request) })] };
    };
  });
}

function requireReason(reason: string | null, metadataKey: SecretKey | null): void {
  if (metadataKey === null && reason !== null)
    throw new VaultError('malformed', 'the deployment has no key to seal a reason with: leave it out');
  if (metadataKey !== null && reason === null)
    throw new VaultError('malformed', 'a rejection needs a reason, which the proposer reads');
}

/** Withdraws the caller's own change. Throws `not_found` for another person's, `change_refused` once it was decided. */
export async function withdrawChange(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<ChangeResult> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    // A withdrawal gives no access, so the states of the caller's rows suffice.
    await requireLiveCallerWithoutMac(tx, by);
    const change = await tx.changes.lock(by.tenant, id);
    if (change === null || change.byCommand || change.proposer !== by.principal) throw noChange();
    const withdrawn = await withdraw(tx, change, by.principal);
    const object = { id, kind: change.kind, ...presentedCredential(by) };
    const made = event(change.tenant, actorOf(by), 'change.withdrawn', object, request);
    return { result: withdrawn, events: [made], ...replyToStore(request, 'done', id) };
  }, request);
  return { change: result, receipt: receipts[0] };
}

/** The row of a withdrawn change. Throws `change_refused` where it was decided before. */
export async function withdraw(tx: Transaction, change: Change, decider: string): Promise<Change> {
  const open = { check: 'change-open', ok: false, code: 'change_not_open', detail: change.state.toLowerCase() };
  if (change.state !== 'OPEN') requirePassed([open]);
  return move(tx, null, change, 'WITHDRAWN', { decider, decided: await tx.now() });
}

/** The first result of a decision. Throws `not_found` where its row was deleted. */
export async function replayChange(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  state: Extract<ChangeState, 'APPLIED' | 'REFUSED' | 'WITHDRAWN'>,
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<ChangeResult> {
  const id = findId(ids, 'chg') ?? '';
  const row = requireStillExists(await vault.db.read((rows) => findAgain(rows, by, id), request));
  // How far an answer is, its request says too.
  if (row.kind === 'answer') return { change: row, receipt };
  // A release is applied in batches after its approval, and commands carry out others.
  const later = row.kind === 'release' || isCommandKind(row.kind);
  const first = state === 'APPLIED' && later ? 'APPROVED' : state;
  return { change: { ...row, state: first }, receipt };
}

type Decided = { readonly change: Change; readonly events: readonly NewEvent[] };
type Decision = (tx: Transaction, owner: Owner, change: Change) => Promise<Decided>;

async function decide(
  vault: Deps,
  by: Caller,
  id: string,
  outcome: readonly ChangeState[],
  request: RequestContext,
  prepare: (metadataKey: SecretKey | null, found: Change) => Promise<Decision>,
): Promise<ChangeResult> {
  const found = await vault.db.read((rows) => findChange(rows, by, id), request);
  const owner = await activeOwner(vault, found.tenant, request);
  const { metadataKey } = owner;
  // No reply is stored for operators: the row says that they have decided so before.
  if (by.tenant === DEPLOYMENT && found.decider === by.principal && outcome.includes(found.state)) {
    await vault.db.read((rows) => requireAuthenticChange(rows, metadataKey, found), request);
    return { change: found, receipt: undefined };
  }
  const people = metadataKey === null ? [] : peopleChangedBy(metadataKey, found);
  const decision = await prepare(metadataKey, found);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, by.tenant === DEPLOYMENT ? null : metadataKey);
    await lockChanged(tx, found.tenant, people);
    const locked = await lockAgain(tx, owner);
    const change = await tx.changes.lock(found.tenant, id);
    if (change === null) throw noChange();
    const { change: after, events } = await decision(tx, locked, change);
    return { result: after, events, ...replyToStore(request, 'done', id) };
  }, request);
  return { change: result, receipt: receipts[0] };
}

/** The ids of the people whom an open change changes. Throws `integrity` where its row is not authentic. */
function peopleChangedBy(metadataKey: SecretKey, change: Change): readonly string[] {
  if (change.kind !== 'people' || change.state !== 'OPEN') return [];
  requireAuthentic(metadataKey, 'change', change);
  const body = bodyOf(metadataKey, change);
  return body.kind === 'people' ? changedIn(body).map(({ id }) => id) : [];
}

/** The one place where a change's state changes. A null key: the new state leads to nothing, and needs no MAC. */
export async function move(
  tx: Pick<Transaction, 'changes'>,
  metadataKey: SecretKey | null,
  from: Change,
  state: ChangeState,
  more: Partial<Pick<Change, 'decider' | 'decided' | 'reason' | 'expires'>>,
): Promise<Change> {
  if (!canBecome(from.state, state)) throw new VaultError('internal', `a ${from.state} change cannot become ${state}`);
  const to: AuthorityChange<Change> =
    state === 'APPROVED' && metadataKey !== null
      ? changeWithMac(metadataKey, 'change', from, { ...more, state })
      : { ...more, state, mac: null };
  if (!(await tx.changes.change(from, to)))
    throw new VaultError('conflict', 'a concurrent decision on this change came first');
  return { ...from, ...to, version: from.version + 1 };
}

function requirePassed(checks: readonly Check[]): void {
  if (!passes(checks))
    throw new VaultError('change_refused', 'this decision on the change is not possible', { checks });
}
