// What retention rules look at in a recording's facts.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { canonicalLanguage } from '../../bytes/language-tag.ts';
import { normalText } from '../../bytes/normal-text.ts';
import { fieldNameProblem, TEXT_FORMS } from '../fact-forms.ts';
import type { Facts } from '../facts.ts';

/** Attributes that every recording can have. Rules also look at any of `fields`. */
export const ATTRIBUTES = ['queue', 'source', 'direction', 'language', 'sensitivity', 'basis'] as const;
export type AttributeName = (typeof ATTRIBUTES)[number] | `field:${string}`;

/** Whether a text names an attribute. */
export function isAttribute(name: string): name is AttributeName {
  if (name.startsWith('field:')) return fieldNameProblem(name.slice('field:'.length)) === null;
  return (ATTRIBUTES as readonly string[]).includes(name);
}

/** The form of a text of a rule in which it is compared: normal text, of a language tag that of its canonical spelling. */
export function normalAttribute(name: AttributeName, text: string): string {
  const normal = normalText(text);
  return name === 'language' ? normalText(canonicalLanguage(normal) ?? normal) : normal;
}

/** Normal texts can be longer than the texts that facts may have: normalizing can make three characters of one. */
const MAX_TEXT = 3 * 256;

/** What is wrong with a text of a rule, which no recording could ever have; null where nothing is. */
export function attributeProblem(name: AttributeName, text: string): string | null {
  const normal = normalText(text);
  if (normal === '') return 'must not be empty';
  if (normal.length > MAX_TEXT) return `has more than ${MAX_TEXT} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern rejects control characters
  if (/[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(normal)) return 'must be one line of well-formed Unicode';
  return name === 'queue' || name.startsWith('field:') ? null : (TEXT_FORMS[name]?.(normal) ?? null);
}

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
