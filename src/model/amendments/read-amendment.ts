// Reading of amendment bodies: what a later version wrote is one fault, a wrong form another (docs/format.md, section 8).
import type { Json } from '../../bytes/canonical-json.ts';
import { isObject } from '../../bytes/json-object.ts';
import { VaultError } from '../../errors.ts';
import { COMMENT_CATEGORIES, COMMENT_VISIBILITIES } from '../comment.ts';
import { type Amendment, type JsonObject, NEVER_SET } from './amendment.ts';
import * as form from './forms.ts';

/** Members by name; a name that ends with `?` may be absent. */
type Members = Readonly<Record<string, form.Form>>;

const HEAD: Members = { v: form.integer(1), op: form.text, why: form.action, by: form.actor };

const REMOVED: Members = { id: form.idOf('cmt'), version: form.integer(1) };

const COMMENT: Members = {
  ...REMOVED,
  author: form.anyId,
  start_ms: form.integer(0),
  'end_ms?': form.integer(0),
  category: form.text,
  visibility: form.text,
  created: form.time,
  'edited?': form.time,
  text: form.commentText,
};

const SCOPE: Members = {
  'from?': form.time,
  'to?': form.time,
  'direction?': form.text,
  'language?': form.text,
  'indexes?': form.indexes,
};

const isScope: form.Form = (value) => isObject(value) && isOfForms(value, SCOPE);

/** Ops by the kind of subject. A comment without `text` is its removal. */
const OPS: Readonly<Record<string, Readonly<Record<string, Members>>>> = {
  rec: {
    facts: {
      set: (value) => isObject(value) && !Object.keys(value).some((name) => NEVER_SET.includes(name)),
      'as_of?': form.time,
    },
    comment: COMMENT,
  },
  hld: {
    hold: { reference: form.text, title: form.text, continuing: form.flag, review: form.time, 'scope?': isScope },
    cover: { recordings: form.recordings },
    lift: { 'recordings?': form.recordings },
  },
  ten: {
    settings: { set: isObject },
    retention: { id: form.idOf('ret'), body: form.rules },
    policy: { id: form.idOf('pol'), body: form.rules },
    notice: { id: form.idOf('ntc'), version: form.integer(1), language: form.text, text: form.text },
    withdrawal: { id: form.idOf('wdr'), indexes: form.indexes, at: form.time, purposes: form.texts },
  },
};

/** Members whose values are a closed list that a later version may extend. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  category: COMMENT_CATEGORIES,
  visibility: COMMENT_VISIBILITIES,
  direction: ['inbound', 'outbound', 'internal'],
};

/**
 * The amendment that a body is, of a subject's stream. Throws `format_unknown` for an op, a member or a value of a later
 * version, and `malformed` for a form that no version writes.
 */
export function readAmendment(subject: string, body: JsonObject): Amendment {
  const { v, op } = body;
  if (!Number.isSafeInteger(v) || typeof op !== 'string') throw malformed('a body has no v or no op');
  const ops = OPS[subject.slice(0, 3)] ?? {};
  if (v !== 1 || !Object.hasOwn(ops, op)) throw unknown('the op is of a later version');
  const removed = op === 'comment' && !Object.hasOwn(body, 'text');
  const members = { ...HEAD, ...(removed ? REMOVED : ops[op]) };
  if (removed && namesOf(COMMENT).some((name) => !(name in REMOVED) && Object.hasOwn(body, name))) {
    throw malformed('a removed comment keeps nothing');
  }
  const scope = op === 'hold' && isObject(body['scope']) ? body['scope'] : {};
  if (hasUnknown(body, members) || hasUnknown(scope, SCOPE)) throw unknown('a member is of a later version');
  if (!isOfForms(body, members)) throw malformed('a member is missing or not of its form');
  for (const value of op === 'comment' ? [body] : [scope]) {
    for (const [name, values] of Object.entries(ENUMS)) {
      if (Object.hasOwn(value, name) && !values.includes(String(value[name])))
        throw unknown(`${name} is of a later version`);
    }
  }
  return body as unknown as Amendment;
}

function namesOf(members: Members): readonly string[] {
  return Object.keys(members).map((name) => name.replace('?', ''));
}

function hasUnknown(body: JsonObject, members: Members): boolean {
  const known = namesOf(members);
  return Object.keys(body).some((name) => !known.includes(name));
}

function isOfForms(body: JsonObject, members: Members): boolean {
  return Object.entries(members).every(([named, isOfForm]) => {
    const name = named.replace('?', '');
    if (!Object.hasOwn(body, name)) return named.endsWith('?');
    const value = body[name] ?? null;
    return isOfForm(value) && (name === 'set' || !hasNull(value));
  });
}

function hasNull(value: Json): boolean {
  return value === null || (typeof value === 'object' && Object.values(value).some(hasNull));
}

function malformed(what: string): VaultError {
  return new VaultError('malformed', what);
}

function unknown(what: string): VaultError {
  return new VaultError('format_unknown', what);
}
