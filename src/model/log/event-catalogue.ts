// The event catalogue: every action of the log, with the log it goes to, what it is about, and what it carries.
import type { EventSpec, MemberKind, MemberSpec, MembersOf, PartOf } from './event-spec.ts';
import { ACCESS_EVENTS } from './events-of-access.ts';
import { CHANGE_EVENTS } from './events-of-changes.ts';
import { CONSENT_EVENTS } from './events-of-consent.ts';
import { HOLD_EVENTS } from './events-of-holds.ts';
import { KEY_EVENTS } from './events-of-keys.ts';
import { LIFETIME_EVENTS } from './events-of-lifetimes.ts';
import { LOG_EVENTS } from './events-of-logs.ts';
import { PEOPLE_EVENTS } from './events-of-people.ts';
import { RECORDING_EVENTS } from './events-of-recordings.ts';
import { SUBJECT_EVENTS } from './events-of-subjects.ts';

const EVENTS = {
  ...RECORDING_EVENTS,
  ...ACCESS_EVENTS,
  ...CONSENT_EVENTS,
  ...PEOPLE_EVENTS,
  ...CHANGE_EVENTS,
  ...LIFETIME_EVENTS,
  ...HOLD_EVENTS,
  ...SUBJECT_EVENTS,
  ...KEY_EVENTS,
  ...LOG_EVENTS,
} as const;

type Events = typeof EVENTS;

/** What can be in the log. */
export type AuditAction = keyof Events;

/** The first word of an action. */
export type EventArea = AuditAction extends `${infer Area}.${string}` ? Area : never;

/** Actions that repeat: the first of a window is written. */
export type CountedAction = {
  [A in AuditAction]: Events[A] extends { readonly counted: number } ? A : never;
}[AuditAction];

/** Actions whose detail has a member that must be there: they are not written without it. */
export type DetailedAction = {
  [A in AuditAction]: Record<never, never> extends DetailOf<A> ? never : A;
}[AuditAction];

/** Actions whose sealed detail has where the request came from, and nothing that must be there. */
export type OriginAction = {
  [A in AuditAction]: Events[A] extends { readonly detail: { readonly 'origin?': 'text' } } ? A : never;
}[Exclude<AuditAction, DetailedAction>];

/** Where an event of this action goes: a tenant's id, or `deployment`. */
export type LogOf<A extends AuditAction> = Events[A]['log'] extends 'deployment' ? 'deployment' : string;

/** What an event is about as a call names it: id and members; and the type where the catalogue has several. */
export type SubjectOf<A extends AuditAction> = { readonly id: string } & MembersOf<PartOf<Events[A], 'members'>> &
  (Events[A]['subject'] extends readonly (infer Type)[] ? { readonly type: Type } : Record<never, never>);

/** What is sealed beside an event of this action. */
export type DetailOf<A extends AuditAction> = MembersOf<PartOf<Events[A], 'detail'>>;

export const AUDIT_ACTIONS = Object.keys(EVENTS) as readonly AuditAction[];

/** The catalogue's entry of an action. */
export function eventSpec(action: AuditAction): EventSpec {
  return EVENTS[action];
}

/** Whether a text is an action of the log: a log may be older or newer than this catalogue. */
export function isAuditAction(action: string): action is AuditAction {
  return Object.hasOwn(EVENTS, action);
}

/** The first word of an action. */
export function areaOf(action: AuditAction): EventArea {
  return action.slice(0, action.indexOf('.')) as EventArea;
}

/** Seconds of the window that an action is counted in. */
export function windowOf(action: CountedAction): number {
  return EVENTS[action].counted;
}

/** What an event of this action can be about: the types of its object. */
export function subjectsOf(action: AuditAction): readonly string[] {
  const { subject } = eventSpec(action);
  return typeof subject === 'string' ? [subject] : subject;
}

/** A member of the catalogue: `name` as events have it, with `#` in place of a number. */
export type Member = { readonly name: string; readonly kind: MemberKind; readonly optional: boolean };

/**
 * What the event that closes a window of counted events has besides: the window's start, and how often. Older logs have the
 * count of the window before (`before`) in the event that opens one.
 */
const OF_WINDOW: readonly Member[] = [
  { name: 'window', kind: 'time', optional: true },
  { name: 'counted', kind: 'number', optional: true },
  { name: 'before', kind: 'number', optional: true },
];

/** The members of an action's object beside type and id, also those of a counted event that closes its window. */
export function membersOf(action: AuditAction): readonly Member[] {
  const { members, counted } = eventSpec(action);
  const own = listed(members);
  return counted === undefined ? own : [...own, ...OF_WINDOW];
}

/** The member under which an event of this action has `name`; null for one that the catalogue does not have. */
export function memberOf(action: AuditAction, name: string): Member | null {
  const numbered = name.replace(/\d+$/, '#');
  const all = [...membersOf(action), ...detailMembersOf(action)];
  return all.find((member) => member.name === name) ?? all.find((member) => member.name === numbered) ?? null;
}

/** The members of what is sealed beside an event of this action. */
export function detailMembersOf(action: AuditAction): readonly Member[] {
  return listed(eventSpec(action).detail);
}

function listed(members: MemberSpec = {}): readonly Member[] {
  return Object.entries(members).map(([key, kind]) => {
    return { name: key.replace(/\?$/, ''), kind, optional: key.endsWith('?') };
  });
}
