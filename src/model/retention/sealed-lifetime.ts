// How long a recording stays by what is sealed and logged: the facts of the first day, and what changed later.
import type { Facts } from '../facts.ts';
import { addMilliseconds } from '../sign-in.ts';
import { type Due, dueOf, type Lifetime } from './lifetime.ts';
import type { RetentionRules } from './rules.ts';

/** So long after a call's audio was stored its facts are still being completed. */
const STANDING_MS = 86_400_000;

/** Whether a change at `at` comes after the facts of a call stand; `audioAt` null: it has no audio yet. */
export function isLate(audioAt: string | null, at: string): boolean {
  return audioAt !== null && at > addMilliseconds(audioAt, STANDING_MS);
}

/** Facts that a recording had: those of the first day, or those after a later change. */
export type FactsThen = {
  readonly facts: Facts;
  /** When the change was logged; null for the facts of the first day. */
  readonly at: string | null;
  /** The events that the change reports or removes. */
  readonly events: readonly string[];
  /** Whether the log has the subject's wish, or the withdrawal of all purposes, that the facts speak of. */
  readonly wished: boolean;
};

/**
 * What the rules say of all facts that a recording had, in their order: facts of the first day count, later ones only
 * lengthen. An event that a rule waited for ends the waiting, also for the facts before it, and counts from when its
 * report was logged if it says an earlier time. A wish that the log has shortens, to the minimum; what was said before it
 * no longer lengthens. `begun` is when the call counts as begun where the facts do not say it.
 */
export function sealedDue(rules: RetentionRules | null, begun: string, history: readonly FactsThen[]): Due {
  const counted = withCountedEvents(history);
  const reported = counted.at(-1)?.events ?? {};
  const dues = counted.map(({ facts, events }) =>
    dueOf(rules, withoutWish({ ...facts, events: { ...reported, ...events } }), begun),
  );
  const last = dues.at(-1);
  if (last === undefined) throw new TypeError('a recording has facts');
  const keepUntil = latest(dues.map((due) => due.keepUntil));
  const asked = history.at(-1)?.wished ?? false;
  const since = history.findLastIndex(({ wished }) => wished) + 1;
  const eraseAfter = asked
    ? (keepUntil ?? '')
    : (latest([...dues.slice(since).map((due) => due.eraseAfter), keepUntil]) ?? '');
  return { keepUntil, eraseAfter, evaluation: last.evaluation, asked };
}

type Counted = { readonly facts: Facts; readonly events: Readonly<Record<string, string>> };

function withCountedEvents(history: readonly FactsThen[]): readonly Counted[] {
  const raised = new Map<string, string>();
  return history.map(({ facts, at, events }) => {
    const said = facts.events ?? {};
    for (const name of events) {
      const time = Object.hasOwn(said, name) ? said[name] : undefined;
      if (at === null || time === undefined) raised.delete(name);
      else raised.set(name, latest([time, at]) ?? at);
    }
    return {
      facts,
      events: Object.fromEntries(Object.entries(said).map(([name, t]) => [name, raised.get(name) ?? t])),
    };
  });
}

/** A wish counts by the log, not by what facts say. */
function withoutWish({ asked: _, basis, ...facts }: Facts): Facts {
  const { withdrawn: __, ...kept } = basis;
  return { ...facts, basis: kept } as Facts;
}

function latest(times: readonly (string | null)[]): string | null {
  return times.reduce((best, one) => (one !== null && (best === null || one > best) ? one : best), null);
}

/** Whether a row says an earlier time than what is sealed. */
export function saysEarlier({ eraseAfter, keepUntil }: Pick<Lifetime, 'eraseAfter' | 'keepUntil'>, due: Due): boolean {
  return (eraseAfter !== null && eraseAfter < due.eraseAfter) || (keepUntil ?? '') < (due.keepUntil ?? '');
}
