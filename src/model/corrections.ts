// Corrections of a recording's facts by people: what each role may set, and what was there before.
import { type Json, parseCanonicalObject } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import { type FieldError, hasCode, VaultError } from '../errors.ts';
import type { JsonObject, Patch } from './amendments/amendment.ts';
import { isNamed } from './amendments/fact-ranks.ts';
import { memberOf } from './amendments/merge-patch.ts';
import { check } from './check.ts';
import { readFactsPatch } from './facts-patch.ts';
import { maskedNumber } from './masked-number.ts';
import type { Policy } from './policy.ts';
import type { Role } from './principal.ts';

/** The longest reason of a correction, in characters. */
export const MAX_CORRECTION_REASON = 500;

/** Facts of the work that a call belongs to. */
const OF_WORK = ['agent', 'queue', 'ticket', 'language', 'fields'];

/** Facts about the caller, and about what the law asks. */
const OF_PRIVACY = ['numbers', 'notes', 'direction', 'sensitivity', 'basis', 'events', 'retain_until'];

/** What the queue of a recording decides in a tenant. `assigns`: whether it says which lead may assign the recording. */
export type QueueUse = Pick<Policy, 'scope' | 'escalateHours'> & { readonly assigns: boolean };

/** The facts that people with these roles may correct under a policy. All others come from the platform or from the audio. */
export function correctableFacts(roles: readonly Role[], use: QueueUse): readonly string[] {
  return factsOf(roles).filter((name) => name !== 'queue' || maySetQueue(roles, use));
}

function factsOf(roles: readonly Role[]): readonly string[] {
  if (roles.includes('privacy')) return [...OF_WORK, ...OF_PRIVACY];
  return roles.includes('supervisor') ? OF_WORK : [];
}

/** Where the queue says who sees, decides on or assigns a recording, a supervisor would set what they may do themselves. */
function maySetQueue(roles: readonly Role[], { scope, escalateHours, assigns }: QueueUse): boolean {
  return roles.includes('privacy') || (scope === 'all' && escalateHours === undefined && !assigns);
}

/** Throws `forbidden` for people who set a queue that the policy leaves to privacy officers. */
export function requireQueueAllowed(roles: readonly Role[], use: QueueUse): void {
  if (maySetQueue(roles, use)) return;
  throw new VaultError('forbidden', 'the policy leaves the queue to privacy officers', {
    fields: [
      {
        pointer: '/queue',
        detail: 'can only be set by a privacy officer: it says who sees the call, decides or assigns',
      },
    ],
    checks: [check('queue-free', false, 'queue_by_privacy')],
  });
}

/**
 * Reads a person's correction of facts at `now`. Throws as `readFactsPatch`, and `forbidden` with each member that these
 * roles may not set under any policy: see `requireQueueAllowed`.
 */
export function readCorrection(body: JsonObject, roles: readonly Role[], now: number): Patch {
  const allowed = factsOf(roles);
  const { patch, asOf } = readFactsPatch(body, now, ['reason', ...allowed]);
  const names = [...Object.keys(patch), ...(asOf === undefined ? [] : ['as_of'])];
  const fields: FieldError[] = names
    .filter((name) => !allowed.includes(name))
    .map((name) => ({
      pointer: `/${name}`,
      detail: OF_PRIVACY.includes(name) ? 'can only be set by a privacy officer' : ofPlatform(name),
    }));
  if (fields.length === 0) return patch;
  throw new VaultError('forbidden', 'your roles do not allow these changes', { fields });
}

/** Why people cannot set a fact, and who can. */
function ofPlatform(name: string): string {
  if (name === 'as_of') return 'cannot be set by people: a correction counts from when it is made';
  if (name === 'started_at') return 'cannot be set by people: the platform sets it once, and it never changes';
  return 'cannot be set by people: the platform sets it again with a later as_of';
}

/** A value of a fact by its key (`agent`, `numbers/from`); null where the facts have none. */
export function factAt(facts: JsonObject, key: string): Json {
  const [member = '', name] = split(key);
  const value = memberOf(facts, member) ?? null;
  if (name === undefined) return value;
  return isObject(value) ? (memberOf(value, name) ?? null) : null;
}

/** A key's member and, where its names are set one by one, the name. */
function split(key: string): readonly string[] {
  const slash = key.indexOf('/');
  const member = key.slice(0, slash);
  return slash > 0 && isNamed(member) ? [member, key.slice(slash + 1)] : [key];
}

/** Notes are for the privacy officer's work, and no view has them. */
const UNSHOWN = ['notes'];

/** Whether views of a recording show this fact. */
export function isShown(key: string): boolean {
  return !UNSHOWN.includes(key);
}

/** A fact's value as changes show it: numbers are masked, for people and programs. */
export function shownValue(key: string, value: Json): Json {
  return key.startsWith('numbers/') && typeof value === 'string' ? maskedNumber(value) : value;
}

/** What these keys had before a change, as shown: sealed beside its event, because entries have new values only. */
export function valuesBefore(facts: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.filter(isShown).map((key) => [key, shownValue(key, factAt(facts, key))]));
}

/** Reads what `valuesBefore` made, from its canonical text; null where it is not such a text. */
export function readValuesBefore(text: string): JsonObject | null {
  try {
    return parseCanonicalObject(Buffer.from(text));
  } catch (error) {
    if (!hasCode(error, 'malformed')) throw error;
    return null;
  }
}
