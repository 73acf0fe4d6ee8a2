// Amendment entries that an erasure left in the store: they came later than its last pass, or from another copy of it.
import { type EntryName, entryPrefix, parseEntryPath } from '../../envelope/amendments/entry-name.ts';
import { isErased } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** An entry's blob, and the time at which the hour in its name has ended. */
export type ErasedEntry = {
  readonly path: string;
  readonly size: number;
  readonly recording: string;
  readonly made: number;
};

type Named = EntryName & { readonly size: number };

const BATCH = 200;
const HOUR_MS = 3_600_000;

/** Entries of recordings whose row says ERASED. An entry without a row may be all that is left of a change. */
export async function* findErasedEntries(
  vault: Pick<Vault, 'db' | 'store'>,
  tenant: Tenant,
  request: RequestContext,
): AsyncGenerator<ErasedEntry, void, undefined> {
  let batch: Named[] = [];
  for await (const { path, size } of vault.store.list(locationOf(tenant), entryPrefix(tenant.tenant, null), request)) {
    const name = parseEntryPath(path);
    if (name?.subject.startsWith('rec_') !== true) continue;
    batch.push({ ...name, size });
    if (batch.length < BATCH) continue;
    yield* erasedOf(vault, tenant, batch, request);
    batch = [];
  }
  yield* erasedOf(vault, tenant, batch, request);
}

async function* erasedOf(
  vault: Pick<Vault, 'db'>,
  { tenant }: Tenant,
  batch: readonly Named[],
  request: RequestContext,
): AsyncGenerator<ErasedEntry, void, undefined> {
  const erased = await vault.db.read(async (rows) => {
    const found = new Set<string>();
    for (const id of new Set(batch.map(({ subject }) => subject))) {
      const row = await rows.recordings.find(tenant, id);
      if (row !== null && isErased(row)) found.add(id);
    }
    return found;
  }, request);
  for (const { path, size, subject, hour } of batch) {
    if (erased.has(subject)) yield { path, size, recording: subject, made: endOf(hour) };
  }
}

/** The end of an hour `yyyymmddhh`, in milliseconds since 1970. */
function endOf(hour: string): number {
  const [year, month, day, h] = [hour.slice(0, 4), hour.slice(4, 6), hour.slice(6, 8), hour.slice(8)].map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, h) + HOUR_MS;
}
