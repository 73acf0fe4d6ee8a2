// Re-wrapping ingest keys in this process: unwrapped and wrapped again, the rows first, then their blobs.
import { equalBytes } from '../../../bytes/digest.ts';
import { MAX_ENVELOPE } from '../../../envelope/envelope.ts';
import {
  encodeIngestKey,
  ingestKeyPath,
  isIngestKeyAuthentic,
  parseIngestKey,
} from '../../../envelope/ingest-key-blob.ts';
import { hasCode } from '../../../errors.ts';
import { type IngestKeyRow, isIngestKeyBehind } from '../../../model/ingest-key.ts';
import { keyOf, locationOf, type Tenant } from '../../../model/tenant.ts';
import { event } from '../../core/events/events.ts';
import { unwrapIngestKey } from '../../core/keys-in-memory/ingest-keys.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { isSameKey, serviceKeyOf } from '../../core/wrapped-keys/wrapped-keys.ts';
import type { RewrapContext } from './batch.ts';
import type { EnvelopeOutcome } from './envelopes.ts';
import { withRetry } from './with-retry.ts';
import { wrapSecret } from './wrap-secret.ts';
import { writeBlob } from './write-blob.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock'>;

/** The ids of the ingest keys that a run re-wrapped (`opened`), and of those that the key service denied or that do not open to their public key. */
export type IngestRewrap = {
  readonly opened: ReadonlySet<string>;
  readonly refused: readonly string[];
};

/**
 * Brings the ingest keys of a tenant to its generation. Like the metadata key they are not re-encrypted inside the key
 * service: a role that may do that could bring a data key to their use. Throws the errors of key service and database.
 */
export async function rewrapIngestKeys(
  vault: Deps,
  running: RewrapContext,
  request: RequestContext,
): Promise<IngestRewrap> {
  const { tenant } = running;
  const rows = await vault.db.read(({ ingestKeys }) => ingestKeys.all(tenant.tenant), request);
  const refused: string[] = [];
  const opened = new Set<string>();
  for (const row of rows.filter((one) => isIngestKeyBehind(tenant, one))) {
    try {
      if (await rewrapOne(vault, running, row, request)) opened.add(row.id);
    } catch (error) {
      if (!hasCode(error, 'key_refused', 'integrity')) throw error;
      refused.push(row.id);
    }
  }
  return { opened, refused };
}

async function rewrapOne(
  vault: Deps,
  { tenant, by, run, limiter: pace }: RewrapContext,
  row: IngestKeyRow,
  request: RequestContext,
): Promise<boolean> {
  const made = await withRetry(vault.clock, pace, request, async () => {
    const seed = await unwrapIngestKey(vault.keys, tenant, row, request);
    return wrapSecret(vault, tenant, 'ingest', seed, request);
  });
  const to = { scheme: keyOf(tenant).scheme, keyId: made.id, wrap: tenant.wrap, wrapped: made.wrapped };
  const { result } = await vault.db.change(async (tx) => {
    if (!(await tx.ingestKeys.rewrap(row, to))) return { result: false, unchanged: true };
    const what = { use: 'ingest', run, count: 1, from: row.wrap, wrap: tenant.wrap, how: 'lent' } as const;
    const object = { id: tenant.tenant, ...what };
    return { result: true, events: [event(tenant.tenant, by, 'key.rewrapped', object, request)] };
  }, request);
  return result;
}

/**
 * Writes each row's key into the blob of its ingest key where that has another one, and records that. A missing or foreign
 * blob is written new: without it, losing the database would also lose files that were sealed to the key. A row that
 * callvault did not write, or that does not open, replaces no blob (`damaged`). `opened`: rows that this run has opened.
 * Returns the outcome of each key. Throws the errors of store, key service and database.
 */
export async function rewriteIngestBlobs(
  vault: Deps & Pick<Vault, 'metadataKeys'>,
  { tenant }: Pick<RewrapContext, 'tenant'>,
  opened: ReadonlySet<string>,
  request: RequestContext,
): Promise<ReadonlyMap<string, EnvelopeOutcome>> {
  const rows = await vault.db.read(({ ingestKeys }) => ingestKeys.all(tenant.tenant), request);
  const outcomes = new Map<string, EnvelopeOutcome>();
  for (const row of rows) {
    const outcome = await rewriteBlob(vault, tenant, { row, isOpened: opened.has(row.id) }, request);
    outcomes.set(row.id, outcome);
    if (outcome === 'written' || outcome === 'current')
      await vault.db.note((notes) => notes.ingestKeys.blobWritten(row.tenant, row.id, row.wrap), request);
  }
  return outcomes;
}

async function rewriteBlob(
  vault: Deps & Pick<Vault, 'metadataKeys'>,
  tenant: Tenant,
  { row, isOpened }: { readonly row: IngestKeyRow; readonly isOpened: boolean },
  request: RequestContext,
): Promise<EnvelopeOutcome> {
  const path = ingestKeyPath(row.tenant, row.id);
  const found = await vault.store.get(locationOf(tenant), path, MAX_ENVELOPE, request);
  const state = found === null ? 'missing' : blobState(found.bytes, row);
  if (state === 'current') return 'current';
  if (state === 'unknown') return 'damaged';
  if (state === 'ahead') return 'contended';
  // The blob may be all that is left of the key: a row that someone changed must not replace it.
  if (!(await isAuthentic(vault, tenant, row, request))) return 'damaged';
  if (!isOpened && !(await opens(vault, tenant, row, request))) return 'damaged';
  const bytes = encodeIngestKey({ ...row, key: serviceKeyOf(row) });
  return writeBlob(vault, tenant, { path, bytes, tag: found?.tag ?? null }, request);
}

/** Whether the row carries the tenant's MAC. Not where the key service denies the metadata key, as of a changed row of the tenant. */
async function isAuthentic(
  vault: Pick<Vault, 'metadataKeys'>,
  tenant: Tenant,
  row: IngestKeyRow,
  request: RequestContext,
): Promise<boolean> {
  try {
    return isIngestKeyAuthentic(row, await vault.metadataKeys.get(tenant, request));
  } catch (error) {
    if (hasCode(error, 'key_refused')) return false;
    throw error;
  }
}

async function opens(
  vault: Pick<Vault, 'keys'>,
  tenant: Tenant,
  row: IngestKeyRow,
  request: RequestContext,
): Promise<boolean> {
  try {
    (await unwrapIngestKey(vault.keys, tenant, row, request)).zero();
    return true;
  } catch (error) {
    if (hasCode(error, 'key_refused', 'integrity')) return false;
    throw error;
  }
}

/**
 * `behind`: an older generation, another key, or no blob of this key. `unknown`: a later format, which this version must
 * not overwrite. `ahead`: a later generation than the row's, which is another runner's or never existed.
 */
function blobState(bytes: Uint8Array, row: IngestKeyRow): 'current' | 'behind' | 'ahead' | 'unknown' {
  try {
    const blob = parseIngestKey(bytes);
    const isOfRow = blob.tenant === row.tenant && blob.id === row.id && equalBytes(blob.mac, row.mac);
    if (!isOfRow) return 'behind';
    if (blob.key.wrap > row.wrap) return 'ahead';
    return isSameKey(blob.key, serviceKeyOf(row)) ? 'current' : 'behind';
  } catch (error) {
    if (hasCode(error, 'malformed')) return 'behind';
    if (hasCode(error, 'format_unknown')) return 'unknown';
    throw error;
  }
}
