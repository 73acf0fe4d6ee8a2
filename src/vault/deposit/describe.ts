// Describing a call: its recording's row with sealed facts and blind indexes. One-line ingest describes it too.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { blindIndex, naturalKey } from '../../envelope/blind-index.ts';
import { sealColumn } from '../../envelope/column.ts';
import { MAX_FACTS } from '../../envelope/facts.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Basis } from '../../model/basis.ts';
import { factsOf, type Metadata } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, isHidden, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { actorOf, event } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { indexesOf } from '../core/objects/indexes.ts';
import type { RequestContext } from '../core/request-context.ts';
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

/**
 * The columns that follow from metadata: clear ones, sealed facts, and the quarantine of a recording without legal
 * basis.
 */
function describedColumns({ tenant, metadataKey, metadata }: CallDescription, id: string, now: string) {
  const basis: Basis = metadata.basis ?? { kind: tenant.defaultBasis, defaulted: true };
  const facts = canonicalBytes(factsOf(metadata, basis));
  // 4096 bytes are kept for what the vault adds: digests, duration, channels.
  if (facts.length > MAX_FACTS - 4096) throw new VaultError('metadata_invalid', 'the metadata is too long');
  return {
    startedAt: metadata.startedAt ?? now,
    direction: metadata.direction ?? null,
    language: metadata.language ?? null,
    sensitivity: metadata.sensitivity ?? 'normal',
    quarantine: basis.kind === 'none' ? (['basis'] as const) : [],
    facts: sealColumn(metadataKey, { tenant: tenant.tenant, row: id, column: 'facts' }, facts),
  };
}

/** Inserts an EXPECTED recording with its indexes. Returns its sealed facts. */
export async function insertRecording(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  description: CallDescription,
  row: { readonly id: string; readonly described: boolean },
): Promise<Buffer> {
  const { by, tenant, metadataKey, metadata } = description;
  const now = await tx.now();
  const columns = describedColumns(description, row.id, now);
  const recording: Recording = {
    tenant: tenant.tenant,
    id: row.id,
    state: 'EXPECTED',
    version: 1,
    created: now,
    depositor: by.principal,
    described: row.described,
    natural: naturalIndex(metadataKey, metadata),
    durationMs: null,
    channels: null,
    retainUntil: null,
    ...columns,
  };
  await tx.recordings.insert(recording);
  await tx.recordings.insertIndex(recording, indexesOf(metadataKey, vault.phones, metadata, tenant.country));
  return columns.facts;
}

/**
 * Gives an EXPECTED recording new metadata and a new depositor. `rest`: when the call began where the metadata does not
 * say so, and whether the recording is described from now on. Returns its sealed facts. Throws `conflict`.
 */
export async function redescribeRecording(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  description: CallDescription,
  existing: Recording,
  rest: { readonly begun: string; readonly described: boolean },
): Promise<Buffer> {
  const { by, tenant, metadataKey, metadata } = description;
  const columns = describedColumns(description, existing.id, rest.begun);
  const described = rest.described || existing.described;
  if (!(await tx.recordings.change(existing, { ...columns, described, depositor: by.principal })))
    throw new VaultError('conflict', 'a concurrent update changed this recording first');
  await tx.recordings.index(tenant.tenant, existing.id, indexesOf(metadataKey, vault.phones, metadata, tenant.country));
  return columns.facts;
}

/** Whether a recording is only the remainder of a failed one-line ingest, which any uploader may take over. */
async function isUnclaimed(tx: Transaction, recording: Recording): Promise<boolean> {
  const { underway } = await tx.deposits.ofObject(recording.tenant, recording.id, 'audio');
  return isHidden(recording) && underway === null;
}

/**
 * Describes a call before its bodies are uploaded (the two-step form). The same call described again by the same
 * principal is the same recording; described by another principal it throws `call_key_taken`.
 */
export async function describeRecording(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'phones'>,
  by: Caller,
  metadata: Metadata,
  request: RequestContext,
): Promise<{ readonly recording: string; readonly created: boolean; readonly receipt: Receipt | undefined }> {
  const { tenant, metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const description: CallDescription = { by, tenant, metadataKey, metadata };
  const { result, receipts } = await vault.db.change(async (tx) => {
    await lockActiveTenant(tx, tenant.tenant);
    const existing = await tx.recordings.lockNatural(tenant.tenant, naturalIndex(metadataKey, metadata));
    if (existing !== null && existing.depositor !== by.principal && !(await isUnclaimed(tx, existing))) {
      throw new VaultError('call_key_taken', 'this source, call id and leg are taken');
    }
    if (existing !== null && isErased(existing)) throw new VaultError('erased', 'this call was erased');
    const id = existing?.id ?? newId('rec');
    if (existing === null) {
      await insertRecording(tx, vault, description, { id, described: true });
    } else if (existing.state === 'EXPECTED') {
      await redescribeRecording(tx, vault, description, existing, { begun: existing.startedAt, described: true });
    }
    const object = { id, again: existing === null ? 0 : 1 };
    return {
      result: { recording: id, created: existing === null },
      events: [event(tenant.tenant, actorOf(by), 'recording.created', object, request)],
      ...replyToStore(request, existing === null ? 'created' : 'done', id),
    };
  }, request);
  return { ...result, receipt: receipts[0] };
}
