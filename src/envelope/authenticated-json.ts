// Canonical JSON with a MAC member: the envelope, tenant.json and tombstones are all made and checked this way.
import { createHmac } from 'node:crypto';
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { canonicalBytes } from '../bytes/canonical-json.ts';
import { equalBytes } from '../bytes/equal.ts';
import { refused } from './cobblestone.ts';

/** HMAC-SHA-512, base64, of the canonical JSON of `value` without `key` and `mac`. */
export function macOf(macKey: Uint8Array, value: Readonly<Record<string, unknown>>): string {
  const { key: _key, mac: _mac, ...rest } = value;
  return toBase64(createHmac('sha512', macKey).update(canonicalBytes(rest)).digest());
}

/** Throws `integrity` unless the value's `mac` agrees. */
export function checkMac(
  macKey: Uint8Array,
  value: Readonly<Record<string, unknown>> & { readonly mac: string },
): void {
  if (!equalBytes(fromBase64(macOf(macKey, value)), fromBase64(value.mac))) throw refused();
}
