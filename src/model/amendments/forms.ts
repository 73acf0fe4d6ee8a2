// Forms of the members of amendment bodies, as predicates.
import { fromBase64 } from '../../bytes/base64.ts';
import { canonicalBytes, type Json } from '../../bytes/canonical-json.ts';
import { type IdKind, isAnyId, isId } from '../../bytes/ids.ts';
import { isObject } from '../../bytes/json-object.ts';
import { isUtcTime } from '../../bytes/utc-time.ts';
import { hasCode } from '../../errors.ts';
import { MAX_COMMENT_TEXT } from '../comment.ts';
import type { JsonObject } from './amendment.ts';

/** Whether a value is of a form. */
export type Form = (value: Json) => boolean;

/** A cover or lift names so many recordings at most. */
const MAX_RECORDINGS = 200;
/** Maximum size of a policy or of retention rules, in bytes of canonical JSON. */
const MAX_RULES = 24_576;

/** A text that is not empty. */
export const text: Form = (value) => typeof value === 'string' && value !== '';
/** True or false. */
export const flag: Form = (value) => typeof value === 'boolean';

/** A UTC time in the one spelling. */
export const time: Form = (value) => typeof value === 'string' && isUtcTime(value);

/** An id of any kind. */
export const anyId: Form = (value) => typeof value === 'string' && isAnyId(value);

/** The text of a comment. */
export const commentText: Form = (value) =>
  typeof value === 'string' && value !== '' && value.length <= MAX_COMMENT_TEXT;

/** An event action: `area.what`. */
export const action: Form = (value) =>
  typeof value === 'string' && value.length <= 64 && /^[a-z_]+\.[a-z_]+$/.test(value);

/** An actor's id, as in the log: people, services, and names of nodes and operators. */
export const actor: Form = (value) => typeof value === 'string' && /^[!-~]{1,128}$/.test(value);

/** Rules of a tenant, whole. */
export const rules: Form = (value) => isObject(value) && canonicalBytes(value).length <= MAX_RULES;

/** An id of this kind. */
export function idOf(kind: IdKind): Form {
  return (value) => typeof value === 'string' && isId(value, kind);
}

/** An integer of at least `least`. */
export function integer(least: number): Form {
  return (value) => Number.isSafeInteger(value) && (value as number) >= least;
}

/** Recordings, ascending and each once. */
export const recordings: Form = (value) =>
  isAscending(value, idOf('rec'), (one) => [String(one)]) && value.length >= 1 && value.length <= MAX_RECORDINGS;

/** Texts, ascending and each once. */
export const texts: Form = (value) => isAscending(value, text, (one) => [String(one)]);

/** Blind indexes, ascending by label and value, each once. */
export const indexes: Form = (value) =>
  isAscending(value, isIndex, (one) => [String((one as JsonObject)['label']), String((one as JsonObject)['value'])]);

function isIndex(value: Json): boolean {
  if (!isObject(value) || Object.keys(value).sort().join() !== 'label,value') return false;
  return text(value['label'] ?? null) && isBase64Of(16, value['value']);
}

function isBase64Of(length: number, value: Json | undefined): boolean {
  try {
    return typeof value === 'string' && fromBase64(value).length === length;
  } catch (error) {
    if (hasCode(error, 'malformed')) return false;
    throw error;
  }
}

function isAscending(value: Json, each: Form, keys: (one: Json) => readonly string[]): value is readonly Json[] {
  if (!Array.isArray(value) || !value.every(each)) return false;
  const list = value as readonly Json[];
  return list.every((one, at) => at === 0 || isBefore(keys(list[at - 1] as Json), keys(one)));
}

/** By bytes of UTF-8: JavaScript compares UTF-16, which orders some characters otherwise. */
function isBefore(one: readonly string[], other: readonly string[]): boolean {
  for (const [n, left] of one.entries()) {
    const order = Buffer.compare(Buffer.from(left), Buffer.from(other[n] ?? ''));
    if (order !== 0) return order < 0;
  }
  return false;
}
