// The census: a tenant's wrapped keys, counted from the rows by key and generation.
import { VaultError } from '../../errors.ts';
import { type IngestKeyRow, isIngestKeyBehind } from '../../model/ingest-key.ts';
import type { TenantKekRow } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { CensusLine } from '../../ports/rows/wrapped-key-rows.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { countWrappedKeys } from '../core/wrapped-keys/census-lines.ts';

/** A tenant's row, its data keys counted by key, generation and state of the deposit, its tenant KEKs and its ingest keys. */
export type Census = {
  readonly tenant: Tenant;
  readonly lines: readonly CensusLine[];
  readonly tenantKeks: readonly TenantKekRow[];
  readonly ingestKeys: readonly IngestKeyRow[];
};

/** What a backlog follows from. */
export type CensusCounts = Pick<Census, 'tenant' | 'lines' | 'ingestKeys'>;

/**
 * What a re-wrap must bring to the tenant's generation. Data keys of uploads in progress follow once they are
 * AVAILABLE.
 */
export type Backlog = {
  readonly dataKeys: number;
  readonly underway: number;
  readonly envelopes: number;
  readonly metadataKey: boolean;
  readonly tenantBlob: boolean;
  readonly ingestKeys: number;
  /** Blobs of ingest keys that have an older generation than their rows. */
  readonly ingestBlobs: number;
};

/** Counts one tenant's wrapped keys. Throws `not_found`. */
export async function readCensus(vault: Pick<Vault, 'db'>, id: string, request: RequestContext): Promise<Census> {
  const found = await vault.db.read(
    async (rows) => ({
      tenant: await rows.tenants.find(id),
      tenantKeks: await rows.wrappedKeys.tenantKeks(id),
      ingestKeys: await rows.ingestKeys.all(id),
    }),
    request,
  );
  if (found.tenant === null) throw new VaultError('not_found', 'there is no such tenant');
  return { ...found, tenant: found.tenant, lines: await countWrappedKeys(vault, id, request) };
}

/** Whether a re-wrap has nothing to do now; keys of uploads in progress follow. */
export function isBacklogEmpty(left: Backlog): boolean {
  const { dataKeys, envelopes, metadataKey, tenantBlob, ingestKeys, ingestBlobs } = left;
  return dataKeys + envelopes + ingestKeys + ingestBlobs === 0 && !metadataKey && !tenantBlob;
}

/** What is below the tenant's current generation. */
export function backlogOf({ tenant, lines, ingestKeys }: CensusCounts): Backlog {
  const sum = (of: readonly CensusLine[], what: 'keys' | 'envelopesBehind'): number =>
    of.reduce((all, line) => all + line[what], 0);
  const below = lines.filter(({ wrap }) => wrap < tenant.wrap);
  const isAvailable = ({ state }: CensusLine): boolean => state === 'AVAILABLE';
  return {
    dataKeys: sum(below.filter(isAvailable), 'keys'),
    underway: sum(
      below.filter((line) => !isAvailable(line)),
      'keys',
    ),
    envelopes: sum(lines.filter(isAvailable), 'envelopesBehind'),
    metadataKey: (tenant.metadataKey?.wrap ?? tenant.wrap) < tenant.wrap,
    tenantBlob: (tenant.blobWrap ?? tenant.wrap) < (tenant.metadataKey?.wrap ?? tenant.wrap),
    ingestKeys: ingestKeys.filter((one) => isIngestKeyBehind(tenant, one)).length,
    ingestBlobs: ingestKeys.filter(({ wrap, blobWrap }) => blobWrap < wrap).length,
  };
}
