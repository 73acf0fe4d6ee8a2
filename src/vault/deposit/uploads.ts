// Uploads in parts, of ciphertext: begun, stored part by part, completed or aborted; and read back before the 201.

import { objectKey, objectPath, type StoredObject } from '../../envelope/object.ts';
import { openReader } from '../../envelope/range.ts';
import type { SealedPart } from '../../envelope/seal.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { CHUNK } from '../../envelope/sizes.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, PartRow } from '../../model/recording.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { Wait } from '../../ports/object-store.ts';
import { readWholeObject } from '../core/objects/read-whole.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'settings'>;

/** The store location and path of a deposit's object. */
export type UploadTarget = { readonly deposit: Deposit; readonly place: StoreLocation; readonly path: string };

/** Begins an upload in parts and stores its id in the row. Throws `conflict` where the lease is lost. */
export async function beginUpload(vault: Deps, target: UploadTarget, wait: Wait): Promise<string> {
  const { deposit, place, path } = target;
  const uploadId = await vault.store.beginUpload(place, path, deposit.op, wait);
  const mine = await vault.db.note(
    (notes) => notes.deposits.setUpload(deposit, vault.settings.instance, uploadId),
    wait,
  );
  if (mine) return uploadId;
  await vault.store.abortUpload(place, { path, uploadId }, wait);
  throw new VaultError('conflict', 'the lease on the deposit was lost');
}

/** Stores one sealed part and then its row; a part without its row does not count. */
export async function commitPart(
  vault: Deps,
  target: UploadTarget,
  uploadId: string,
  part: SealedPart,
  wait: Wait,
): Promise<PartRow> {
  const { deposit, place, path } = target;
  const receipt = await vault.store.putPart(place, { path, uploadId }, part.number, part.sealed, wait);
  const { tenant, id } = deposit;
  const row = { tenant, deposit: id, number: part.number, size: part.size, receipt, header: part.header };
  if (!(await vault.db.note((notes) => notes.deposits.putPart(deposit, vault.settings.instance, row), wait))) {
    throw new VaultError('conflict', 'the lease on the deposit was lost');
  }
  return row;
}

/** Combines the stored parts into the blob; does nothing for a deposit with only one part. */
export async function completeUpload(vault: Deps, target: UploadTarget, wait: Wait): Promise<void> {
  const { deposit, place, path } = target;
  const { uploadId } = deposit;
  if (uploadId === null) return;
  const parts = await vault.db.read((rows) => rows.deposits.parts(deposit.tenant, deposit.id), wait);
  const receipts = parts.map(({ receipt }) => receipt);
  await vault.store.completeUpload(place, { path, uploadId }, receipts, deposit.op, wait);
}

/**
 * Up to this size everything is opened and compared; above it the first and the last chunk, and `verified_at` stays
 * null.
 */
const WHOLE = 256 * 1024 * 1024;

/**
 * Opens the stored object and compares its digest, where one is given. Returns whether all of it was read. Throws
 * `integrity` where the store returned something else, `blob_missing` where it returned nothing.
 */
export async function readBack(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  object: StoredObject,
  dataKey: SecretKey,
  sha256: Uint8Array | null,
  wait: Wait,
): Promise<boolean> {
  if (object.size <= WHOLE) {
    for await (const run of readWholeObject(vault, place, object, dataKey, sha256, wait)) {
      for (const chunk of run) chunk.fill(0);
    }
    return true;
  }
  const path = objectPath(object);
  const key = objectKey(dataKey, object.name);
  try {
    const reader = openReader(object, key, (start, end) => vault.store.read(place, path, start, end, wait));
    for await (const _run of reader.range(0, CHUNK)) wait.signal.throwIfAborted();
    return false;
  } finally {
    key.zero();
  }
}
