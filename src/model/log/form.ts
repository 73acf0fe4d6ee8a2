// The form of an event: canonical leaf v1, its size, and its members as the event catalogue has them.
import { type AuditAction, eventSpec, isAuditAction, type Member, membersOf, subjectsOf } from './event-catalogue.ts';
import type { MemberKind } from './event-spec.ts';
import type { Leaf } from './leaf.ts';

const MOST_BYTES = 16 * 1024;
const NEEDED = ['action', 'actor', 'id', 'log', 'node', 'object', 'outcome', 'seq', 'ts', 'v'] as const;
const OPTIONAL: readonly string[] = ['detail', 'req'];
const ACTOR = ['auth', 'id', 'type'] as const;
const ACTOR_TYPES: readonly string[] = ['person', 'service', 'operator', 'system'];
const AUTHS: readonly string[] = ['api-key', 'sign-in', 'cli', 'none'];
const OUTCOMES: readonly string[] = ['ok', 'refused', 'failed'];

/** A member of an object. Others, as numbers are, have another order in other programs. */
const MEMBER = /^[A-Za-z][A-Za-z0-9_]*$/;
const EVENT_ID = /^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const DETAIL = /^sha256:[0-9a-f]{64}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Strict, and without removing a byte order mark: the bytes must be those of the text. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether the bytes are a leaf v1 in canonical JSON, of at most 16 KiB. `leaf` is what they parse to. */
export function isLeafV1(bytes: Uint8Array, leaf: Leaf): boolean {
  if (bytes.length > MOST_BYTES || !isCanonical(bytes, leaf)) return false;
  const keys = Object.keys(leaf);
  const known = keys.length - OPTIONAL.filter((name) => keys.includes(name)).length;
  if (known !== NEEDED.length || !NEEDED.every((name) => keys.includes(name))) return false;
  const { seq, ts, actor, object, req, detail } = leaf;
  const actorKeys = Object.keys(actor);
  return (
    Number.isSafeInteger(seq) &&
    EVENT_ID.test(leaf.id ?? '') &&
    isTime(ts) &&
    actorKeys.length === ACTOR.length &&
    ACTOR.every((name) => typeof actor[name] === 'string') &&
    ACTOR_TYPES.includes(actor.type) &&
    AUTHS.includes(actor.auth ?? '') &&
    OUTCOMES.includes(leaf.outcome) &&
    isText(leaf.log) &&
    isText(leaf.node) &&
    (req === undefined || isText(req)) &&
    (detail === undefined || (isText(detail) && DETAIL.test(detail))) &&
    isText(object.type) &&
    Object.values(object).every(isValue) &&
    Object.keys(object).every((member) => MEMBER.test(member))
  );
}

/**
 * Whether an event has what the catalogue says of its action: an object of its types, the members that must be there,
 * and each of its kind. Further members, and actions that this version does not know, are those of a later version.
 */
export function hasItsMembers({ action, object }: Leaf): boolean {
  if (!isAuditAction(action)) return true;
  // An erasure of many recordings is about their tenant.
  const isOfMany = action.startsWith('recording.') && object.type === 'tenant' && object['recordings'] !== undefined;
  if (!subjectsOf(action).includes(object.type) && !isOfMany) return false;
  return checksOf(action).every(({ name, kind, optional, numbered }) => {
    if (numbered) return true;
    const value = object[name];
    return value === undefined ? optional : isOfKind(value, kind);
  });
}

/** What a tenant's log has about its tenant alone, and the deployment's about each. */
const OF_TENANT: ReadonlySet<string> = new Set<AuditAction>([
  ...(['tenant.created', 'tenant.rebuilt', 'tenant.suspended', 'tenant.resumed'] as const),
  ...(['recording.listed', 'recording.missing'] as const),
]);

/** Whether an event belongs in this log: some are of a tenant's alone, some of the deployment's. */
export function belongsIn(name: string, { action, object }: Leaf): boolean {
  if (!isAuditAction(action)) return true;
  const { log } = eventSpec(action);
  const isDeployment = name.endsWith('/deployment');
  if (OF_TENANT.has(action) && !isDeployment && !name.endsWith(`/${object.id}`)) return false;
  return log !== (isDeployment ? 'tenant' : 'deployment');
}

type Checked = Member & { readonly numbered: boolean };

const CHECKS = new Map<string, readonly Checked[]>();

function checksOf(action: Parameters<typeof membersOf>[0]): readonly Checked[] {
  const known = CHECKS.get(action);
  if (known !== undefined) return known;
  const made = membersOf(action).map((member) => ({ ...member, numbered: member.name.endsWith('#') }));
  CHECKS.set(action, made);
  return made;
}

function isOfKind(value: Leaf['object'][string], kind: MemberKind): boolean {
  if (kind === 'ids') return typeof value !== 'number';
  if (kind === 'number' || kind === 'seconds' || kind === 'milliseconds') return typeof value === 'number';
  if (typeof value !== 'string') return false;
  if (kind === 'time') return isTime(value);
  if (kind === 'sha256') return SHA256.test(value);
  return kind !== 'base64' || BASE64.test(value);
}

/**
 * Of what `JSON.parse` gives: the text again from its values has the same order, forms and no repetition, and names are
 * in order. A surrogate that is escaped has no pair: such a text has no UTF-8.
 */
function isCanonical(bytes: Uint8Array, leaf: Leaf): boolean {
  const text = UTF8.decode(bytes);
  return JSON.stringify(leaf) === text && !hasLoneSurrogate(text) && [leaf, leaf.actor, leaf.object].every(isSorted);
}

/** Whether a text in JSON escapes one: after an odd number of backslashes. */
function hasLoneSurrogate(text: string): boolean {
  return text.includes('\\ud') && /(?<!\\)(?:\\\\)*\\ud/.test(text);
}

function isSorted(value: object): boolean {
  const keys = Object.keys(value);
  return keys.every((key, at) => at === 0 || (keys[at - 1] ?? '') < key);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isValue(value: unknown): boolean {
  return isText(value) || Number.isSafeInteger(value) || (Array.isArray(value) && value.every(isText));
}

/** Whether a text is a UTC time of the log, `YYYY-MM-DDThh:mm:ss.sssZ`, that exists: the 30th of February is none. */
export function isTime(text: string): boolean {
  return TIME.test(text) && new Date(text).toJSON() === text;
}
