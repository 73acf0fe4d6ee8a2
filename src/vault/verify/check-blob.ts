// The check of a blob against its rows: whether it exists, its size and its sealing; and what it is instead.
import { headsOf, objectKey, objectPath, type StoredObject } from '../../envelope/object.ts';
import { isSealingOf } from '../../envelope/open.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { HEADER, SEALED_PART, sealedObjectSize } from '../../envelope/sizes.ts';
import { hasCode } from '../../errors.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import { readWholeObject } from '../core/objects/read-whole.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { BlobKind } from './finding.ts';

/** The deposit's data key, unwrapped on demand; null where the key service denies it. */
export type LendKey = () => Promise<SecretKey | null>;

/** A blob and the expected object: `digest` where one is known, `whole` to read all of it. */
export type BlobCheck = {
  readonly place: StoreLocation;
  readonly object: StoredObject;
  readonly digest: Uint8Array | null;
  readonly whole: boolean;
  readonly key: LendKey;
};

/** The fault of the blob, or null. Throws `store_unavailable` and the errors of lending the key. */
export async function checkBlob(
  vault: Pick<Vault, 'db' | 'store'>,
  check: BlobCheck,
  request: RequestContext,
): Promise<BlobKind | null> {
  const { place, object, whole } = check;
  try {
    const there = await vault.store.head(place, objectPath(object), request);
    if (there === null) return 'blob_missing';
    const [first] = await headersOf(vault, check, Math.min(there.size, HEADER), request);
    if (there.size !== sealedObjectSize(object.size) || first === undefined || !isKnown(object, first)) {
      return await nameDamage(vault, check, there.size, request);
    }
    const key = whole ? await check.key() : null;
    if (key === null || (await opensWhole(vault, check, key, request))) return null;
    return await nameDamage(vault, check, there.size, request);
  } catch (error) {
    if (hasCode(error, 'blob_missing')) return 'blob_missing';
    throw error;
  }
}

async function opensWhole(
  vault: Pick<Vault, 'store'>,
  { place, object, digest }: BlobCheck,
  key: SecretKey,
  request: RequestContext,
): Promise<boolean> {
  try {
    for await (const run of readWholeObject(vault, place, object, key, digest, request)) {
      for (const chunk of run) chunk.fill(0);
    }
    return true;
  } catch (error) {
    if (hasCode(error, 'integrity')) return false;
    throw error;
  }
}

/** Whether a first header is one that the deposit committed to. */
function isKnown({ headers, heads }: StoredObject, header: Buffer): boolean {
  return headers === null ? headsOf([header]).equals(heads) : header.equals(headers.subarray(0, HEADER));
}

async function nameDamage(
  vault: Pick<Vault, 'db' | 'store'>,
  check: BlobCheck,
  size: number,
  request: RequestContext,
): Promise<BlobKind> {
  const { object } = check;
  const headers = await headersOf(vault, check, size, request);
  const otherwise = size === sealedObjectSize(object.size) ? 'blob_damaged' : 'blob_size';
  const committed = headers.every((header, n) =>
    object.headers === null
      ? n > 0 || isKnown(object, header)
      : n * HEADER >= object.headers.length || header.equals(object.headers.subarray(n * HEADER, (n + 1) * HEADER)),
  );
  if (headers.length === 0 || committed) return otherwise;
  const heads = headsOf(headers);
  const other = await vault.db.read((rows) => rows.deposits.objectByHeads(object.tenant, heads), request);
  if (other !== null) return 'blob_swapped';
  const dataKey = await check.key();
  if (dataKey === null) return otherwise;
  const key = objectKey(dataKey, object.name);
  try {
    return headers.every((header, part) => isSealingOf(object, key, part, header)) ? 'blob_behind' : otherwise;
  } finally {
    key.zero();
  }
}

/** The headers of a blob of this size, one from the start of each part. */
async function headersOf(
  vault: Pick<Vault, 'store'>,
  { place, object }: BlobCheck,
  size: number,
  request: RequestContext,
): Promise<Buffer[]> {
  const headers: Buffer[] = [];
  for (let at = 0; at + HEADER <= size; at += SEALED_PART) {
    const pieces: Uint8Array[] = [];
    const stored = vault.store.read(place, objectPath(object), at, at + HEADER, request);
    for await (const piece of stored) pieces.push(Buffer.from(piece));
    headers.push(Buffer.concat(pieces));
  }
  return headers.filter((header) => header.length === HEADER);
}
