// Sign-ins by link: in which a first passkey may be added, and after which a first person may decide.
import { type At, GRACE_MS, MINUTE_MS } from './at.ts';

/** After a sign-in by link, a first person without a passkey decides this long. */
const DECIDES_MS = 5 * MINUTE_MS;
/** After a sign-in by link, a person without a passkey may add the first one this long. */
const FIRST_PASSKEY_MS = 30 * MINUTE_MS;

export type LinkSignIns = {
  readonly open: (at: At) => void;
  readonly end: (signIn: string) => void;
  /** Someone else removed a passkey of this person: a sign-in by link from before confirms nothing any more. */
  readonly spend: (person: string) => void;
  /** None is later than this, in milliseconds. */
  readonly correct: (to: number) => void;
  /** Whether the sign-in may confirm a first passkey. Older versions had no time for it. */
  readonly confirms: (signIn: string, at: At) => boolean;
  /** Whether this person signed in by link within the time for a decision. */
  readonly isJust: (person: string, now: number) => boolean;
};

/** Follows the sign-ins by link of a log. */
export function linkSignInsOf(): LinkSignIns {
  const opened = new Map<string, { readonly person: string; at: number }>();
  const last = new Map<string, number>();
  const isWithin = (since: number | undefined, now: number, time: number): boolean =>
    since !== undefined && now <= since + time + GRACE_MS;
  return {
    open: ({ leaf: { object, actor }, now }) => {
      opened.set(object.id, { person: actor.id, at: now });
      last.set(actor.id, now);
    },
    end: (signIn) => void opened.delete(signIn),
    spend: (person) => {
      last.delete(person);
      for (const [id, one] of opened) if (one.person === person) opened.delete(id);
    },
    correct: (to) => {
      for (const one of opened.values()) one.at = Math.min(one.at, to);
      for (const [person, at] of last) last.set(person, Math.min(at, to));
    },
    confirms: (signIn, { now, isNew }) => {
      const at = opened.get(signIn)?.at;
      return isNew ? isWithin(at, now, FIRST_PASSKEY_MS) : at !== undefined;
    },
    isJust: (person, now) => isWithin(last.get(person), now, DECIDES_MS),
  };
}
