// A change of facts as received: a JSON merge patch (RFC 7396) of facts v1, validated member by member.
import type { Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import { type FieldError, VaultError } from '../errors.ts';
import type { JsonObject, Patch } from './amendments/amendment.ts';
import { basisProblems } from './basis-forms.ts';
import {
  eventProblem,
  fieldNameProblem,
  fieldProblem,
  MAX_FIELDS,
  normalFact,
  pauseProblems,
  TEXT_FORMS,
} from './fact-forms.ts';
import { AHEAD_MS } from './facts.ts';

/** A change of facts: what it sets, and as of when it is true (undefined: when the vault received it). */
export type FactsPatch = { readonly patch: Patch; readonly asOf?: string };

const TEXTS = [
  ...['started_at', 'direction', 'agent', 'queue', 'ticket', 'file_name', 'language', 'sensitivity'],
  ...['notes', 'interaction', 'wrap_up', 'retain_until'],
];

const NUMBERS = ['from', 'to'];

/** All members of a patch. */
const MEMBERS = [...TEXTS, 'numbers', 'fields', 'events', 'basis', 'pauses', 'as_of'];

/** Facts that a change can add or replace, and never remove. */
const KEPT = ['started_at', 'retain_until', 'basis'];

/** A century: what must be kept for longer is a mistake, and could never be erased. */
const MOST_KEPT_MS = 100 * 366 * 86_400_000;

/** Facts that no patch sets: the path and the audio say them, or acts of their own. */
const FIXED = ['v', 'source', 'call_id', 'leg', 'duration_ms', 'channels', 'sha256', 'set_by', 'restricted', 'asked'];

/**
 * Reads a patch of facts at `now`. Throws `metadata_invalid` with each invalid member by its JSON pointer; never with a
 * value. `known`: the members that the caller can set, for unknown ones.
 */
export function readFactsPatch(body: JsonObject, now: number, known: readonly string[] = MEMBERS): FactsPatch {
  const { as_of: asOf, ...members } = body;
  const faults: FieldError[] = [];
  const patch = Object.entries(members).map(([name, value]) => {
    faults.push(...problemsOf(name, value, known));
    return [name, faults.length === 0 ? normalValue(name, value) : null] as const;
  });
  const startedAt = members['started_at'];
  if (typeof startedAt === 'string' && Date.parse(startedAt) > now + AHEAD_MS)
    faults.push({ pointer: '/started_at', detail: "is more than a day ahead of the vault's clock" });
  if (Date.parse(String(members['retain_until'])) > now + MOST_KEPT_MS)
    faults.push({ pointer: '/retain_until', detail: 'is more than 100 years ahead' });
  if (asOf !== undefined) faults.push(...textProblems('/as_of', 'started_at', asOf));
  if (typeof asOf === 'string' && Date.parse(asOf) > now + AHEAD_MS)
    faults.push({ pointer: '/as_of', detail: "is more than a day ahead of the vault's clock" });
  if (faults.length > 0) throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields: faults });
  const time = typeof asOf === 'string' ? { asOf: normalFact('started_at', asOf) } : {};
  return { patch: Object.fromEntries(patch), ...time };
}

function problemsOf(name: string, value: Json, known: readonly string[]): readonly FieldError[] {
  const pointer = `/${name}`;
  if (FIXED.includes(name)) return [{ pointer, detail: 'cannot be changed' }];
  if (value === null && KEPT.includes(name)) return [{ pointer, detail: 'cannot be removed' }];
  if (TEXTS.includes(name)) return value === null ? [] : textProblems(pointer, name, value);
  switch (name) {
    case 'numbers':
      return numberProblems(pointer, value);
    case 'fields':
      return namedProblems(pointer, value, fieldNameProblem, fieldProblem);
    case 'events':
      return namedProblems(pointer, value, fieldNameProblem, eventProblem);
    case 'basis':
      return basisProblems(value);
    case 'pauses':
      return value === null ? [] : pauseProblems(value, pointer);
    default:
      return [unknownMember('', name, known)];
  }
}

/** An unknown member by its name, which is cut, and the known ones. */
function unknownMember(within: string, name: string, known: readonly string[]): FieldError {
  return { pointer: `${within}/${name.slice(0, 64)}`, detail: `is unknown; there are ${known.join(', ')}` };
}

/** Members that are set one by one; null removes one, or all of them. A wrong name may be personal, and is not repeated. */
function namedProblems(
  pointer: string,
  value: Json,
  nameProblem: (name: string) => string | null,
  valueProblem: (value: Json) => string | null,
): readonly FieldError[] {
  if (value === null) return [];
  if (!isObject(value)) return [{ pointer, detail: 'must be an object' }];
  const members = Object.entries(value);
  if (members.length > MAX_FIELDS) return [{ pointer, detail: `has more than ${MAX_FIELDS} members` }];
  return members.flatMap(([name, one]) => {
    const named = nameProblem(name);
    if (named !== null) return [{ pointer, detail: named }];
    const detail = one === null ? null : valueProblem(one);
    return detail === null ? [] : [{ pointer: `${pointer}/${name}`, detail }];
  });
}

function numberProblems(pointer: string, value: Json): readonly FieldError[] {
  const unknown = isObject(value) ? Object.keys(value).filter((name) => !NUMBERS.includes(name)) : [];
  if (unknown.length > 0) return unknown.map((name) => unknownMember(pointer, name, NUMBERS));
  return namedProblems(
    pointer,
    value,
    () => null,
    (text) => textProblem('from', text),
  );
}

function textProblems(pointer: string, form: string, value: Json): readonly FieldError[] {
  const detail = textProblem(form, value);
  return detail === null ? [] : [{ pointer, detail }];
}

function textProblem(form: string, value: Json): string | null {
  return typeof value === 'string' ? (TEXT_FORMS[form]?.(value) ?? null) : 'must be a text';
}

/** A valid member with its times in UTC and its language tags in their canonical spelling. */
function normalValue(name: string, value: Json): Json {
  if (typeof value === 'string') return normalFact(name, value);
  if (!isObject(value)) return value;
  const prefix = name === 'basis' ? 'basis_' : '';
  return Object.fromEntries(
    Object.entries(value).map(([member, one]) => {
      const form = name === 'events' ? 'started_at' : `${prefix}${member}`;
      const normal = name === 'fields' || name === 'numbers' || typeof one !== 'string';
      return [member, normal ? one : normalFact(form, one)];
    }),
  );
}
