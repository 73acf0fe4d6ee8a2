// Exposure of a key encryption key: every recording whose data key is wrapped under it.
import { type Affected, affect, type Period, type Way } from '../../model/exposure.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { type PartRead, readLog } from './read-log.ts';

export type KeyExposure = {
  readonly affected: Affected;
  /** Deposits whose data key is wrapped under it now. */
  readonly deposits: number;
  /** The tenant's metadata key is wrapped under it: with it all metadata and all blind indexes of the tenant. */
  readonly metadataKey: boolean;
};

const PAGE = 1000;
const PAGE_MS = 30_000;

/** Reads the rows. Whoever has the key needs a wrapped data key too: of a row, of an envelope, or of a copy of either. */
export async function readKey(
  vault: Pick<Vault, 'db' | 'clock'>,
  tenant: string,
  key: string,
  period: Period,
  request: Request,
): Promise<KeyExposure & { readonly log: PartRead }> {
  const affected = new Map<string, Set<Way>>();
  const log = await readLog(vault, tenant, period, () => undefined, request);
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), request);
  let [deposits, after] = [0, ''];
  for (;;) {
    const start = after;
    const page = await vault.db.read((rows) => rows.exposure.wrappedUnder(tenant, key, start, PAGE), {
      ...request,
      signal: AbortSignal.any([request.signal, vault.clock.deadline(PAGE_MS)]),
    });
    for (const { deposit, recording } of page) {
      affect(affected, recording, 'key');
      deposits++;
      after = deposit;
    }
    if (page.length < PAGE) break;
  }
  return { affected, deposits, metadataKey: row?.metadataKeyId === key, log };
}
