// A key of the keyring: its id, and its versions sealed under the root key.
import { randomBytes } from 'node:crypto';
import { fromBase64, toBase64 } from '../../bytes/base64.ts';
import { sha256 } from '../../bytes/digest.ts';
import { keyVersionContext } from '../../envelope/local-wrap.ts';
import { openMessage, sealMessage } from '../../envelope/message.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { KeyEntry, KeyVersion } from './keyring-file.ts';

/** The id of a tenant's key, derived from tenant and generation so that a retry finds it: a UUIDv8 (RFC 9562). */
export function entryId(tenant: string, generation: number): string {
  const later = generation === 1 ? [] : [String(generation)];
  const bytes = sha256('callvault/keyring@v1', tenant, ...later).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return `keyring/${bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
}

/** The bytes of a version, for the caller to overwrite. Throws `key_service_unavailable` under another root key. */
export function openVersion(root: Uint8Array, id: string, version: KeyVersion): Buffer {
  try {
    return openMessage(root, keyVersionContext(id, version.n), fromBase64(version.sealed));
  } catch (cause) {
    throw new VaultError('key_service_unavailable', 'a key does not open under this root key', { cause });
  }
}

/** A key with its first version. */
export function newEntry(root: SecretKey, id: string): KeyEntry {
  return { id, state: 'enabled', current: 1, versions: [newVersion(root, id, 1)] };
}

/** The same key with a new current version; earlier versions are never removed. */
export function withNewVersion(root: SecretKey, entry: KeyEntry): KeyEntry {
  const n = Math.max(...entry.versions.map((version) => version.n)) + 1;
  return { ...entry, current: n, versions: [...entry.versions, newVersion(root, entry.id, n)] };
}

function newVersion(root: SecretKey, id: string, n: number): KeyVersion {
  const key = randomBytes(32);
  const sealed = root.use((bytes) => sealMessage(bytes, keyVersionContext(id, n), key));
  key.fill(0);
  return { n, created: new Date().toISOString(), sealed: toBase64(sealed) };
}
