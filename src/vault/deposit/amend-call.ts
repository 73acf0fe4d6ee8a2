// Later facts of a call from its platform, by natural key: before its audio, after it, or without any.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { judgeFacts, type KeptFact } from '../../model/accepted-facts.ts';
import { keysSet } from '../../model/amendments/fact-ranks.ts';
import { describeFacts, type FactsChange, foldFacts } from '../../model/amendments/recording-facts.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Metadata } from '../../model/facts.ts';
import type { FactsPatch } from '../../model/facts-patch.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, isHidden, isUnowned, type Recording, type RecordingState } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { actorOf, event, personCredential } from '../core/events/events.ts';
import { requireFewMembers, writeFacts } from '../core/facts/write-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireOwnSource } from '../core/sources/source-binding.ts';
import { activeTenantAndKey, lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { factsOfCall, insertRecording, naturalIndex } from './describe.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'boundSources' | 'phones' | 'replayGate'>;

/** What identifies a call. */
export type CallKey = Pick<Metadata, 'source' | 'callId' | 'leg'>;

/** The recording after a change, the names of what was set, and of what stays as it was. */
export type AmendedCall = {
  readonly recording: string;
  readonly state: RecordingState;
  readonly set: readonly string[];
  readonly kept: readonly KeptFact[];
  readonly created: boolean;
  readonly receipt: Receipt | undefined;
};

/**
 * Sets facts of a call as of the patch's time. The first patch of an unknown call creates its recording, which belongs to
 * no service until a body arrives. A patch of which nothing counts changes nothing and writes nothing. Throws
 * `source_taken` for another service's source, `call_key_taken` for another service's call, `erased`, `metadata_invalid`.
 */
export async function amendCall(
  vault: Deps,
  by: Caller,
  call: CallKey,
  patch: FactsPatch,
  request: RequestContext,
): Promise<AmendedCall> {
  const { tenant, metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  try {
    return await change({ vault, by, tenant, metadataKey, call, patch }, request);
  } catch (error) {
    if (!hasCode(error, 'conflict')) throw error;
    throw new VaultError('upload_in_progress', 'a concurrent request changes this call', {
      cause: error,
      retryAfter: 1,
    });
  }
}

type OneChange = {
  readonly vault: Deps;
  readonly by: Caller;
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly call: CallKey;
  readonly patch: FactsPatch;
};

async function change({ vault, ...one }: OneChange, request: RequestContext): Promise<AmendedCall> {
  const { by, metadataKey, call, patch } = one;
  const { result, receipts } = await vault.db.change(async (tx) => {
    // Sent together; the database runs them in this order, so that the time is read under both locks.
    const [tenant, existing] = await Promise.all([
      lockActiveTenant(tx, by.tenant),
      tx.recordings.lockNatural(by.tenant, naturalIndex(metadataKey, call)),
      tx.now(),
      requireOwnSource(tx, one.tenant, by, call.source, vault.boundSources),
    ]);
    if (existing === null) return createAmended(tx, { vault, ...one, tenant }, request);
    requireOwn(existing, by);
    const locked = { tenant, metadataKey, recording: existing };
    // What a failed upload left is hidden, and replaced by the next one: from now on it is not.
    const columns = isHidden(existing) ? { columns: { described: true } } : {};
    const write = { ...patch, begun: existing.startedAt, ...columns };
    const { set, kept, made } = await writeFacts(tx, vault, locked, actorOf(by), write, request, personCredential(by));
    const { id: recording, state } = existing;
    const result = { recording, state, set, kept, created: false };
    return made === null ? { result, unchanged: true } : { result, events: [made] };
  }, request);
  return { ...result, receipt: receipts[0] };
}

/** The recording of a call of which only facts are known. */
async function createAmended(
  tx: Transaction,
  { vault, by, tenant, metadataKey, call, patch }: OneChange,
  request: RequestContext,
) {
  const description = { by, tenant, metadataKey, metadata: call };
  const id = newId('rec');
  const base = factsOfCall(description);
  const described: FactsChange = { ...patch, by: by.principal, at: await tx.now() };
  const { accepted, kept } = judgeFacts(foldFacts(id, base, []), described, { unowned: true, durationMs: null });
  const facts = accepted === null ? base : describeFacts(base, described, accepted);
  requireFewMembers(facts);
  await insertRecording(tx, vault, description, { id, depositor: '', described: true }, facts);
  const made = event(by.tenant, actorOf(by), 'recording.created', { id }, request);
  const set = accepted === null ? [] : keysSet(base, accepted.set);
  return { result: { recording: id, state: 'EXPECTED' as const, set, kept, created: true }, events: [made] };
}

/** Throws `call_key_taken` for another service's call, whatever its state; `erased` for an erased one. */
function requireOwn(recording: Recording, by: Caller): void {
  if (!isUnowned(recording) && recording.depositor !== by.principal)
    throw new VaultError('call_key_taken', 'this source, call id and leg are taken');
  if (isErased(recording)) throw new VaultError('erased', 'this call was erased');
}
