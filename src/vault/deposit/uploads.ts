// Uploads in parts, of ciphertext: begun, stored part by part, completed or aborted.
import type { SealedPart } from '../../envelope/seal.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, PartRow } from '../../model/recording.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { Wait } from '../../ports/object-store.ts';
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
