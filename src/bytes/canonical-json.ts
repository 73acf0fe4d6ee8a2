// Canonical JSON (RFC 8785): encoder and strict parser.
import { VaultError } from '../errors.ts';
import { sha256 } from './digest.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Encodes a value as RFC 8785 JSON in UTF-8. Throws `malformed` for values that JSON cannot represent (NaN, lone surrogates). */
export function canonicalBytes(value: unknown): Buffer {
  try {
    return Buffer.from(textOf(value), 'utf8');
  } catch (cause) {
    throw new VaultError('malformed', 'the value has no canonical JSON form', { cause });
  }
}

/** The hex SHA-256 of a value as canonical JSON. Throws as `canonicalBytes`. */
export function canonicalDigest(value: unknown): string {
  return sha256(canonicalBytes(value)).toString('hex');
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses the canonical JSON of an object. Throws `malformed` for anything else. */
export function parseCanonicalObject(bytes: Uint8Array): { [name: string]: Json } {
  let text: string;
  let value: unknown;
  try {
    text = UTF8.decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new VaultError('malformed', 'not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new VaultError('malformed', 'not a JSON object');
  }
  if (!isCanonical(text, value)) throw new VaultError('malformed', 'not in canonical form');
  return value as { [name: string]: Json };
}

/** Comparing with the canonical form catches duplicate members, other spellings and other orders. */
function isCanonical(text: string, value: object): boolean {
  try {
    // The engine's encoder is several times as fast. It differs in two cases: it escapes lone surrogates, and writes the
    // members in their order.
    if (JSON.stringify(value) === text && !text.includes('\\ud') && isSorted(value)) return true;
    return textOf(value) === text;
  } catch {
    return false;
  }
}

/** Whether the members of a parsed value, at every depth, are in canonical order. */
function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let before: string | null = null;
  // A parsed object has no inherited members: the engine keeps these names for every object of the same form.
  for (const name in value) {
    if ((before !== null && name <= before) || !isSorted((value as Readonly<Record<string, unknown>>)[name]))
      return false;
    before = name;
  }
  return true;
}

/** Our own, since the bytes are part of the sealed format: the package canonicalize writes `undefined` for a function. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  // RFC 8785 adopts the number format of ECMAScript.
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'object') return textOfObject(value);
  throw new TypeError('JSON has no such value');
}

/** As JSON.stringify: `toJSON` counts, and a member without a value is left out of an object and null in a list. */
function textOfObject(value: object): string {
  if ('toJSON' in value && typeof value.toJSON === 'function') return textOf(value.toJSON());
  if (Array.isArray(value)) {
    let list = '';
    for (const member of value) list += `${list === '' ? '' : ','}${isAbsent(member) ? 'null' : textOf(member)}`;
    return `[${list}]`;
  }
  let members = '';
  // The default order is by UTF-16 code units, as RFC 8785 demands.
  for (const name of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (!isAbsent(member)) members += `${members === '' ? '' : ','}${quoted(name)}:${textOf(member)}`;
  }
  return `{${members}}`;
}

function isAbsent(member: unknown): boolean {
  return member === undefined || typeof member === 'symbol';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
const NOT_PLAIN = /[\u0000-\u001f"\\\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A JSON string. Throws TypeError for a lone surrogate, which has no UTF-8. */
function quoted(text: string): string {
  if (!NOT_PLAIN.test(text)) return `"${text}"`;
  if (LONE_SURROGATE.test(text)) throw new TypeError('a text is not well-formed Unicode');
  return JSON.stringify(text);
}
