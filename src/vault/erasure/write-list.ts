// Writing the tombstone list of a batch of erasures: the store's record of them, for restored and rebuilt databases.
import { toBase64 } from '../../bytes/base64.ts';
import { newOperationNonce } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import {
  encodeTombstoneList,
  parseTombstoneListPath,
  type TombstoneList,
  tombstoneListPath,
} from '../../envelope/tombstone-list.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Erasure } from '../../model/erasure.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readTombstone } from '../core/tombstones/tombstones.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'metadataKeys'>;

/** A list that is in the store, and its recordings. */
export type WrittenList = { readonly path: string; readonly recordings: readonly string[] };

/**
 * Ensures that the store has the list of all erasures that the same event began. Its bytes follow from the rows alone,
 * so a repetition and a concurrent process write the same. The caller records that it is there. Throws `integrity` where
 * another blob has its name.
 */
export async function writeList(
  vault: Deps,
  tenant: Tenant,
  { seq }: Pick<Erasure, 'seq'>,
  request: RequestContext,
): Promise<WrittenList> {
  const { path, list } = await vault.db.read((rows) => contentOf(rows, tenant.tenant, seq), request);
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const recordings = list.erased.map(({ recording }) => recording);
  try {
    // A separate nonce: processes that write the same list at once must not share one.
    await vault.store.put(
      locationOf(tenant),
      path,
      encodeTombstoneList(list, metadataKey),
      newOperationNonce(),
      request,
    );
  } catch (error) {
    if (!hasCode(error, 'blob_exists')) throw error;
    if (!(await hasAll(vault, tenant, { path, recordings }, metadataKey, request))) {
      throw new VaultError('integrity', 'another blob has the name of this tombstone list', { cause: error });
    }
  }
  return { path, recordings };
}

async function contentOf(
  { log, erasures, recordings }: Rows,
  tenant: string,
  seq: number,
): Promise<{ readonly path: string; readonly list: TombstoneList }> {
  const [began] = await log.events(tenant, seq, 1);
  const batch = await erasures.begunBy(tenant, seq);
  const [first] = batch;
  if (began === undefined || first === undefined) throw new VaultError('internal', 'an erasure without its event');
  const { id: event } = JSON.parse(Buffer.from(began.leaf).toString()) as { readonly id: string };
  const rows = await recordings.findMany(
    tenant,
    batch.map(({ recording }) => recording),
  );
  const naturals = new Map(rows.map(({ id, natural }) => [id, natural]));
  const erased = batch.map(({ recording }) => ({ recording, natural: naturals.get(recording) ?? null }));
  // An erasure that an earlier version began, or that was replayed, names another blob.
  const named = parseTombstoneListPath(tenant, first.tombstone)?.event === event;
  const path = named ? first.tombstone : tombstoneListPath(tenant, event, first.begun);
  return { path, list: { tenant, event, leaf: toBase64(began.hash), erased } };
}

async function hasAll(
  vault: Deps,
  tenant: Tenant,
  { path, recordings }: WrittenList,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<boolean> {
  const existing = await readTombstone(vault, tenant, { path, recording: null }, metadataKey, request);
  if (existing === null || existing === 'damaged') return false;
  const ids = new Set(existing.erased.map(({ recording }) => recording));
  return recordings.every((recording) => ids.has(recording));
}
