// The tenant's erased recordings, from tombstones and lists that verify under its metadata key.
import { tombstonePrefix } from '../../envelope/tenant-blob.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { inParallel } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import { parseTombstoneName, readTombstone, type TombstoneName } from '../core/tombstones/tombstones.ts';
import type { Vault } from '../core/vault.ts';

/** An erased recording: the natural key of its call, null where only a tombstone of one recording has it. */
export type ErasedCall = { readonly natural: Uint8Array | null; readonly path: string; readonly event: string };

/**
 * Erased recordings by id, and the paths of tombstones and lists that do not verify: the latter are reported and erase
 * nothing.
 */
export type TombstoneScan = {
  readonly erased: ReadonlyMap<string, ErasedCall>;
  readonly damaged: readonly string[];
};

const BATCH = 200;
const AT_ONCE = 8;

/** Reads all tombstones and lists of the tenant. Throws the errors of store and key service. */
export async function readTombstones(
  vault: Pick<Vault, 'store' | 'metadataKeys'>,
  tenant: Tenant,
  request: RequestContext,
): Promise<TombstoneScan> {
  const erased = new Map<string, ErasedCall>();
  const damaged: string[] = [];
  const read = async (name: TombstoneName): Promise<void> => {
    const record = await readTombstone(vault, tenant, name, await vault.metadataKeys.get(tenant, request), request);
    if (record === 'damaged') damaged.push(name.path);
    else if (record !== null) {
      const { path, event } = record;
      for (const { recording, natural } of record.erased) {
        // A recording can have a tombstone and a list: the natural key counts, wherever it is.
        if (natural !== null || !erased.has(recording)) erased.set(recording, { natural, path, event });
      }
    }
  };
  let batch: TombstoneName[] = [];
  for await (const { path } of vault.store.list(locationOf(tenant), tombstonePrefix(tenant.tenant, null), request)) {
    const name = parseTombstoneName(tenant.tenant, path);
    if (name === null) damaged.push(path);
    else batch.push(name);
    if (batch.length < BATCH) continue;
    await inParallel(batch, AT_ONCE, read);
    batch = [];
  }
  await inParallel(batch, AT_ONCE, read);
  return { erased, damaged: damaged.sort() };
}
