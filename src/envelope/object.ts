// Identity of a sealed object: names, the object key, the context of each part, and `heads`.
import { hkdfExpand, info } from '../bytes/derivation.ts';
import { sha256 } from '../bytes/digest.ts';
import { isId } from '../bytes/ids.ts';
import { canonicalLanguage } from '../bytes/language-tag.ts';
import { VaultError } from '../errors.ts';
import { notAuthentic } from './cobblestone.ts';
import { SecretKey } from './secret-key.ts';
import { HEADER, partCount } from './sizes.ts';

/** The identity of an object; every part authenticates all four members. */
export type ObjectIdentity = {
  readonly tenant: string;
  readonly recording: string;
  readonly deposit: string;
  readonly name: string;
};

/** A stored object as described by its row (or, for whole reads, by the envelope). */
export type StoredObject = ObjectIdentity & {
  /** Plaintext bytes. */
  readonly size: number;
  /** SHA-256 of all parts' headers in order. */
  readonly heads: Uint8Array;
  /** The headers, where the row keeps them; null allows ranges only in an object of one part. */
  readonly headers: Uint8Array | null;
};

/** Whether a text is an object name: `audio`, `peaks`, `transcript/<canonical language tag>`. */
export function isObjectName(name: string): boolean {
  if (!/^[a-z]+(\/[A-Za-z0-9-]{1,35})?$/.test(name)) return false;
  const tag = name.split('/')[1];
  return tag === undefined || canonicalLanguage(tag) === tag;
}

/** The object's blob name, relative to the tenant's location. Throws `malformed` for ill-formed ids or names. */
export function objectPath(id: ObjectIdentity): string {
  if (!isId(id.deposit, 'dep') || !isObjectName(id.name)) throw new VaultError('malformed', 'not an object identity');
  return `${objectPrefix(id.tenant, id.recording)}${id.deposit}/${id.name}`;
}

/** The name prefix of objects: of one recording, or of the whole tenant. Throws `malformed` for ill-formed ids. */
export function objectPrefix(tenant: string, recording: string | null): string {
  if (!isId(tenant, 'ten') || (recording !== null && !isId(recording, 'rec'))) {
    throw new VaultError('malformed', 'not an object identity');
  }
  return recording === null ? `t/${tenant}/r/` : `t/${tenant}/r/${recording}/`;
}

/** Parses an object's blob name; null for any other name. */
export function parseObjectPath(path: string): ObjectIdentity | null {
  const [t, tenant = '', r, recording = '', deposit = '', ...rest] = path.split('/');
  const name = rest.join('/');
  const known = t === 't' && r === 'r' && isObjectName(name);
  if (!known || !isId(tenant, 'ten') || !isId(recording, 'rec') || !isId(deposit, 'dep')) return null;
  return { tenant, recording, deposit, name };
}

/** Derives the key of one object from its deposit's data key, by name. */
export function objectKey(dataKey: SecretKey, name: string): SecretKey {
  return dataKey.use((key) => new SecretKey(hkdfExpand(key, info('callvault/object@v1', name), 32)));
}

/** The context of each part: a part moved elsewhere fails its commitment. */
export function partContext(id: ObjectIdentity, part: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(part);
  return Buffer.concat([info('callvault/part@v1', id.tenant, id.recording, id.deposit, id.name), number]);
}

/** Digest of the 56-byte part headers, in order: it identifies one sealing of an object. */
export function headsOf(headers: readonly Uint8Array[]): Buffer {
  return sha256(...headers);
}

/** Compares a fetched header with the row. Throws `integrity` for the header of another sealing. */
export function checkHead(object: StoredObject, part: number, header: Uint8Array): void {
  const known = object.headers;
  if (known !== null) {
    if (Buffer.compare(known.subarray(part * HEADER, (part + 1) * HEADER), header) !== 0) throw notAuthentic();
  } else if (partCount(object.size) === 1 && Buffer.compare(sha256(header), object.heads) !== 0) {
    throw notAuthentic();
  }
}
