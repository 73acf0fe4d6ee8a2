// Canonical JSON with a MAC member: the common form of envelopes and of a tenant's blobs.
import { createHmac } from 'node:crypto';
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { canonicalBytes, type Json, parseCanonicalObject } from '../bytes/canonical-json.ts';
import { equalBytes } from '../bytes/digest.ts';
import { VaultError } from '../errors.ts';
import { notAuthentic } from './cobblestone.ts';
import { textMember } from './json-members.ts';
import type { SecretKey } from './secret-key.ts';
import { withDerived } from './secret-key.ts';

/** The only format so far. Readers reject any other with `format_unknown`. */
export const FORMAT = 'callvault/1';

/** Form of a MAC: base64 of 64 bytes. */
export const MAC_PATTERN = /^[A-Za-z0-9+/]{86}==$/;
/** Form of a time. */
export const TIME_PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Parses a blob. Throws `malformed` unless it is canonical JSON, and `format_unknown` for another format. */
export function parseBlob(bytes: Uint8Array): { [name: string]: Json } {
  const value = parseCanonicalObject(bytes);
  if (value['format'] !== FORMAT) throw new VaultError('format_unknown', 'unknown blob format');
  return value;
}

/** Encodes a blob with its MAC under the key derived for `use`. */
export function encodeBlob(body: Readonly<Record<string, Json>>, key: SecretKey, use: string): Buffer {
  return canonicalBytes({ ...body, mac: withDerived(key, [use], 64, (derived) => macOf(derived, body)) });
}

/** Throws `integrity` unless a parsed blob carries the MAC of the key derived for `use`. */
export function verifyBlob(bytes: Uint8Array, key: SecretKey, use: string): void {
  const value = parseCanonicalObject(bytes);
  const mac = textMember(value, 'mac', MAC_PATTERN);
  withDerived(key, [use], 64, (derived) => checkMac(derived, { ...value, mac }));
}

/** HMAC-SHA-512, as base64, over the canonical JSON of `value` without `key` and `mac`. */
export function macOf(macKey: Uint8Array, value: Readonly<Record<string, unknown>>): string {
  const { key: _key, mac: _mac, ...rest } = value;
  return toBase64(createHmac('sha512', macKey).update(canonicalBytes(rest)).digest());
}

/** Throws `integrity` unless the value's `mac` verifies. */
function checkMac(macKey: Uint8Array, value: Readonly<Record<string, unknown>> & { readonly mac: string }): void {
  if (!equalBytes(fromBase64(macOf(macKey, value)), fromBase64(value.mac))) throw notAuthentic();
}
