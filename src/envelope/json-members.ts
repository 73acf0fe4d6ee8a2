// Strict readers for small JSON blobs: exact members of exact types.
import { fromBase64 } from '../bytes/base64.ts';
import type { Json } from '../bytes/canonical-json.ts';
import { VaultError } from '../errors.ts';

type Members = { readonly [name: string]: Json };

function wrong(what: string): VaultError {
  return new VaultError('malformed', what);
}

/** Returns the value as an object with exactly these members. Throws `malformed`, naming the first unknown or missing one. */
export function exactMembers(value: Json | undefined, what: string, names: readonly string[]): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`${what} is not an object`);
  const members = value as Members;
  for (const name of Object.keys(members)) if (!names.includes(name)) throw wrong(`${what} has an unknown member`);
  for (const name of names) if (!Object.hasOwn(members, name)) throw wrong(`${what} has no ${name}`);
  return members;
}

/** A text member that matches `form`. */
export function textMember(members: Members, name: string, form: RegExp): string {
  const value = members[name];
  if (typeof value !== 'string' || !form.test(value)) throw wrong(`${name} is not of its form`);
  return value;
}

/** A whole number of at least `least`, below 2^53. */
export function wholeMember(members: Members, name: string, least: number): number {
  const value = members[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
    throw wrong(`${name} is not a whole number`);
  return value;
}

/** A base64 member as bytes. */
export function bytesMember(members: Members, name: string): Buffer {
  return fromBase64(textMember(members, name, /^[A-Za-z0-9+/=]*$/));
}
