// What retention rules look at in a recording's facts.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { normalText } from '../../bytes/normal-text.ts';
import type { Facts } from '../facts.ts';

/** Attributes that every recording can have; beside them, rules look at any of `fields`. */
export const ATTRIBUTES = ['queue', 'source', 'direction', 'language', 'sensitivity', 'basis'] as const;
export type AttributeName = (typeof ATTRIBUTES)[number] | `field:${string}`;

/** What rules look at. Times are UTC with milliseconds. */
export type RuledFacts = {
  /** When the call began. */
  readonly startedAt: string;
  /** Normal texts. An attribute that the facts do not have is absent, and so is one whose normal text is empty. */
  readonly attributes: Readonly<Partial<Record<AttributeName, string>>>;
  /** When each reported event was or will be. */
  readonly events: Readonly<Record<string, string>>;
  readonly retainUntil: string | null;
};

/**
 * What rules look at in these facts. The basis counts by its kind, also one that was withdrawn: a legal minimum does not
 * end with a consent. `begun` is when the call counts as begun where the facts do not say it (the row's `started_at`).
 */
export function ruledFactsOf(facts: Facts, begun: string): RuledFacts {
  const { queue, source, direction, language, sensitivity = 'normal', basis, fields = {} } = facts;
  const named = Object.entries(fields).map(([name, text]) => [`field:${name}`, text] as const);
  const texts = Object.entries({ queue, source, direction, language, sensitivity, basis: basis.kind });
  const attributes = [...texts, ...named].flatMap(([name, text]) => {
    const normal = normalText(text ?? '');
    return normal === '' ? [] : [[name, normal] as const];
  });
  return {
    startedAt: facts.started_at ?? begun,
    attributes: Object.fromEntries(attributes),
    events: facts.events ?? {},
    retainUntil: facts.retain_until ?? null,
  };
}

/**
 * The text that a recording's profile is the blind index of: canonical JSON of those of its attributes that rules look at.
 * Recordings with the same text match the same rules. Events and `retain_until` are no part of it: previews count those
 * by day.
 */
export function profileText(attributes: RuledFacts['attributes'], names: readonly AttributeName[]): string {
  const known = names.filter((name) => Object.hasOwn(attributes, name));
  return canonicalBytes(Object.fromEntries(known.map((name) => [name, attributes[name]]))).toString('utf8');
}
