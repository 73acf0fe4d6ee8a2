// Canonical JSON (RFC 8785): encoder and strict parser.
import canonicalize from 'canonicalize';
import { VaultError } from '../errors.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Encodes a value as RFC 8785 JSON in UTF-8. Throws `malformed` for values that JSON cannot represent (NaN, lone surrogates). */
export function canonicalBytes(value: unknown): Buffer {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new VaultError('malformed', 'the value has no canonical JSON form', { cause });
  }
  if (text === undefined) throw new VaultError('malformed', 'the value has no canonical JSON form');
  return Buffer.from(text, 'utf8');
}

/** Parses the canonical JSON of an object. Throws `malformed` for anything else. */
export function parseCanonicalObject(bytes: Uint8Array): { [name: string]: Json } {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new VaultError('malformed', 'not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new VaultError('malformed', 'not a JSON object');
  }
  // Comparing with the canonical form catches duplicate members, other spellings and other orders.
  if (!canonicalBytes(value).equals(bytes)) throw new VaultError('malformed', 'not in canonical form');
  return value as { [name: string]: Json };
}
