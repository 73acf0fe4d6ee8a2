// Re-wrapping a tenant: brings every wrapped key to its current key and generation without touching audio.
import { newRequestId } from '../../../bytes/ids.ts';
import type { Actor } from '../../../model/audit-event.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { DepositKey } from '../../../ports/rows/wrapped-key-rows.ts';
import { inParallel } from '../../core/concurrency.ts';
import { rateLimiter } from '../../core/rate-limiter.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { type Backlog, backlogOf, type Census, isBacklogEmpty, readCensus } from '../census.ts';
import { tenantWithKey } from '../rotation.ts';
import { BATCH, type RewrapContext, rewrapBatch, rewriteEnvelopes } from './batch.ts';
import type { EnvelopeOutcome } from './envelopes.ts';
import { type IngestRewrap, rewrapIngestKeys, rewriteIngestBlobs } from './ingest-keys.ts';
import { beginKeyScan, type KeyScan } from './key-scan.ts';
import { rewrapMetadataKey, rewriteTenantBlob } from './metadata-key.ts';
import { readSample, type SampleResult } from './sample.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'tenantKeks' | 'metadataKeys' | 'clock'>;

export type RewrapOptions = {
  /** The maximum rate of calls to the key service, per second; Infinity for a keyring. */
  readonly rate: number;
  /** The number of concurrent calls. */
  readonly concurrency: number;
  /** The number of deposits read back at the end. */
  readonly sample: number;
};

/** Called after each batch: how many keys or envelopes it re-wrapped, and the current rate. */
export type RewrapListener = (batch: {
  readonly step: 'keys' | 'envelopes';
  readonly done: number;
  readonly others: number;
  readonly rate: number;
}) => void;

/** The result of one run. */
export type RewrapResult = {
  readonly run: string;
  readonly tenant: Tenant;
  readonly started: string;
  readonly ended: string;
  readonly before: Census;
  readonly after: Census;
  /** Data keys that this run re-wrapped; and those that a concurrent run re-wrapped, or that were deleted. */
  readonly keys: number;
  readonly others: number;
  /** Deposits whose keys the key service denied. */
  readonly refused: readonly string[];
  /** Whether data keys were in this process's memory, as between two key services. */
  readonly lent: boolean;
  readonly metadataKey: boolean;
  readonly tenantBlob: EnvelopeOutcome;
  readonly ingestKeys: IngestRewrap;
  /** Ingest keys whose blobs were not written: their rows are not authentic or do not open, or a later version wrote them. */
  readonly damagedIngestKeys: readonly string[];
  readonly envelopes: Readonly<Record<EnvelopeOutcome, number>>;
  /** Deposits whose envelope is missing or damaged. */
  readonly withoutEnvelope: readonly string[];
  readonly sample: SampleResult;
  readonly backlog: Backlog;
  /** Whether nothing is left below the generation, and each blob could be written. */
  readonly complete: boolean;
};

const BATCHES_AT_ONCE = 3;

/**
 * Brings everything below the tenant's generation to it. It can be stopped, repeated and run concurrently: the rows
 * alone show what is left to do. Throws the errors of key service, store and database where they stay unavailable.
 */
export async function rewrapTenant(
  vault: Deps,
  by: Actor,
  id: string,
  options: RewrapOptions,
  onProgress: RewrapListener,
  request: RequestContext,
): Promise<RewrapResult> {
  const started = new Date(vault.clock.now()).toISOString();
  const tenant = await tenantWithKey(vault, id, request);
  const before = await readCensus(vault, id, request);
  const pace = rateLimiter(vault.clock, vault.keys.provider.calls === null ? Number.POSITIVE_INFINITY : options.rate);
  const concurrency = Math.max(1, Math.ceil(options.concurrency / BATCHES_AT_ONCE));
  const running: RewrapContext = { by, run: newRequestId(), tenant, limiter: pace, concurrency };
  const tally = newTally();

  const metadataKey = await rewrapMetadataKey(vault, running, request);
  const tenantBlob = await rewriteTenantBlob(vault, running, request);
  const ingestKeys = await rewrapIngestKeys(vault, running, request);
  const ingestBlobs = await rewriteIngestBlobs(vault, running, ingestKeys.opened, request);
  const damagedIngestKeys = [...ingestBlobs].flatMap(([key, outcome]) => (outcome === 'damaged' ? [key] : []));
  // Deposits become AVAILABLE behind a round, so rounds repeat until one finds nothing.
  while ((await scanKeys(vault, running, tally, onProgress, request)) > 0);
  while ((await scanEnvelopes(vault, tenant, tally, onProgress, request)) > 0);

  const sample = await readSample(vault, running, options.sample, request);
  const after = await readCensus(vault, id, request);
  // Another rotation may have raised the generation: this run counts for the one it began with.
  const backlog = backlogOf({ ...after, tenant: { ...after.tenant, wrap: tenant.wrap } });
  const nothingLeft = isBacklogEmpty(backlog) && backlog.underway === 0;
  const isWhole =
    tenantBlob !== 'damaged' && [...ingestBlobs.values()].every((outcome) => ['written', 'current'].includes(outcome));
  return {
    run: running.run,
    tenant,
    started,
    ended: new Date(vault.clock.now()).toISOString(),
    before,
    after,
    keys: tally.keys,
    others: tally.others,
    refused: [...tally.refused].sort(),
    lent: tally.lent,
    metadataKey,
    tenantBlob,
    ingestKeys,
    damagedIngestKeys,
    envelopes: tally.envelopes,
    withoutEnvelope: [...tally.without].sort(),
    sample,
    backlog,
    complete: nothingLeft && isWhole && sample.failed.length === 0,
  };
}

