// The sweep of a tenant's bucket: lists blobs that have no row and no usable envelope, and deletes them on request.
import type { Actor } from '../../model/audit-event.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { countKeyUse, serialized } from '../core/events/count-events.ts';
import { event, writeEvent } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { countWrappedKeys } from '../core/wrapped-keys/census-lines.ts';
import { findUnknownBlobs, type UnknownBlob } from '../verify/unknown-blobs.ts';
import { findErasedEntries } from './erased-entries.ts';
import { findLooseIngestKeys } from './ingest-keys.ts';
import { judgeEnvelope, type Verdict } from './judge.ts';

/**
 * The kinds of orphans. To delete: `blob_unknown` (no row, no envelope), `envelope_broken` (no row, does not open),
 * `blob_over` and `envelope_over` (their deposit was aborted or erased), `entry_over` (an amendment entry of an erased
 * recording), `ingest_key_over` (a retired ingest key) and `ingest_key_broken` (no ingest key of the tenant). To keep: `blob_named` (an envelope without a
 * row names it), `envelope_valid`, `envelope_doubtful` and `ingest_key_valid` (they may be all that is left of a database).
 */
export type OrphanKind =
  | 'blob_unknown'
  | 'blob_named'
  | 'blob_over'
  | 'envelope_broken'
  | 'envelope_valid'
  | 'envelope_doubtful'
  | 'envelope_over'
  | 'entry_over'
  | 'ingest_key_over'
  | 'ingest_key_broken'
  | 'ingest_key_valid';

export type Orphan = {
  readonly kind: OrphanKind;
  readonly path: string;
  readonly size: number;
  /** Null for an ingest key. */
  readonly recording: string | null;
  /** Null for an entry and an ingest key. */
  readonly deposit: string | null;
  /** Of an ingest key: its id. */
  readonly ingestKey?: string;
  /** Whether it may be deleted: its kind permits it, and its deposit's id, or the end of its hour, is an hour ago. */
  readonly goes: boolean;
};

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'metadataKeys'>;

const KINDS_TO_DELETE: ReadonlySet<OrphanKind> = new Set<OrphanKind>([
  ...(['blob_unknown', 'blob_over', 'envelope_broken', 'envelope_over', 'entry_over'] as const),
  ...(['ingest_key_over', 'ingest_key_broken'] as const),
]);
const YOUNG_MS = 3_600_000;

/** Finds orphans and changes nothing. Throws the errors of store and database. */
export async function* findOrphans(
  vault: Deps,
  by: Actor,
  tenant: Tenant,
  request: RequestContext,
): AsyncGenerator<Orphan, void, undefined> {
  const lines = await countWrappedKeys(vault, tenant.tenant, request);
  const keys = [...new Set([...lines.map(({ keyId }) => keyId), ...(tenant.key === null ? [] : [tenant.key.id])])];
  const counted = serialized(() => countKeyUse(vault, tenant.tenant, by, 'sweep', request));
  // A deposit's blobs are listed before its envelope, which is judged once.
  const judged = new Map<string, Verdict>();
  for await (const one of findUnknownBlobs(vault, locationOf(tenant), tenant.tenant, request)) {
    let verdict = judged.get(one.deposit) ?? 'missing';
    if (!one.over && one.envelope && !judged.has(one.deposit)) {
      const id = { tenant: tenant.tenant, recording: one.recording, deposit: one.deposit };
      verdict = await judgeEnvelope(vault, tenant, id, keys, counted, request);
      judged.set(one.deposit, verdict);
    }
    const { path, size, recording, deposit, made } = one;
    yield orphan(vault, { kind: kindOf(one, verdict), path, size, recording, deposit }, made);
  }
  for await (const { made, ...entry } of findErasedEntries(vault, tenant, request)) {
    yield orphan(vault, { kind: 'entry_over', deposit: null, ...entry }, made);
  }
  for (const { made, id, ...key } of await findLooseIngestKeys(vault, tenant, request)) {
    yield orphan(vault, { ...key, recording: null, deposit: null, ingestKey: id }, made);
  }
}

function orphan({ clock }: Pick<Vault, 'clock'>, found: Omit<Orphan, 'goes'>, made: number): Orphan {
  return { ...found, goes: KINDS_TO_DELETE.has(found.kind) && clock.now() - made > YOUNG_MS };
}

function kindOf({ kind, over }: UnknownBlob, verdict: Verdict): OrphanKind {
  if (over) return kind === 'object' ? 'blob_over' : 'envelope_over';
  const keeps = verdict === 'valid' || verdict === 'doubtful';
  if (kind === 'object') return keeps ? 'blob_named' : 'blob_unknown';
  return keeps ? `envelope_${verdict}` : 'envelope_broken';
}

/**
 * Deletes orphans that may be deleted, envelopes first, after an event in the log; keeps one whose deposit has a row by
 * now. Returns how many it deleted. Throws the errors of store and database.
 */
export async function deleteOrphans(
  vault: Pick<Vault, 'db' | 'store'>,
  by: Actor,
  tenant: Tenant,
  orphans: readonly Orphan[],
  request: RequestContext,
): Promise<number> {
  const going = orphans
    .filter(({ goes }) => goes)
    .sort((one, other) => Number(isBlob(one)) - Number(isBlob(other)) || (one.path < other.path ? -1 : 1));
  if (going.length === 0) return 0;
  const blobs = going.filter(isBlob).length;
  const entries = going.filter(({ kind }) => kind === 'entry_over').length;
  const bytes = going.reduce((sum, { size }) => sum + size, 0);
  const counts = { blobs, envelopes: going.length - blobs - entries, bytes };
  const object = { id: tenant.tenant, ...counts, ...(entries === 0 ? {} : { entries }) };
  await writeEvent(vault, event(tenant.tenant, by, 'vault.swept', object, request), request);
  let gone = 0;
  for (const { path, deposit, recording, ingestKey } of going) {
    request.signal.throwIfAborted();
    // An erased recording stays erased.
    const row = deposit === null ? null : await findDeposit(vault, tenant, deposit, request);
    if (row !== null && row.recording === recording && row.state !== 'ABORTED') continue;
    if (ingestKey !== undefined && (await hasIngestKey(vault, tenant, ingestKey, request))) continue;
    await vault.store.delete(locationOf(tenant), path, request);
    gone += 1;
  }
  return gone;
}

function findDeposit(
  vault: Pick<Vault, 'db'>,
  { tenant }: Tenant,
  deposit: string,
  request: RequestContext,
): Promise<Deposit | null> {
  return vault.db.read((rows) => rows.deposits.find(tenant, deposit), request);
}

async function hasIngestKey(
  vault: Pick<Vault, 'db'>,
  { tenant }: Tenant,
  id: string,
  request: RequestContext,
): Promise<boolean> {
  return (await vault.db.read((rows) => rows.ingestKeys.find(tenant, id), request)) !== null;
}

function isBlob({ kind }: Orphan): boolean {
  return kind.startsWith('blob_') || kind.startsWith('ingest_key_');
}
