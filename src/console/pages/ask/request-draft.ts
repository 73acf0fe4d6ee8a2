// What is asked for, while it is being written.
import type { Policy, Recording } from '../../api/types.ts';

export const LEAST_REASON = 10;
export const MOST_REASON = 500;
export const MINUTES = [10, 15, 30, 60] as const;

export type Rule = Policy['purposes'][number];
export type RequestDraft = {
  readonly purpose: string;
  readonly reason: string;
  readonly ticket: string;
  /** Whether the ticket was typed, and not found in the reason or with the recording. */
  readonly ticketTyped: boolean;
  /** The recording's own, where it has one; several recordings have one only where all have the same. */
  readonly recordingTicket: string | null;
  /** 0 while what was typed is no length. */
  readonly minutes: number;
  readonly objects: readonly string[];
};

/** A ticket's number as it stands in a text, such as CS-20261125-0417. */
export function findTicket(reason: string): string | null {
  return /(?<![\w-])[A-Z]{2,8}-(?:\d+-)*\d{3,}(?![\w-])/.exec(reason)?.[0] ?? null;
}

/** The characters of a text as people count them. */
export function characterCount(text: string): number {
  return [...text.trim()].length;
}

/** The purposes that one's roles may use. */
export function rulesFor(policy: Policy | undefined, roles: readonly string[]): readonly Rule[] {
  return policy?.purposes.filter((rule) => rule.roles.some((role) => roles.includes(role))) ?? [];
}

/** The lengths offered: those of the purpose, its own longest among them. */
export function minuteChoices(longest: number): number[] {
  const short = MINUTES.filter((minutes) => minutes <= longest);
  return short.length === 0 ? [longest] : short;
}

/** The minutes that a text says; 0 where it says none that the purpose allows. */
export function parseMinutes(typed: string, most: number): number {
  const text = typed.normalize('NFKC').trim();
  const minutes = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return minutes <= most ? minutes : 0;
}

/** A purpose's rule for a recording: what is not there cannot be asked for. */
export function withAvailableObjects(rule: Rule, recording: Pick<Recording, 'objects'>): Rule {
  const isThere = (name: string): boolean =>
    name !== 'transcript' || recording.objects.some((object) => object.name.startsWith('transcript/'));
  return { ...rule, objects: rule.objects.filter(isThere) };
}

/** A wish that fits a purpose: not longer than it allows, nothing it does not. */
export function fitToRule(wish: RequestDraft, rule: Rule): RequestDraft {
  const objects = wish.objects.filter((name) => rule.objects.includes(name));
  return { ...wish, purpose: rule.purpose, minutes: Math.min(wish.minutes, rule.minutes_max), objects };
}

/** The one ticket of some recordings; null where they have none or several. */
export function commonTicket(recordings: readonly Pick<Recording, 'ticket'>[]): string | null {
  const [one = null, ...others] = new Set(recordings.map(({ ticket }) => ticket));
  return others.length === 0 ? one : null;
}

/** The ticket as it will be sent: typed before found in the reason, before the recording's own. */
export function ticketToSend({ ticketTyped, ticket, reason, recordingTicket: ticketThere }: RequestDraft): string {
  return ticketTyped ? ticket : (findTicket(reason) ?? ticketThere ?? '');
}

/** A new wish. */
export function newDraft(rule: Rule, ticketThere: string | null): RequestDraft {
  const minutes = minuteChoices(rule.minutes_max).findLast((length) => length <= 15) ?? rule.minutes_max;
  const { purpose, objects } = rule;
  return { purpose, reason: '', ticket: '', ticketTyped: false, recordingTicket: ticketThere, minutes, objects };
}

/** The body of the request for one recording. */
export function requestBodyOf(wish: RequestDraft, recording: string) {
  const ticket = ticketToSend(wish).trim();
  return {
    recording,
    purpose: wish.purpose,
    reason: wish.reason.trim(),
    minutes: wish.minutes,
    objects: wish.objects,
    ...(ticket === '' ? {} : { ticket }),
  };
}

/** Whether it can be asked for as it is. */
export function isComplete(wish: RequestDraft): boolean {
  const length = characterCount(wish.reason);
  return length >= LEAST_REASON && length <= MOST_REASON && wish.minutes >= 1 && wish.objects.length > 0;
}
