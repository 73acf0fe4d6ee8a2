// Describing a call: its recording's row with sealed facts and blind indexes. One-line ingest describes it too.
import { newId } from '../../bytes/ids.ts';
import { blindIndex, naturalKey } from '../../envelope/blind-index.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { KeptFact } from '../../model/accepted-facts.ts';
import type { Patch } from '../../model/amendments/amendment.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import { type Basis, noticeIn } from '../../model/basis.ts';
import { factsOf, type Metadata } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, isHidden, isUnowned, NO_LIFETIME, NOT_LISTED, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { actorOf, event, personCredential } from '../core/events/events.ts';
import { addToHolds } from '../core/facts/add-to-holds.ts';
import { indexesOf, type KnownTexts, queueIn } from '../core/facts/indexes.ts';
import { lifetimeColumns } from '../core/facts/lifetime-columns.ts';
import { withNotice } from '../core/facts/named-notice.ts';
import {
  clearColumnsOf,
  eventsIn,
  openRawFacts,
  quarantineOf,
  type RawFacts,
  sealGivenFacts,
} from '../core/facts/raw-facts.ts';
import { areFactsSealed } from '../core/facts/sealed-facts.ts';
import { withWithdrawals } from '../core/facts/withdrawals.ts';
import { writeFacts } from '../core/facts/write-facts.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { bindSource } from '../core/sources/source-binding.ts';
import { activeTenantAndKey, lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** The blind index of a call's natural key. */
export function naturalIndex(metadataKey: SecretKey, metadata: Pick<Metadata, 'source' | 'callId' | 'leg'>): Buffer {
  return blindIndex(metadataKey, 'natural', naturalKey(metadata.source, metadata.callId, metadata.leg));
}

/** A description of a call, with its depositor and tenant. */
export type CallDescription = {
  readonly by: Caller;
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly metadata: Metadata;
};

/** The facts of a new call, with the tenant's default basis where it has none. */
export function factsOfCall({ tenant, metadata }: Pick<CallDescription, 'tenant' | 'metadata'>): RawFacts {
  return factsOf(metadata, metadata.basis ?? defaultBasisOf(tenant)) as unknown as RawFacts;
}

/** The basis of a call that names none, with the notice that every caller hears. */
function defaultBasisOf({ defaultBasis: kind, defaultNotice }: Tenant): Basis {
  const notice = defaultNotice === null || kind === 'none' ? null : noticeIn(defaultNotice);
  return { kind, ...(notice === null ? {} : { notice }), defaulted: true };
}

/** A call whose facts are in the row alone; `begun` is its start where they do not say it. */
type NewCall = {
  readonly id: string;
  readonly facts: RawFacts;
  readonly indexes: readonly IndexValue[];
  readonly begun: string;
};

/** The columns that follow from facts, their indexes and withdrawals of consent: clear ones, the queue's, the sealed facts, and the quarantine of a call without legal basis. */
async function columnsOf(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  { tenant, metadataKey }: CallDescription,
  { id, facts: given, indexes, begun }: NewCall,
) {
  const call = { facts: await withNotice(tx, tenant.tenant, given), begun, setBy: null };
  const facts = await withWithdrawals(tx, vault, { tenant, metadataKey }, call, indexes);
  const clear = clearColumnsOf(facts, begun);
  const owner = { tenant, metadataKey, changed: null };
  return {
    ...clear,
    ...(await lifetimeColumns(tx, owner, facts, clear.startedAt)),
    queue: queueIn(indexes),
    quarantine: quarantineOf(facts, []),
    facts: sealGivenFacts(metadataKey, { tenant: tenant.tenant, id }, facts),
  };
}

/** A recording to insert, with its blind indexes and the events of its call. */
export type NewRecording = {
  readonly recording: Recording;
  readonly indexes: readonly IndexValue[];
  readonly facts: RawFacts;
};

/** The row of a new recording; what its caller has computed already need not be computed again. */
type NewRow = Pick<Recording, 'id' | 'depositor' | 'described'> &
  Partial<Pick<Recording, 'natural'>> & { readonly knownTexts?: KnownTexts };

/** An EXPECTED recording of these facts. Adds it to the holds that it matches. */
export async function newRecording(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  description: CallDescription,
  row: NewRow,
  facts: RawFacts,
): Promise<NewRecording> {
  const { tenant, metadataKey, metadata } = description;
  const now = await tx.now();
  const indexes = indexesOf(metadataKey, vault.phones, facts, tenant, row.knownTexts);
  const columns = await columnsOf(tx, vault, description, { id: row.id, facts, indexes, begun: now });
  const recording: Recording = {
    tenant: tenant.tenant,
    id: row.id,
    state: 'EXPECTED',
    version: 1,
    created: now,
    depositor: row.depositor,
    described: row.described,
    natural: row.natural ?? naturalIndex(metadataKey, metadata),
    durationMs: null,
    channels: null,
    ...NO_LIFETIME,
    ...NOT_LISTED,
    delayS: null,
    holds: await addToHolds(tx, vault, { tenant, metadataKey }, row.id, { facts, begun: now }, null),
    ...columns,
  };
  return { recording, indexes, facts };
}

/** Inserts an EXPECTED recording of these facts, with its indexes. Returns its sealed facts. */
export async function insertRecording(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  description: CallDescription,
  row: Pick<Recording, 'id' | 'depositor' | 'described'>,
  facts = factsOfCall(description),
): Promise<Uint8Array> {
  const { recording, indexes } = await newRecording(tx, vault, description, row, facts);
  await tx.recordings.insert(recording);
  await tx.recordings.insertIndex(recording, indexes);
  if (facts['events'] !== undefined) await tx.retention.setEvents(recording, eventsIn(facts));
  return recording.facts as Uint8Array;
}

/** A recording's sealed facts after it was described, the metadata that it did not take, and the events. */
export type DescribedCall = {
  readonly facts: Uint8Array;
  readonly kept: readonly KeptFact[];
  readonly events: readonly NewEvent[];
};

/**
 * Gives an EXPECTED recording more metadata and its depositor: `kept` names what stays as others have set it. What a
 * failed upload left is replaced whole. `rest`: when the call began where the facts do not say so, and whether the
 * recording is described from now on. Returns its sealed facts, and the event of a change. Throws `conflict`.
 */
export async function redescribeRecording(
  tx: Transaction,
  vault: Pick<Vault, 'phones' | 'replayGate'>,
  description: CallDescription,
  existing: Recording,
  rest: { readonly begun: string; readonly described: boolean },
  request: Pick<RequestContext, 'req'>,
): Promise<DescribedCall> {
  const { by, tenant, metadataKey, metadata } = description;
  const columns = { depositor: by.principal, described: rest.described || existing.described };
  if (isHidden(existing) && !(await areFactsSealed(tx, existing))) {
    const facts = factsOfCall(description);
    const indexes = indexesOf(metadataKey, vault.phones, facts, tenant);
    const after = { facts, begun: rest.begun };
    const before = existing.facts === null ? null : openRawFacts(metadataKey, existing, existing.facts);
    const was = before === null ? null : { facts: before, begun: existing.startedAt };
    const held = await addToHolds(tx, vault, { tenant, metadataKey }, existing.id, after, was);
    const holds = existing.holds + held;
    const call = { id: existing.id, facts, indexes, begun: rest.begun };
    const whole = { ...(await columnsOf(tx, vault, description, call)), ...columns, holds };
    if (!(await tx.recordings.change(existing, whole)))
      throw new VaultError('conflict', 'a concurrent update changed this recording first');
    await tx.recordings.index(tenant.tenant, existing.id, indexes);
    await tx.retention.setEvents(existing, eventsIn(facts));
    return { facts: whole.facts, kept: [], events: [] };
  }
  const locked = { tenant, metadataKey, recording: existing };
  const { begun } = rest;
  const write = { patch: patchOf(metadata), begun, columns };
  const { sealed, kept, made } = await writeFacts(tx, vault, locked, actorOf(by), write, request, personCredential(by));
  return { facts: sealed, kept, events: made === null ? [] : [made] };
}

/** What metadata sets of a call's facts: all but what identifies it. */
function patchOf(metadata: Metadata): Patch {
  const { v, source, call_id, leg, basis, ...rest } = factsOf(metadata, metadata.basis ?? { kind: 'none' });
  return (metadata.basis === undefined ? rest : { ...rest, basis }) as unknown as Patch;
}

/** Whether any uploader may deposit the call: it has no depositor, or is only the remainder of a failed upload. */
async function isUnclaimed(tx: Transaction, recording: Recording): Promise<boolean> {
  if (isUnowned(recording)) return true;
  const { underway } = await tx.deposits.ofObject(recording.tenant, recording.id, 'audio');
  return isHidden(recording) && underway === null;
}

/**
 * Describes a call before its bodies are uploaded (the two-step form). The same call described again by the same
 * principal is the same recording; described by another principal it throws `source_taken` or `call_key_taken`.
 */
export async function describeRecording(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'boundSources' | 'phones' | 'replayGate'>,
  by: Caller,
  metadata: Metadata,
  request: RequestContext,
): Promise<{ readonly recording: string; readonly created: boolean; readonly receipt: Receipt | undefined }> {
  const { tenant, metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    // Not the row that was read before: by now the tenant may search by other fields.
    const description = { by, tenant: await lockActiveTenant(tx, tenant.tenant), metadataKey, metadata };
    await bindSource(tx, description.tenant, by, metadata.source, vault.boundSources);
    const existing = await tx.recordings.lockNatural(tenant.tenant, naturalIndex(metadataKey, metadata));
    if (existing !== null && existing.depositor !== by.principal && !(await isUnclaimed(tx, existing))) {
      throw new VaultError('call_key_taken', 'this source, call id and leg are taken');
    }
    if (existing !== null && isErased(existing)) throw new VaultError('erased', 'this call was erased');
    const id = existing?.id ?? newId('rec');
    const events: NewEvent[] = [];
    if (existing === null) {
      await insertRecording(tx, vault, description, { id, depositor: by.principal, described: true });
    } else if (existing.state === 'EXPECTED') {
      const rest = { begun: existing.startedAt, described: true };
      events.push(...(await redescribeRecording(tx, vault, description, existing, rest, request)).events);
    }
    const object = { id, again: existing === null ? 0 : 1 };
    return {
      result: { recording: id, created: existing === null },
      events: [event(tenant.tenant, actorOf(by), 'recording.created', object, request), ...events],
      ...replyToStore(request, existing === null ? 'created' : 'done', id),
    };
  }, request);
  return { ...result, receipt: receipts[0] };
}
