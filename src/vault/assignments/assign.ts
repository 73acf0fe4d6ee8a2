// Assigning recordings to reviewers: one proof, one transaction, a grant and an event for each.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { sealColumn } from '../../envelope/column.ts';
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import type { BatchInput } from '../../model/assignment-checks.ts';
import { eventList, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import type { Batch } from '../../model/batch.ts';
import { type Check, check, firstFailure, passes } from '../../model/check.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { MOST_DECISIONS } from '../../model/log/proof.ts';
import { ruleOf } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { endGrant } from '../access/end-grant.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import { originOf } from '../core/personal/origin.ts';
import { type GivenProof, proofEvent, redeemingProof, redeemProof, verifyProof } from '../core/proofs/given-proof.ts';
import { requirePasskeys } from '../core/proofs/require-passkeys.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type AssignmentRows, lockAssignmentRows } from './assignment-rows.ts';
import { assignedValues } from './open-batch.ts';
import { idsOf, type PlannedAssignment, planAssignment, requireWithinBulk, type SignedAssignment } from './plan.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey' | 'sessionKeys'>;

/** What to assign, as it was signed, and why. */
export type NewBatch = BatchInput & {
  readonly assignments: readonly SignedAssignment[];
  readonly reason: string;
  readonly proof: GivenProof;
};

/** What came of one assignment. */
export type AssignmentOutcome = {
  readonly grant: string;
  readonly recording: string;
  readonly reviewer: string;
  /** Of the first failed check; null where it was assigned. */
  readonly code: string | null;
};

export type AssignedBatch = {
  readonly batch: Batch;
  readonly outcomes: readonly AssignmentOutcome[];
  readonly receipt: Receipt | undefined;
};

/**
 * Assigns recordings. One that is no longer possible gets its outcome, and the others go on; grants that are replaced end
 * in the same transaction. Throws `access_refused` where the passkey did not confirm exactly this, or none is possible;
 * `not_found`, `malformed`.
 */
export async function assign(vault: Deps, by: Caller, what: NewBatch, request: RequestContext): Promise<AssignedBatch> {
  const { assignments, reason, proof: given, ...input } = what;
  const ids = idsOf(assignments);
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const credential = requirePasskeys(vault).claimedCredential(given.answer);
  const passkey =
    credential === null ? null : await vault.db.read((rows) => rows.signIns.byCredential(credential), request);
  const values = assignments.map((one) => assignedValues(one, input));
  const proof = await verifyProof(vault, by, given, passkey, values, metadataKey, request);
  const changing = vault.db.change(async (tx) => {
    const rows = await lockAssignmentRows(tx, metadataKey, by, ids);
    const { now } = rows.assigner;
    requireWithinBulk(assignments.length, rows);
    await redeemProof(tx, proof, now);
    const batch = newBatch(by, rows, input, { metadataKey, reason, proof: proof.id });
    const planned = assignments.map((signed) => {
      const plan = planAssignment(rows, metadataKey, input, signed);
      // What the policy and the recording give has changed since it was signed.
      const same = check('proof', plan.minutes === signed.minutes, 'proof_mismatch');
      return { signed, ...plan, checks: [...plan.checks, same] };
    });
    const possible = planned.filter(({ checks }) => passes(checks));
    if (possible.length === 0)
      throw new VaultError('access_refused', 'you cannot assign this', { checks: planned[0]?.checks ?? [] });
    const grants = possible.map(({ signed, ...plan }) => newGrant(rows, batch, signed.id, plan));
    await Promise.all([
      tx.batches.insert(withMac(metadataKey, 'batch', batch)),
      ...grants.map((grant) => tx.access.insertGrant(withMac(metadataKey, 'access_grant', grant))),
    ]);
    const extension = extensionOf(rows, input.purpose);
    const assigned = planned.map(({ signed, checks }) => {
      const { id, recording, reviewer: person, minutes, insteadOf } = signed;
      const values = { recording, person, purpose: input.purpose, objects: eventList(input.objects), minutes };
      const refused = !passes(checks);
      const object = {
        ...{ id, ...values, opens_until: input.due, batch: batch.id, proof: proof.id },
        ...(insteadOf === null ? {} : { instead_of: insteadOf }),
        ...(refused ? { why: firstFailure(checks) ?? '' } : { uses: rows.assigner.policy.uses }),
        ...(refused || extension === null ? {} : { extend_minutes: extension }),
        ...presentedCredential(by),
      };
      const made = event(by.tenant, actorOf(by), 'access.assigned', object, request, refused ? 'refused' : 'ok');
      // A denied one says none of the person's words: its recording may be erased already.
      return withDetail(made, metadataKey, refused ? { reason: '' } : { reason, ...originOf(request) });
    });
    const ended = await endReplaced(tx, by, possible, request);
    const outcomes = planned.map(({ signed, checks }) => outcomeOf(signed, checks));
    const events: NewEvent[] = [proofEvent(by, proof, request), ...assigned, ...ended.events];
    const result = { batch: { ...batch, mac: null }, outcomes, sessions: ended.sessions };
    return { result, events, ...replyToStore(request, 'created', batch.id) };
  }, request);
  const { result, receipts } = await redeemingProof(vault, proof, changing, request);
  const { batch, outcomes, sessions } = result;
  for (const session of sessions) vault.sessionKeys.end(session);
  return { batch, outcomes, receipt: receipts[0] };
}

/** The first result of `assign`: the batch as it was made, and the outcomes from its events. */
export async function replayAssigned(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<AssignedBatch> {
  const { found, events } = await vault.db.read(
    async (rows) => ({
      found: await rows.batches.find(by.tenant, findId(ids, 'bat') ?? ''),
      events: await rows.log.events(by.tenant, receipt?.seq ?? 0, MOST_DECISIONS + 1),
    }),
    request,
  );
  const batch = requireStillExists(found);
  const leaves = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
  const outcomes = leaves
    .filter(({ action, object }) => action === 'access.assigned' && object['batch'] === batch.id)
    .map(({ object, outcome }) => ({
      ...{ grant: object.id, recording: String(object['recording']), reviewer: String(object['person']) },
      code: outcome === 'ok' ? null : String(object['why'] ?? ''),
    }));
  return { batch: { ...batch, state: 'OPEN', closed: null }, outcomes, receipt };
}

function outcomeOf({ id, recording, reviewer }: SignedAssignment, checks: readonly Check[]): AssignmentOutcome {
  return { grant: id, recording, reviewer, code: firstFailure(checks) ?? null };
}

function extensionOf({ assigner }: AssignmentRows, purpose: string): number | null {
  const minutes = ruleOf(assigner.policy, purpose)?.extendMinutes ?? 0;
  return minutes > 0 ? minutes : null;
}

type Made = {
  readonly metadataKey: Parameters<typeof sealColumn>[0];
  readonly reason: string;
  readonly proof: string;
};

function newBatch(by: Caller, rows: AssignmentRows, input: BatchInput, made: Made): Omit<Batch, 'mac'> {
  const [id, { tenant }] = [newId('bat'), by];
  const place = { tenant, row: id, column: 'words' };
  return {
    ...{ tenant, id, state: 'OPEN', version: 1, created: rows.assigner.now, maker: by.principal },
    ...{ purpose: input.purpose, objects: input.objects, due: input.due, policy: rows.policy, proof: made.proof },
    words: sealColumn(made.metadataKey, place, canonicalBytes({ reason: made.reason })),
    closed: null,
  };
}

/** A grant whose clock starts with the first listen, until the batch is due. */
function newGrant(
  rows: AssignmentRows,
  { tenant, id: batch, purpose, objects, due }: Omit<Batch, 'mac'>,
  id: string,
  { recording, reviewer, minutes }: PlannedAssignment,
): Omit<Grant, 'mac'> {
  const { now, policy } = rows.assigner;
  return {
    ...{ tenant, id, request: null, batch, recording: recording.id, person: reviewer.id, purpose, objects },
    ...{ state: 'APPROVED', version: 1, approved: now, expires: due, uses: policy.uses, usesLeft: policy.uses },
    ...{ minutes, opensUntil: due, started: null, extendMinutes: extensionOf(rows, purpose), extended: null },
    ...{ revokedAt: null, revokedBy: null, revokedWords: null, done: null, doneWords: null },
  };
}

/** Ends the grants that others replace, with their sessions. */
async function endReplaced(
  tx: Transaction,
  by: Caller,
  planned: readonly PlannedAssignment[],
  request: RequestContext,
): Promise<{ readonly events: NewEvent[]; readonly sessions: string[] }> {
  const how = { actor: actorOf(by), credential: presentedCredential(by), why: 'reassigned', words: null } as const;
  const [events, sessions]: [NewEvent[], string[]] = [[], []];
  for (const { replaced } of planned) {
    if (replaced === null) continue;
    const ended = await endGrant(tx, how, replaced, request);
    if (ended === null) throw new VaultError('conflict', 'a concurrent update changed a grant first');
    events.push(...ended.events);
    sessions.push(...ended.sessions);
  }
  return { events, sessions };
}
