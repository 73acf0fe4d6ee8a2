// Object keys: the location's prefix and the blob's name, joined by a slash.
import { VaultError } from '../../errors.ts';
import { isBlobName, isBlobNamePrefix } from '../../model/blob-name.ts';
import type { StoreLocation } from '../../model/tenant.ts';

/** The bucket and key of a blob. Throws `malformed` for an invalid blob name. */
export function s3KeyOf(location: StoreLocation, path: string): { readonly Bucket: string; readonly Key: string } {
  if (!isBlobName(path)) throw new VaultError('malformed', 'not a blob name');
  return { Bucket: location.bucket, Key: `${rootOf(location)}${path}` };
}

/** Bucket, key prefix, and the key that a list starts after. Throws `malformed` for an invalid prefix of blob names. */
export function s3PrefixOf(
  location: StoreLocation,
  prefix: string,
  after?: string,
): { readonly Bucket: string; readonly Prefix: string; readonly StartAfter?: string } {
  if (!isBlobNamePrefix(prefix) || (after !== undefined && !isBlobNamePrefix(after))) {
    throw new VaultError('malformed', 'not the beginning of a blob name');
  }
  const root = rootOf(location);
  const from = { Bucket: location.bucket, Prefix: `${root}${prefix}` };
  return after === undefined ? from : { ...from, StartAfter: `${root}${after}` };
}

/** The blob name of a key in the location; null for foreign objects. */
export function blobPathOf(location: StoreLocation, key: string | undefined): string | null {
  const root = rootOf(location);
  if (key === undefined || !key.startsWith(root)) return null;
  const path = key.slice(root.length);
  return isBlobName(path) ? path : null;
}

function rootOf({ prefix }: StoreLocation): string {
  return prefix === '' ? '' : `${prefix}/`;
}
