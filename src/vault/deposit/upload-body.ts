// The upload of a deposit's bytes: sealed part by part into the store, then committed in the row.
import { parseCanonicalObject } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { openColumn, sealColumn } from '../../envelope/column.ts';
import { type EnvelopeObject, encodeEnvelope } from '../../envelope/envelope.ts';
import { sealFacts } from '../../envelope/facts.ts';
import { headsOf, objectKey, objectPath } from '../../envelope/object.ts';
import { sealObject } from '../../envelope/seal.ts';
import { partCount, sealedObjectSize } from '../../envelope/sizes.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, ObjectRow, PartRow } from '../../model/recording.ts';
import { locationOf } from '../../model/tenant.ts';
import { awaitBoth } from '../core/concurrency.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { withBufferSlot } from './buffer-slots.ts';
import type { ClaimedDeposit, ObjectRows } from './deposit-types.ts';
import { storePeaks } from './peaks.ts';
import type { BodyFacts } from './upload-bytes.ts';
import { beginUpload, commitPart } from './uploads.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'clock' | 'metadataKeys' | 'settings'>;

/** How long a large body waits while many others are in memory. */
const PATIENCE_MS = 5_000;

/**
 * Seals the body part by part and changes the deposit to COMMITTING; after that no byte is accepted. Throws the body's
 * errors, or `conflict`.
 */
export async function uploadBody(
  vault: Deps,
  claimed: ClaimedDeposit,
  request: RequestContext,
): Promise<{ readonly row: Deposit; readonly facts: BodyFacts; readonly rows: ObjectRows }> {
  const { tenant, row, key, body } = claimed;
  const identity = { tenant: row.tenant, recording: row.recording, deposit: row.id, name: row.object };
  const target = { deposit: row, place: locationOf(tenant), path: objectPath(identity) };
  const sealingKey = objectKey(key.dataKey, row.object);
  const headers: Buffer[] = [];
  const parts: PartRow[] = [];
  let uploadId: string | null = null;
  let facts: BodyFacts | null = null;
  let beside: readonly EnvelopeObject[] = [];
  const { bytes, done } = withBufferSlot(body.bytes, () => vault.clock.deadline(PATIENCE_MS));
  try {
    const { releasesBuffer } = vault.store;
    for await (const part of sealObject(bytes, sealingKey, identity, { releasesBuffer, length: body.length })) {
      request.signal.throwIfAborted();
      headers.push(part.header);
      // The last part is stored only after length and digest were checked.
      if (part.last) facts = await body.finish();
      const peaks = part.last ? (facts?.peaks ?? null) : null;
      const put = async (): Promise<void> => {
        if (part.last && part.number === 0) {
          await vault.store.put(target.place, target.path, part.sealed, row.op, request);
        } else {
          uploadId ??= await beginUpload(vault, target, request);
          parts.push(await commitPart(vault, target, uploadId, part, request));
        }
      };
      if (peaks === null) await put();
      else beside = [(await awaitBoth(storePeaks(vault, claimed, peaks, request), put()))[0]];
    }
  } finally {
    done();
    sealingKey.zero();
  }
  if (facts === null) throw new VaultError('internal', 'sealing ended without a last part');
  const { committing, objects } = await commit(vault, claimed, facts, headsOf(headers), beside, request);
  return { facts, row: committing, rows: { objects, parts } };
}

async function commit(
  vault: Deps,
  { by, tenant: owner, type, row, key, mayCommit, factsFrom }: ClaimedDeposit,
  facts: BodyFacts,
  heads: Buffer,
  beside: readonly EnvelopeObject[],
  request: RequestContext,
): Promise<{ readonly committing: Deposit; readonly objects: readonly ObjectRow[] }> {
  // The body may have taken hours, longer than a metadata key stays in memory.
  const metadataKey = await vault.metadataKeys.get(owner, request);
  const { tenant, recording, id } = row;
  const { size } = facts;
  const object = {
    name: row.object,
    type,
    size,
    sealed: sealedObjectSize(size),
    parts: partCount(size),
    heads,
  };
  const members = [object, ...beside];
  const objects = members.map((each) => ({ tenant, id: newId('obj'), deposit: id, ...each }));
  const digest = sealColumn(metadataKey, { tenant, row: id, column: 'digest' }, facts.sha256);
  const { result } = await vault.db.change(async (tx) => {
    // The body may have taken hours: check again that this deposit is still allowed.
    await lockActiveTenant(tx, tenant);
    await mayCommit(tx);
    const described = await tx.recordings.lock(tenant, recording);
    const now = await tx.deposits.lock(tenant, id);
    if (now?.state !== 'UPLOADING' || now.lease?.owner !== vault.settings.instance) {
      throw new VaultError('conflict', 'the lease on the deposit was lost');
    }
    if (described === null || described.facts === null) throw new VaultError('conflict', 'the recording was erased');
    const column = { tenant, row: recording, column: 'facts' };
    const recordingFacts = parseCanonicalObject(openColumn(metadataKey, column, described.facts));
    const sealed = sealFacts(key.dataKey, { tenant, recording, deposit: id }, factsFrom(recordingFacts, facts));
    const { scheme, wrap, wrapped } = key;
    const wrappedKey = { scheme, id: key.id, wrap, wrapped };
    const identity = { tenant, recording, deposit: id, created: now.created, key: wrappedKey };
    const envelope = encodeEnvelope({ ...identity, objects: members, facts: sealed }, key.dataKey);
    const to = { state: 'COMMITTING', envelope, digest } as const;
    if (!(await tx.deposits.change(now, to)))
      throw new VaultError('conflict', 'a concurrent update changed this deposit first');
    await tx.wrappedKeys.setEnvelope(tenant, id, wrap);
    await Promise.all(objects.map((each) => tx.deposits.insertObject(each)));
    const subject = { id, recording };
    const committing: Deposit = { ...now, ...to, version: now.version + 1 };
    return { result: committing, events: [event(tenant, by, 'deposit.committing', subject, request)] };
  }, request);
  return { committing: result, objects };
}
