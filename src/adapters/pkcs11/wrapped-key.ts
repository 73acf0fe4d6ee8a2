// A data key as an HSM wrapped it: which version of the key did, the nonce, the AES-256-GCM ciphertext with its tag.
import { randomBytes } from 'node:crypto';
import { info } from '../../bytes/derivation.ts';
import type { KeyContext } from '../../envelope/key-context.ts';

/** A byte for what is behind it: 1 is AES-256-GCM with a 96-bit nonce and a 128-bit tag. */
const FORMAT = 1;
export const NONCE_BYTES = 12;
export const DATA_KEY_BYTES = 32;
const SEALED_BYTES = DATA_KEY_BYTES + 16;

/** `version` is the CKA_ID of the object that wrapped it. */
export type WrappedKey = { readonly version: Uint8Array; readonly nonce: Uint8Array; readonly sealed: Uint8Array };

/** The bytes that are stored: format, length of the CKA_ID, CKA_ID, nonce, ciphertext and tag. */
export function encodeWrapped({ version, nonce, sealed }: WrappedKey): Buffer {
  return Buffer.concat([Buffer.from([FORMAT, version.length]), version, nonce, sealed]);
}

/** The same read again, or null for what is none. */
export function decodeWrapped(bytes: Uint8Array): WrappedKey | null {
  const length = bytes[1];
  if (bytes[0] !== FORMAT || length === undefined) return null;
  const [nonce, sealed] = [2 + length, 2 + length + NONCE_BYTES];
  if (bytes.length !== sealed + SEALED_BYTES) return null;
  return { version: bytes.slice(2, nonce), nonce: bytes.slice(nonce, sealed), sealed: bytes.slice(sealed) };
}

/** What GCM authenticates beside the data key: every pair of the context, in the order of their names. */
export function associatedData(context: KeyContext): Buffer {
  const names = Object.keys(context).sort();
  return info('callvault/pkcs11@v1', ...names.flatMap((name) => [name, context[name] ?? '']));
}

const NUMBERED = 16;
const MOST_VERSIONS = 0xffff_ffff;

/** The number of a version by its CKA_ID: 0 for the id of a key that callvault did not make. */
export function versionNumber(version: Uint8Array): number {
  return version.length === NUMBERED ? Buffer.from(version).readUInt32BE(0) : 0;
}

/**
 * The CKA_ID of the next version: its number, and twelve random bytes, so that two processes that rotate at once make two
 * versions that nothing confuses. Null after the last number there is.
 */
export function nextVersion(versions: readonly Uint8Array[]): Buffer | null {
  const number = Math.max(0, ...versions.map(versionNumber)) + 1;
  if (number > MOST_VERSIONS) return null;
  const id = randomBytes(NUMBERED);
  id.writeUInt32BE(number);
  return id;
}

/** Positive where `one` is the newer version: by number, then by bytes, so that all processes agree. */
export function compareVersions(one: Uint8Array, other: Uint8Array): number {
  return versionNumber(one) - versionNumber(other) || Buffer.compare(one, other);
}
