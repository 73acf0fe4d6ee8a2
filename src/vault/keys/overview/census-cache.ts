// A cache of censuses: console pages ask every second, the database counts less often.
import type { Tenant } from '../../../model/tenant.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { type Backlog, backlogOf, type Census, isBacklogEmpty, readCensus } from '../census.ts';

/** A census, the backlog that follows from it, and when it was counted. */
export type CountedCensus = { readonly census: Census; readonly backlog: Backlog; readonly at: number };

/** While the backlog is empty, only deposits change the counts. */
const QUIET_MS = 30_000;
const BUSY_MS = 900;
/** A count that took a second is repeated after ten: pages use at most a tenth of the database's time. */
const SHARE = 10;

type Kept = { readonly counted: Promise<CountedCensus>; readonly row: string; until: number };

/** Counts a tenant’s keys, or returns the last count while it is young and the tenant’s row unchanged. */
export function censusCache(
  vault: Pick<Vault, 'db' | 'clock'>,
): (tenant: Tenant, request: RequestContext) => Promise<CountedCensus> {
  const kept = new Map<string, Kept>();
  return (tenant, request) => {
    const found = kept.get(tenant.tenant);
    const row = [tenant.version, tenant.wrap, tenant.minimumWrap, tenant.metadataKey?.wrap, tenant.blobWrap].join(' ');
    if (found?.row === row && vault.clock.now() < found.until) return found.counted;
    // Concurrent callers share one count.
    const one: Kept = { counted: countCensus(vault, tenant, request), row, until: Number.POSITIVE_INFINITY };
    kept.set(tenant.tenant, one);
    const start = vault.clock.now();
    one.counted.then(
      ({ backlog: left }) => {
        const took = vault.clock.now() - start;
        one.until = vault.clock.now() + (isBacklogEmpty(left) ? QUIET_MS : Math.max(BUSY_MS, took * SHARE));
      },
      () => kept.delete(tenant.tenant),
    );
    return one.counted;
  };
}

async function countCensus(
  vault: Pick<Vault, 'db' | 'clock'>,
  { tenant }: Tenant,
  request: RequestContext,
): Promise<CountedCensus> {
  const found = await readCensus(vault, tenant, request);
  return { census: found, backlog: backlogOf(found), at: vault.clock.now() };
}
