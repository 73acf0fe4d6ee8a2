// Canonical JSON (RFC 8785) out, and the strict reading of bytes that must be in that form.
import canonicalize from 'canonicalize';
import { VaultError } from '../errors.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** The RFC 8785 form of a value, as UTF-8. Throws `malformed` on what JSON cannot carry (NaN, lone surrogates). */
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

/** Parses bytes that must be the canonical JSON of an object; anything else throws `malformed`. */
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
  // Duplicate members, other spellings and other orders all show as a difference here.
  if (!canonicalBytes(value).equals(bytes)) throw new VaultError('malformed', 'not in canonical form');
  return value as { [name: string]: Json };
}
