// Corrections of a recording's facts by people: with a reason, and only of what they have read.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { type FieldError, VaultError } from '../../errors.ts';
import type { Patch } from '../../model/amendments/amendment.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { withdrawnIn } from '../../model/consent.ts';
import { requireQueueAllowed, valuesBefore } from '../../model/corrections.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, isHidden, type Recording, type RecordingState } from '../../model/recording.ts';
import type { Change, Transaction, Unchanged } from '../../ports/database.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, personCredential, withDetail } from '../core/events/events.ts';
import { membersOf, openRawFacts, type RawFacts } from '../core/facts/raw-facts.ts';
import { writeFacts } from '../core/facts/write-facts.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { releaseUnused, replyToStore } from '../core/idempotency/stored-reply.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isInScope, noRecording, queueUse, scopeUnder } from '../core/scope/read-scope.ts';
import { activeTenantAndKey, lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>;

/** What a person corrects: `versions` are those of the recording that they have read. */
export type Correction = {
  readonly patch: Patch;
  readonly reason: string;
  readonly versions: readonly number[];
};

/** A recording after a correction. */
export type CorrectedRecording = Pick<Recording, 'id'> & {
  /** For the next change; null for a repeated request. */
  readonly version: number | null;
  readonly state: RecordingState;
  readonly receipt: Receipt | undefined;
};

/**
 * Corrects facts. The roles must allow the patch: see `readCorrection`. The reason, and the values that were there
 * before, are sealed beside the event. A patch that changes nothing writes nothing. Throws `not_found`, `forbidden` for a
 * queue that the policy leaves to privacy officers, `erased`, `precondition_failed` where the recording has changed since it was read, `metadata_invalid`, `unauthenticated` where
 * the caller's credential ended, and `integrity` for rows that are not as they were written.
 */
export async function correctRecording(
  vault: Deps,
  by: Caller,
  id: string,
  correction: Correction,
  request: RequestContext,
): Promise<CorrectedRecording> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    const written = await writeCorrection(tx, vault, metadataKey, { by, id, correction }, request);
    return 'unchanged' in written ? written : { ...written, ...replyToStore(request, 'done', id) };
  }, request);
  await releaseUnused(vault, receipts, request);
  return { ...result, receipt: receipts[0] };
}

/**
 * The reply of a correction that was made before: the recording as it is now, without a version, since the caller has not
 * read it. Throws as `correctRecording`.
 */
export async function replayCorrection(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  id: string,
  { receipt }: StoredOutcome,
  request: RequestContext,
): Promise<CorrectedRecording> {
  const recording = requireCorrectable(await vault.db.read((rows) => rows.recordings.find(by.tenant, id), request));
  return { ...outcomeOf(recording), version: null, receipt };
}

type Outcome = Omit<CorrectedRecording, 'receipt'>;

type OneCorrection = { readonly by: Caller; readonly id: string; readonly correction: Correction };

async function writeCorrection(
  tx: Transaction,
  vault: Deps,
  metadataKey: SecretKey,
  { by, id, correction: { patch, reason, versions } }: OneCorrection,
  request: RequestContext,
): Promise<Change<Outcome> | Unchanged<Outcome>> {
  await requireLiveCaller(tx, by, metadataKey);
  const tenant = await lockActiveTenant(tx, by.tenant);
  // Sent together; under the tenant's lock its policy stays.
  const [found, policy] = await Promise.all([tx.recordings.lock(by.tenant, id), tx.tenants.policy(by.tenant)]);
  const scope = await scopeUnder(tx, metadataKey, by, policy);
  if (found === null || !(await isInScope(tx, scope, found))) throw noRecording();
  if (Object.hasOwn(patch, 'queue'))
    requireQueueAllowed(by.roles, await queueUse(tx, by.tenant, policyOf(metadataKey, policy).policy));
  const recording = requireCorrectable(found);
  if (!versions.includes(recording.version))
    throw new VaultError('precondition_failed', 'the recording has changed since it was read: read it again');
  const facts = openRawFacts(metadataKey, recording, recording.facts);
  requireLater(facts, patch);
  requireNewConsent(facts, patch);
  const locked = { tenant, metadataKey, recording };
  const write = { patch, begun: recording.startedAt };
  const { set, made } = await writeFacts(tx, vault, locked, actorOf(by), write, request, personCredential(by));
  if (made === null) return { result: outcomeOf(recording), unchanged: true };
  const was = canonicalBytes(valuesBefore(facts, set)).toString();
  const result = { ...outcomeOf(recording), version: recording.version + 1 };
  return { result, events: [withDetail(made, metadataKey, { reason, was })] };
}

/** A recording that people see, with facts. */
type Correctable = Recording & { readonly facts: Uint8Array };

function requireCorrectable(recording: Recording | null): Correctable {
  if (recording === null || isHidden(recording)) throw new VaultError('not_found', 'there is no such recording');
  const { facts } = recording;
  if (isErased(recording) || facts === null) throw new VaultError('erased', 'this recording was erased');
  return { ...recording, facts };
}

/** What must be kept is never kept for a shorter time. */
function requireLater(facts: RawFacts, { retain_until: until }: Patch): void {
  const now = facts['retain_until'];
  if (typeof until !== 'string' || typeof now !== 'string' || until >= now) return;
  const fields = [{ pointer: '/retain_until', detail: 'cannot become earlier' }];
  throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields });
}

/** After a withdrawal a basis needs evidence, and consent the time when it was given again. */
function requireNewConsent(facts: RawFacts, { basis }: Patch): void {
  const [now, given] = [membersOf(facts['basis']), membersOf(basis)];
  const withdrawn = withdrawnIn(now);
  if (basis === undefined || withdrawn === undefined) return;
  const { kind, evidence, at } = given;
  const isLater = typeof at === 'string' && at > withdrawn.at;
  const fields: FieldError[] = [
    ...(typeof evidence === 'string'
      ? []
      : [{ pointer: '/basis/evidence', detail: 'is required: consent was withdrawn' }]),
    ...(kind !== 'consent' || isLater ? [] : [{ pointer: '/basis/at', detail: 'must be later than the withdrawal' }]),
  ];
  if (fields.length > 0) throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields });
}

function outcomeOf({ id, version, state }: Recording): Outcome {
  return { id, version, state };
}
