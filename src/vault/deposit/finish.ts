// Finishing a COMMITTING deposit, without its body: complete the blob, write the envelope, read back, make AVAILABLE.
import { openColumn } from '../../envelope/column.ts';
import { envelopePath, MAX_ENVELOPE, parseEnvelope, verifyEnvelope } from '../../envelope/envelope.ts';
import { openFacts } from '../../envelope/facts.ts';
import { objectPath } from '../../envelope/object.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor, NewEvent, Receipt } from '../../model/audit-event.ts';
import { delaySeconds } from '../../model/listing.ts';
import { PEAKS } from '../../model/peaks.ts';
import { type Deposit, isErased } from '../../model/recording.ts';
import { locationOf, type StoreLocation, type Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { countKeyUse } from '../core/events/count-events.ts';
import { event, systemActor } from '../core/events/events.ts';
import { openRawFacts, type RawFacts, sealRawFacts } from '../core/facts/raw-facts.ts';
import { storedObject } from '../core/objects/stored-object.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { abortInTransaction } from './abort.ts';
import type { ObjectRows } from './deposit-types.ts';
import { completeUpload, readBack } from './uploads.ts';

/** Errors after which a deposit can never be finished and must be aborted. */
export const UNFINISHABLE = ['integrity', 'blob_missing', 'blob_exists', 'malformed'] as const;

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'metadataKeys' | 'tenantKeks' | 'settings'>;

/**
 * A COMMITTING deposit, and the actor that finishes it. Recovery has neither its data key nor its rows: null, they are
 * unwrapped and read here.
 */
export type CommittingDeposit = {
  readonly by: Actor;
  readonly tenant: Tenant;
  readonly deposit: Deposit;
  readonly dataKey: SecretKey | null;
  readonly rows: ObjectRows | null;
};

/**
 * Finishes a deposit whose lease the caller holds. Throws `integrity` or `blob_missing` where the deposit cannot be
 * finished and must be aborted.
 */
export async function finishDeposit(
  vault: Deps,
  one: CommittingDeposit,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { tenant, deposit, dataKey } = one;
  const { envelope, digest } = deposit;
  if (deposit.state !== 'COMMITTING' || envelope === null || digest === null) {
    throw new VaultError('conflict', 'the deposit is not committing');
  }
  const place = locationOf(tenant);
  const { objects, parts } = one.rows ?? (await readRows(vault, deposit, request));
  const [object, ...beside] = objects;
  if (object?.name !== deposit.object) throw new VaultError('internal', 'a committing deposit without its rows');
  const stored = storedObject(deposit, object, parts);
  // A crash before all blobs were stored: found without the key service, and before there is an envelope.
  if (dataKey === null) {
    const whole = deposit.uploadId === null ? objects : beside;
    for (const one of whole) await requireBlob(vault, place, objectPath(storedObject(deposit, one, [])), request);
  }
  await completeUpload(vault, { deposit, place, path: objectPath(stored) }, request);
  await putEnvelope(vault, one, envelope, request);

  const opened = dataKey ?? (await unwrapForRecovery(vault, one, request));
  try {
    const sha256 = openColumn(
      await vault.metadataKeys.get(tenant, request),
      { tenant: deposit.tenant, row: deposit.id, column: 'digest' },
      digest,
    );
    const verified = await readBack(vault, place, stored, opened, sha256, request);
    for (const one of beside) await readBack(vault, place, storedObject(deposit, one, []), opened, null, request);
    verifyEnvelope(envelope, opened);
    const facts = openFacts(opened, { ...deposit, deposit: deposit.id }, parseEnvelope(envelope).facts);
    // Reading back may have taken minutes; metadata keys in memory expire sooner.
    const metadataKey = await vault.metadataKeys.get(tenant, request);
    return await makeAvailable(vault, one, { facts, metadataKey, verified }, request);
  } finally {
    if (dataKey === null) opened.zero();
  }
}

async function requireBlob(vault: Deps, place: StoreLocation, path: string, request: RequestContext): Promise<void> {
  if ((await vault.store.head(place, path, request)) === null)
    throw new VaultError('blob_missing', 'the blob is not there');
}

function readRows(vault: Deps, { tenant, id }: Deposit, request: RequestContext): Promise<ObjectRows> {
  return vault.db.read(
    async ({ deposits }) => ({ objects: await deposits.objects(tenant, id), parts: await deposits.parts(tenant, id) }),
    request,
  );
}

async function unwrapForRecovery(
  vault: Deps,
  { tenant, deposit }: CommittingDeposit,
  request: RequestContext,
): Promise<SecretKey> {
  const { now, key } = await vault.db.read(
    async ({ deposits, wrappedKeys }) => ({
      now: await deposits.find(deposit.tenant, deposit.id),
      key: await wrappedKeys.find(deposit.tenant, deposit.id),
    }),
    request,
  );
  // An erasure or an abort deletes the key with its change of the state.
  if (now?.state !== 'COMMITTING') throw new VaultError('conflict', 'the deposit is not committing');
  if (key === null) throw new VaultError('internal', 'a committing deposit without its key');
  await countKeyUse(vault, tenant.tenant, systemActor(vault.settings), 'settle', request);
  return unwrapDataKey(vault, tenant, deposit, key, request);
}

async function putEnvelope(
  vault: Deps,
  { tenant, deposit }: CommittingDeposit,
  bytes: Uint8Array,
  request: RequestContext,
): Promise<void> {
  const path = envelopePath(deposit.tenant, deposit.recording, deposit.id);
  try {
    await vault.store.put(locationOf(tenant), path, bytes, `${deposit.op}-envelope`, request);
  } catch (error) {
    if (!hasCode(error, 'blob_exists')) throw error;
    const existing = await vault.store.get(locationOf(tenant), path, MAX_ENVELOPE, request);
    if (existing === null || Buffer.compare(existing.bytes, bytes) !== 0) {
      throw new VaultError('integrity', "another envelope already has the name of this deposit's", { cause: error });
    }
  }
}

/**
 * The input of the rows' change: the envelope's facts, the key that seals them, and whether the whole object was
 * compared.
 */
type VerifiedDeposit = {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly metadataKey: SecretKey;
  readonly verified: boolean;
};

async function makeAvailable(
  vault: Deps,
  { by, deposit }: CommittingDeposit,
  { facts, metadataKey, verified }: VerifiedDeposit,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { receipts } = await vault.db.change(async (tx) => {
    const now = await tx.now();
    const recording = await tx.recordings.lock(deposit.tenant, deposit.recording);
    if (recording === null || recording.facts === null || isErased(recording)) {
      throw new VaultError('conflict', 'the recording takes no more deposits');
    }
    const { row, old } = await lockWithPredecessor(tx, deposit);
    if (row?.state !== 'COMMITTING') throw new VaultError('conflict', 'the deposit is not committing');
    // Only one deposit of an object is AVAILABLE at any moment: the one that this one was re-encrypted from is
    // superseded first.
    const replaced = old === null ? [] : await supersede(tx, by, old, row, request);
    const done = {
      state: 'AVAILABLE',
      envelope: null,
      lease: null,
      verifiedAt: verified ? now : null,
      uploadId: null,
    } as const;
    if (!(await tx.deposits.change(row, done)))
      throw new VaultError('conflict', 'a concurrent update changed this deposit first');

    // The digests of all AVAILABLE objects, and what was measured from the audio, join the recording's facts.
    const before = openRawFacts(metadataKey, recording, recording.facts);
    const isAudio = deposit.object === 'audio';
    const measured = isAudio ? pick(facts, 'duration_ms', 'channels') : {};
    const { [PEAKS]: peaks, ...others } = (before['sha256'] ?? {}) as Readonly<Record<string, unknown>>;
    // A new audio replaces the peaks, also where it has none.
    const kept = isAudio || peaks === undefined ? others : { ...others, [PEAKS]: peaks };
    const digests = { ...kept, ...(facts['sha256'] as object | undefined) };
    const after = { ...before, ...measured, sha256: digests } as RawFacts;
    const duration = facts['duration_ms'];
    const channels = facts['channels'];
    const durationMs = typeof duration === 'number' ? duration : null;
    const audio = {
      state: 'AVAILABLE',
      durationMs,
      channels: Array.isArray(channels) ? channels.length : null,
      // Not again where it is re-encrypted.
      delayS: recording.delayS ?? delaySeconds(recording.startedAt, durationMs, now),
    } as const;
    const changed = { ...(isAudio ? audio : {}), facts: sealRawFacts(metadataKey, recording, after) };
    if (!(await tx.recordings.change(recording, changed)))
      throw new VaultError('conflict', 'a concurrent update changed this recording first');
    const object = { id: deposit.id, recording: recording.id, object: deposit.object };
    const made = event(deposit.tenant, by, 'deposit.available', object, request);
    return { result: undefined, events: [made, ...replaced] };
  }, request);
  return receipts[0];
}

/**
 * This deposit and the AVAILABLE one of the same object, locked in the order of their ids. Without that one, this one is
 * not locked: it changes only from the version that was read.
 */
async function lockWithPredecessor(tx: Transaction, { tenant, id, recording, object }: Deposit) {
  // The recording is locked: no other deposit becomes AVAILABLE concurrently.
  const { underway, available } = await tx.deposits.ofObject(tenant, recording, object);
  if (available === null) return { row: underway?.id === id ? underway : null, old: null };
  const locked = new Map<string, Deposit | null>();
  for (const each of [id, available.id].sort()) locked.set(each, await tx.deposits.lock(tenant, each));
  return { row: locked.get(id) ?? null, old: locked.get(available.id) ?? null };
}

/**
 * Supersedes the deposit that this one was re-encrypted from: its data key is deleted in the transaction that makes the
 * new deposit AVAILABLE.
 */
async function supersede(
  tx: Transaction,
  by: Actor,
  old: Deposit,
  { id: to, tenant, recording, object }: Deposit,
  request: RequestContext,
): Promise<NewEvent[]> {
  const { made } = await abortInTransaction(tx, by, old, 'reencrypted', request);
  const subject = { id: recording, object, from: old.id, to };
  return [event(tenant, by, 'recording.reencrypted', subject, request), made];
}

function pick(from: Readonly<Record<string, unknown>>, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
}
