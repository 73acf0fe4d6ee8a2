// The check of what a stream's entries say against the rows that say it too: a recording's facts and comments, a tenant's
// settings and what keeps its recordings, a hold. An older authentic row passes every check of the entries.
import { canonicalBytes, type Json } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { Amendment, AmendmentEntry, CommentAmendment } from '../../model/amendments/amendment.ts';
import { memberOf } from '../../model/amendments/merge-patch.ts';
import { foldFacts } from '../../model/amendments/recording-facts.ts';
import { policyAfter, type SettingsPatch, settingsOf } from '../../model/change/settings.ts';
import { foldSettings } from '../../model/change/stream-settings.ts';
import type { Comment } from '../../model/comment.ts';
import { readPolicy } from '../../model/policy/read-policy.ts';
import type { Policy, PolicyRow } from '../../model/policy.ts';
import type { Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { FiledComment } from '../../ports/rows/comment-rows.ts';
import { openCommentText } from '../comments/view.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import { type HoldFault, type HoldState, holdFault, holdVersionOf, readHoldState } from './check-hold.ts';
import {
  type LifetimeFault,
  type LifetimeRows,
  lifetimeFault,
  lifetimeVersionOf,
  readLifetimeRows,
} from './check-lifetimes.ts';

type TenantState = {
  readonly of: 'tenant';
  readonly tenant: Tenant;
  readonly policy: PolicyRow | null;
  readonly lifetimes: LifetimeRows;
};

/** Rows that the entries of a stream change. */
export type StreamState =
  | { readonly of: 'recording'; readonly recording: Recording; readonly comments: readonly FiledComment[] }
  | TenantState
  | HoldState;

/** What differs, and the last entry that says it; `damaged`: the row does not open. */
export type StateFault =
  | HoldFault
  | LifetimeFault
  | {
      readonly kind: 'facts_differ' | 'comment_differs' | 'settings_differ';
      readonly n: number;
      readonly why?: 'damaged';
    };

type Entries = readonly (AmendmentEntry & { readonly n: number })[];

/** The rows of a subject; null where it has none, or an erased one. */
export async function readState(rows: Rows, tenant: string, subject: string): Promise<StreamState | null> {
  if (subject === tenant) {
    const row = await rows.tenants.find(tenant);
    if (row === null) return null;
    const policy = await rows.tenants.policy(tenant);
    return { of: 'tenant', tenant: row, policy, lifetimes: await readLifetimeRows(rows, row) };
  }
  if (subject.startsWith('hld_')) return readHoldState(rows, tenant, subject);
  const recording = subject.startsWith('rec_') ? await rows.recordings.find(tenant, subject) : null;
  if (recording === null) return null;
  return { of: 'recording', recording, comments: await rows.comments.ofRecording(tenant, subject) };
}

/** Whether no update changed them between two readings. */
export function isSameState(one: StreamState | null, other: StreamState | null): boolean {
  return versionsOf(one) === versionsOf(other);
}

function versionsOf(state: StreamState | null): string {
  if (state === null) return '';
  if (state.of === 'tenant')
    return JSON.stringify([state.tenant.version, state.policy?.id, lifetimeVersionOf(state.lifetimes)]);
  if (state.of === 'hold') return JSON.stringify(holdVersionOf(state));
  const comments = state.comments.map(({ comment: { id, version }, filed }) => [id, version, filed]);
  return JSON.stringify([state.recording.version, comments]);
}

/** The first difference between a whole stream and its rows. */
export function differenceOf(metadataKey: SecretKey, state: StreamState, entries: Entries): StateFault | null {
  if (state.of === 'tenant')
    return settingsFault(metadataKey, state, entries) ?? lifetimeFault(metadataKey, state.lifetimes, entries);
  if (state.of === 'hold') return holdFault(metadataKey, state, entries);
  return factsFault(metadataKey, state.recording, entries) ?? commentFault(metadataKey, state.comments, entries);
}

function factsFault(metadataKey: SecretKey, recording: Recording, entries: Entries): StateFault | null {
  const sets = entries.filter(({ body }) => body.op === 'facts');
  const { facts: sealed } = recording;
  if (sealed === null || sets.length === 0) return null;
  const facts = orNull(() => openRawFacts(metadataKey, recording, sealed));
  if (facts === null) return { kind: 'facts_differ', n: sets.at(-1)?.n ?? 0, why: 'damaged' };
  const { facts: said } = foldFacts(recording.id, facts, sets);
  const names = Object.keys({ ...facts, ...said }).filter(
    (name) => !isSame(memberOf(facts, name), memberOf(said, name)),
  );
  if (names.length === 0) return null;
  return { kind: 'facts_differ', n: lastThat(sets, (body) => body.op === 'facts' && setsAny(body.set, names)) };
}

function commentFault(metadataKey: SecretKey, comments: readonly FiledComment[], entries: Entries): StateFault | null {
  const rows = new Map(comments.map((one) => [one.comment.id, one]));
  const last = new Map(
    entries.flatMap(({ n, body }) => (body.op === 'comment' ? [[body.id, { n, body }] as const] : [])),
  );
  for (const { n, body } of last.values()) {
    const row = rows.get(body.id);
    const removed = !('text' in body);
    if (row === undefined ? removed : !removed && isAsSaid(metadataKey, row, body)) continue;
    return { kind: 'comment_differs', n };
  }
  return null;
}

function isAsSaid(metadataKey: SecretKey, { comment, filed }: FiledComment, body: CommentAmendment): boolean {
  // An earlier version of callvault, running beside this one, changes a comment without an entry: it is still filed.
  if (!filed && comment.version > body.version) return true;
  const { id, author, start_ms, end_ms, category, visibility, created, edited, text } = body;
  const said = [id, author, start_ms, end_ms ?? null, category, visibility, created, edited ?? null];
  return isSame(said, columnsOf(comment)) && orNull(() => openCommentText(metadataKey, comment)) === text;
}

function columnsOf({ id, author, startMs, endMs, category, visibility, created, edited }: Comment): Json {
  return [id, author, startMs, endMs, category, visibility, created, edited];
}

function settingsFault(metadataKey: SecretKey, { tenant, policy }: TenantState, entries: Entries): StateFault | null {
  const { set, version } = saidOf(entries);
  const inForce = policyInRow(metadataKey, policy);
  // Another version of callvault compares what it wrote.
  if (inForce === 'later') return null;
  const whole = lastThat(entries, (body) => body.op === 'policy');
  if (version !== null && (inForce === null || !isSame(version as unknown as Json, inForce as unknown as Json)))
    return { kind: 'settings_differ', n: whole, ...(inForce === null ? { why: 'damaged' as const } : {}) };
  const names = Object.keys(set);
  if (names.length === 0) return null;
  const last = (some: readonly string[]): number =>
    lastThat(entries, (body) => body.op === 'settings' && setsAny(body.set, some));
  if (inForce === null) return { kind: 'settings_differ', n: last(names), why: 'damaged' };
  const now: Readonly<Record<string, Json>> = settingsOf(tenant, inForce);
  const others = names.filter((name) => !isSame(now[name], (set as Readonly<Record<string, Json>>)[name]));
  return others.length === 0 ? null : { kind: 'settings_differ', n: last(others) };
}

/**
 * What the entries say last: the settings, without members of the policy that a whole version replaced since, and that
 * version with the members that settings set after it; null where there is none, or a later version wrote it.
 */
function saidOf(entries: Entries): { readonly set: SettingsPatch; readonly version: Policy | null } {
  const all = foldSettings(entries);
  const at = entries.findLastIndex(({ body }) => body.op === 'policy');
  const body = entries[at]?.body;
  if (body?.op !== 'policy') return { set: all, version: null };
  const since = foldSettings(entries.slice(at + 1));
  const { decide_by_key: _, approver_age_hours: __, ...columns } = all;
  const whole = orNull(() => readPolicy(canonicalBytes(body.body).toString()));
  return { set: { ...columns, ...since }, version: whole === null ? null : policyAfter(whole, since) };
}

function lastThat(entries: Entries, says: (body: Amendment) => boolean): number {
  return entries.findLast(({ body }) => says(body))?.n ?? 0;
}

function setsAny(set: Readonly<Record<string, Json>>, names: readonly string[]): boolean {
  return names.some((name) => Object.hasOwn(set, name));
}

/** Null is what an absent member has. */
function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return canonicalBytes(one ?? null).equals(canonicalBytes(other ?? null));
}

function policyInRow(metadataKey: SecretKey, row: PolicyRow | null): Policy | 'later' | null {
  try {
    return policyOf(metadataKey, row).policy;
  } catch (error) {
    if (hasCode(error, 'format_unknown')) return 'later';
    if (hasCode(error, 'integrity', 'malformed', 'not_found')) return null;
    throw error;
  }
}

/** What a row says; null where it is not authentic, or not there. */
function orNull<T>(open: () => T): T | null {
  try {
    return open();
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed', 'format_unknown', 'not_found')) return null;
    throw error;
  }
}
