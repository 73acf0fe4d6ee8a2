// The exposure of a key encryption key: every recording whose data key is, or was in the period, wrapped under it.
import { VaultError } from '../../errors.ts';
import { keyLeavingCollector, keyMovesCollector } from '../../model/exposed-key.ts';
import { type AffectedRecordings, addAffected, type ExposureWay, type Period } from '../../model/exposure.ts';
import type { ExposureRows } from '../../ports/rows/exposure-rows.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type LogCoverage, readLogPeriod } from './read-log.ts';

type Deps = Pick<Vault, 'db' | 'clock'>;

export type KeyExposure = {
  readonly affected: AffectedRecordings;
  /** Deposits whose data key is wrapped under it now, directly or by a tenant KEK. */
  readonly deposits: number;
  /** The number of these tenant KEKs. */
  readonly tenantKeks: number;
  /** When the tenant last moved from this key to another one, or null. */
  readonly left: string | null;
  /** Deposits that existed then and are under another key now: any of them may have been re-wrapped from this key. */
  readonly before: number;
  /** Data keys that were re-wrapped in the period. */
  readonly rewrapped: number;
  /**
   * Whether the tenant's metadata key is wrapped under it, which exposes all metadata and blind indexes of the tenant.
   */
  readonly metadataKey: boolean;
  /** The number of ingest keys that are wrapped under it: they open files that were sealed to them. */
  readonly ingestKeys: number;
};

const PAGE = 1000;
const PAGE_MS = 30_000;

/**
 * Reads rows and logs. Anyone with the key also needs a wrapped data key: from a row, an envelope, or a copy of either.
 */
export async function readKeyExposure(
  vault: Deps,
  tenant: string,
  key: string,
  period: Period,
  request: RequestContext,
): Promise<KeyExposure & { readonly log: LogCoverage }> {
  const { row, keks, ingest } = await vault.db.read(
    async (rows) => ({
      row: await rows.tenants.find(tenant),
      keks: await rows.wrappedKeys.tenantKeks(tenant),
      ingest: await rows.ingestKeys.all(tenant),
    }),
    request,
  );
  if (row === null) throw new VaultError('not_found', 'there is no such tenant');
  const leaving = keyLeavingCollector(tenant, key);
  await readLogPeriod(vault, DEPLOYMENT, { since: row.created, until: period.until }, leaving.add, request);
  const moves = keyMovesCollector(period);
  const log = await readLogPeriod(vault, tenant, period, moves.add, request);
  const [left, { rewrapped, gone }] = [leaving.result(), moves.result()];

  const affected = new Map<string, Set<ExposureWay>>();
  const under = keks.filter(({ keyId }) => keyId === key).map(({ id }) => id);
  const page: Page = (rows, after) => rows.wrappedUnder(tenant, [key, ...under], period.until, after, PAGE);
  const deposits = await collect(vault, affected, 'key', page, request);
  let before = 0;
  if (left !== null && rewrapped > 0) {
    const others: Page = (rows, after) => rows.wrappedElsewhere(tenant, [key, ...under], left, after, PAGE);
    before = await collect(vault, affected, 'key-before', others, request);
  }
  if (left !== null || row.key?.id === key)
    for (const recording of gone) addAffected(affected, recording, 'key-before');
  const metadataKey = row.metadataKey?.id === key;
  const ingestKeys = ingest.filter(({ keyId }) => keyId === key).length;
  return { affected, deposits, tenantKeks: under.length, left, before, rewrapped, metadataKey, ingestKeys, log };
}

type Page = (rows: ExposureRows, after: string) => ReturnType<ExposureRows['wrappedUnder']>;

async function collect(
  vault: Deps,
  affected: Map<string, Set<ExposureWay>>,
  way: ExposureWay,
  page: Page,
  request: RequestContext,
): Promise<number> {
  let [count, after] = [0, ''];
  for (;;) {
    const from = after;
    const signal = AbortSignal.any([request.signal, vault.clock.deadline(PAGE_MS)]);
    const rows = await vault.db.read((read) => page(read.exposure, from), { ...request, signal });
    for (const { deposit, recording } of rows) {
      addAffected(affected, recording, way);
      count++;
      after = deposit;
    }
    if (rows.length < PAGE) return count;
  }
}
