// Values of JSON that a platform wrote: members, texts and times.
import { isObject } from '../bytes/json-object.ts';

/** An object of JSON. */
export type JsonMembers = Readonly<Record<string, unknown>>;

/** The object of a JSON text; null where it is none. */
export function objectIn(text: string | undefined): JsonMembers | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** A member that is an object; an empty one otherwise. */
export function membersOf(value: JsonMembers, name: string): JsonMembers {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return isObject(found) ? found : {};
}

/** The first of these members that is a text or a number, as text; undefined without one. */
export function textOf(value: JsonMembers, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = Object.hasOwn(value, name) ? value[name] : undefined;
    const text = typeof found === 'number' ? String(found) : found;
    if (typeof text === 'string' && text.trim() !== '') return text.trim();
  }
  return undefined;
}

/** Whether two ids, of which both are known, differ. Platforms write the same id in either case. */
export function idsDiffer(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one.toLowerCase() !== other.toLowerCase();
}

/** A text that is percent-encoded, decoded; any other as it is written. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The texts of a member that is a list. */
export function textsOf(value: JsonMembers, name: string): readonly string[] {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return Array.isArray(found) ? found.filter((one): one is string => typeof one === 'string' && one !== '') : [];
}

/** An RFC 3339 time of an ISO 8601 time with an offset, also `+0000`; undefined for any other text. */
export function rfc3339(text: string | undefined): string | undefined {
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(?:(Z)|([+-]\d{2}):?(\d{2}))$/i.exec(
    text ?? '',
  );
  if (found === null) return undefined;
  const [, day, time, zulu, hours, minutes] = found;
  return timeOf(`${day}T${time}${zulu === undefined ? `${hours}:${minutes}` : 'Z'}`);
}

/** An RFC 3339 time of seconds since 1970, which may have a fraction; undefined for any other text. */
export function epochTime(text: string | undefined, perSecond = 1): string | undefined {
  if (text === undefined || !/^\d{1,17}(?:\.\d{1,9})?$/.test(text)) return undefined;
  const ms = Math.round((Number(text) * 1000) / perSecond);
  // 0 is no time: platforms write it for what did not happen.
  return ms <= 0 || ms > 8.64e15 ? undefined : new Date(ms).toISOString();
}

function timeOf(text: string): string | undefined {
  return Number.isNaN(Date.parse(text)) ? undefined : text;
}

/** A number of a URI such as `tel:+442079460123` or `sip:+442079460123@example.org;user=phone`. */
export function partyOf(text: string | undefined): string | undefined {
  const party = text?.replace(/^(?:sips?|tel):/i, '').replace(/[@;].*$/s, '');
  return party === '' ? undefined : party;
}
