// Draft of an access request.
import type { Policy, Recording } from '../../api/types.ts';

export const LEAST_REASON = 10;
export const MOST_REASON = 500;
export const MINUTES = [10, 15, 30, 60] as const;

export type Rule = Policy['purposes'][number];
export type RequestDraft = {
  readonly purpose: string;
  readonly reason: string;
  readonly ticket: string;
  /** Whether the person typed the ticket, instead of the form finding it in the reason or the recording. */
  readonly ticketTyped: boolean;
  /** The recording's ticket, if it has one; for several recordings, only if all have the same. */
  readonly recordingTicket: string | null;
  /** 0 while the typed length is invalid. */
  readonly minutes: number;
  readonly objects: readonly string[];
};

/** Finds a ticket number in a text, such as CS-20261125-0417. */
export function findTicket(reason: string): string | null {
  return /(?<![\w-])[A-Z]{2,8}-(?:\d+-)*\d{3,}(?![\w-])/.exec(reason)?.[0] ?? null;
}

/** Characters of a text as people count them. */
export function characterCount(text: string): number {
  return [...text.trim()].length;
}

/** Rules for the purposes that these roles may use. */
export function rulesFor(policy: Policy | undefined, roles: readonly string[]): readonly Rule[] {
  return policy?.purposes.filter((rule) => rule.roles.some((role) => roles.includes(role))) ?? [];
}

/** Lengths on offer: common ones up to the purpose's maximum, and the maximum. */
export function minuteChoices(longest: number): number[] {
  const short = MINUTES.filter((minutes) => minutes <= longest);
  return short.length === 0 ? [longest] : short;
}

/** Minutes in a text; 0 for text that is not a length within the purpose's maximum. */
export function parseMinutes(typed: string, most: number): number {
  const text = typed.normalize('NFKC').trim();
  const minutes = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return minutes <= most ? minutes : 0;
}

/** A purpose's rule for a recording, without objects that the recording does not have. */
export function withAvailableObjects(rule: Rule, recording: Pick<Recording, 'objects'>): Rule {
  const isThere = (name: string): boolean =>
    name !== 'transcript' || recording.objects.some((object) => object.name.startsWith('transcript/'));
  return { ...rule, objects: rule.objects.filter(isThere) };
}

/** Fits a draft to a purpose: shortens the length and removes objects that it does not allow. */
export function fitToRule(draft: RequestDraft, rule: Rule): RequestDraft {
  const objects = draft.objects.filter((name) => rule.objects.includes(name));
  return { ...draft, purpose: rule.purpose, minutes: Math.min(draft.minutes, rule.minutes_max), objects };
}

/** The ticket that all recordings share; null without one. */
export function commonTicket(recordings: readonly Pick<Recording, 'ticket'>[]): string | null {
  const [one = null, ...others] = new Set(recordings.map(({ ticket }) => ticket));
  return others.length === 0 ? one : null;
}

/** Ticket to send: the typed one, or else the one in the reason, or else the recording's. */
export function ticketToSend({ ticketTyped, ticket, reason, recordingTicket }: RequestDraft): string {
  return ticketTyped ? ticket : (findTicket(reason) ?? recordingTicket ?? '');
}

/** Creates a draft. */
export function newDraft(rule: Rule, recordingTicket: string | null): RequestDraft {
  const minutes = minuteChoices(rule.minutes_max).findLast((length) => length <= 15) ?? rule.minutes_max;
  const { purpose, objects } = rule;
  return { purpose, reason: '', ticket: '', ticketTyped: false, recordingTicket, minutes, objects };
}

/** Request body for one recording. */
export function requestBodyOf(draft: RequestDraft, recording: string) {
  const ticket = ticketToSend(draft).trim();
  return {
    recording,
    purpose: draft.purpose,
    reason: draft.reason.trim(),
    minutes: draft.minutes,
    objects: draft.objects,
    ...(ticket === '' ? {} : { ticket }),
  };
}

/** Whether the draft can be sent. */
export function isComplete(draft: RequestDraft): boolean {
  const length = characterCount(draft.reason);
  return length >= LEAST_REASON && length <= MOST_REASON && draft.minutes >= 1 && draft.objects.length > 0;
}