type Tally = {
  keys: number;
  others: number;
  lent: boolean;
  readonly refused: Set<string>;
  readonly without: Set<string>;
  readonly envelopes: Record<EnvelopeOutcome, number>;
};

function newTally(): Tally {
  const envelopes = { written: 0, current: 0, missing: 0, damaged: 0, contended: 0 };
  return { keys: 0, others: 0, lent: false, refused: new Set(), without: new Set(), envelopes };
}

/** One round over the keys below the generation. Returns how many it re-wrapped. */
async function scanKeys(
  vault: Deps,
  running: RewrapContext,
  tally: Tally,
  onProgress: RewrapListener,
  request: RequestContext,
): Promise<number> {
  const { tenant, wrap } = running.tenant;
  const round = await beginKeyScan(
    vault,
    running.tenant,
    BATCH,
    ({ wrappedKeys }, after, limit) => wrappedKeys.below(tenant, wrap, after, limit),
    request,
  );
  const before = tally.keys;
  await forEachBatch(round, async (found) => {
    const keys = found.filter(({ deposit }) => !tally.refused.has(deposit));
    const batch = await rewrapBatch(vault, running, keys, request);
    tally.keys += batch.done.length;
    tally.others += batch.others;
    tally.lent ||= batch.lent;
    for (const id of batch.refused) tally.refused.add(id);
    onProgress({ step: 'keys', done: batch.done.length, others: batch.others, rate: running.limiter.rate() });
    if (batch.others * 2 > keys.length) round.jump();
  });
  return tally.keys - before;
}

/** One round over the envelopes behind their rows. Returns how many it wrote. */
async function scanEnvelopes(
  vault: Deps,
  tenant: Tenant,
  tally: Tally,
  onProgress: RewrapListener,
  request: RequestContext,
): Promise<number> {
  const round = await beginKeyScan(
    vault,
    tenant,
    BATCH,
    ({ wrappedKeys }, after, limit) => wrappedKeys.envelopesBehind(tenant.tenant, after, limit),
    request,
  );
  const before = tally.envelopes.written;
  // After a jump a round meets these again.
  const contended = new Set<string>();
  await forEachBatch(round, async (found) => {
    const rows = found.filter(({ deposit }) => !tally.without.has(deposit) && !contended.has(deposit));
    if (rows.length === 0) return;
    const outcomes = [...(await rewriteEnvelopes(vault, tenant, rows, request))];
    for (const [deposit, outcome] of outcomes) {
      tally.envelopes[outcome]++;
      if (outcome === 'missing' || outcome === 'damaged') tally.without.add(deposit);
      if (outcome === 'contended') contended.add(deposit);
    }
    const written = outcomes.filter(([, outcome]) => outcome === 'written').length;
    const others = outcomes.filter(([, outcome]) => outcome === 'current' || outcome === 'contended').length;
    onProgress({ step: 'envelopes', done: written, others, rate: Number.POSITIVE_INFINITY });
    if (others * 2 > rows.length) round.jump();
  });
  return tally.envelopes.written - before;
}

/** Works on the batches of a round, several at once, until none is left. */
async function forEachBatch(round: KeyScan, work: (found: readonly DepositKey[]) => Promise<void>): Promise<void> {
  // After a jump a page may hold keys that another batch is working on.
  const underway = new Set<string>();
  const worker = async (): Promise<void> => {
    for (let found = await round.next(); found.length > 0; found = await round.next()) {
      const mine = found.filter(({ deposit }) => !underway.has(deposit));
      for (const { deposit } of mine) underway.add(deposit);
      if (mine.length > 0) await work(mine);
      for (const { deposit } of mine) underway.delete(deposit);
    }
  };
  await inParallel(Array.from({ length: BATCHES_AT_ONCE }), BATCHES_AT_ONCE, worker);
}
