// Blob names and keys: a key is the place's prefix and the blob's name, joined by a slash.
import { VaultError } from '../../errors.ts';
import { isBlobName, isBlobNamePrefix } from '../../model/blob-name.ts';
import type { StoreLocation } from '../../model/tenant.ts';

/** The bucket and key of a blob. Throws `malformed` for what is no blob's name. */
export function s3KeyOf(place: StoreLocation, path: string): { readonly Bucket: string; readonly Key: string } {
  if (!isBlobName(path)) throw new VaultError('malformed', 'not a blob name');
  return { Bucket: place.bucket, Key: `${rootOf(place)}${path}` };
}

/** The bucket and what keys begin with. Throws `malformed` for what no blob's name begins with. */
export function s3PrefixOf(place: StoreLocation, prefix: string): { readonly Bucket: string; readonly Prefix: string } {
  if (!isBlobNamePrefix(prefix)) throw new VaultError('malformed', 'not the beginning of a blob name');
  return { Bucket: place.bucket, Prefix: `${rootOf(place)}${prefix}` };
}

/** The blob's name behind a key of the place, or null for what others keep there. */
export function blobPathOf(place: StoreLocation, key: string | undefined): string | null {
  const root = rootOf(place);
  if (key === undefined || !key.startsWith(root)) return null;
  const path = key.slice(root.length);
  return isBlobName(path) ? path : null;
}

function rootOf({ prefix }: StoreLocation): string {
  return prefix === '' ? '' : `${prefix}/`;
}
