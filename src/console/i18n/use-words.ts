// Texts for codes of the API; an unknown code is shown unchanged.
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

/** The part of a recording's basis that its text is of. */
type GivenBasis = { readonly kind: string; readonly defaulted?: boolean | undefined };

/** Looks up texts by area, group and code. */
export type Words = {
  /** A person's name, or a placeholder if the API does not return it. */
  readonly person: (name: string | null | undefined) => string;
  readonly role: (code: string) => string;
  readonly purpose: (code: string) => string;
  /** The purpose, as it appears inside a sentence. */
  readonly aPurpose: (code: string) => string;
  /** An object as the target of a request: to listen, a transcript. */
  readonly object: (name: string) => string;
  /** Several of them as a list. */
  readonly objects: (names: readonly string[]) => string;
  /** An object that exists: audio, a transcript with its language. */
  readonly thing: (name: string) => string;
  readonly direction: (code: string) => string;
  readonly basis: (code: string) => string;
  /** A recording's basis; says where it is the tenant's default and not the call's. */
  readonly givenBasis: (basis: GivenBasis) => string;
  readonly state: (code: string) => string;
  readonly sensitivity: (code: string) => string;
  readonly quarantine: (code: string) => string;
  readonly check: (name: string) => string;
  readonly checkCode: (code: string) => string;
  /** Why a call cannot be assigned. */
  readonly assignmentCode: (code: string) => string;
  /** Texts for an event of the log: action, kind of object, fields, reasons. */
  readonly action: (code: string, kind?: string) => string;
  readonly kind: (code: string) => string;
  readonly field: (code: string) => string;
  readonly reason: (code: string) => string;
  /** Coded value of another field: a period, a cause, on or off. */
  readonly value: (code: string) => string;
  readonly problem: (code: string) => string | null;
  /** Name of a language, without its country. */
  readonly speech: (tag: string) => string;
};

function translateCode(language: string, area: string, path: string, code: string): string | null {
  // Codes may contain dots and colons, the default separators of i18next.
  const group: unknown = i18next.getResource(language, area, path);
  const text = typeof group === 'object' && group !== null ? (group as Record<string, unknown>)[code] : undefined;
  return typeof text === 'string' ? text : null;
}

const cachedWords = new Map<string, Words>();
const languageNames = new Map<string, Intl.DisplayNames>();

function languageName(language: string, tag: string): string {
  try {
    const named = languageNames.get(language) ?? new Intl.DisplayNames([language], { type: 'language' });
    languageNames.set(language, named);
    return named.of(new Intl.Locale(tag).language) ?? tag;
  } catch {
    return tag;
  }
}

/** Texts of a language. */
export function wordsOf(language: string): Words {
  const words = cachedWords.get(language) ?? makeWords(language);
  cachedWords.set(language, words);
  return words;
}

function makeWords(language: string): Words {
  const of = (area: string, path: string) => (code: string) => translateCode(language, area, path, code) ?? code;
  const problems = (i18next.getResourceBundle(language, 'problems') ?? {}) as Record<string, string>;
  return {
    person: (name) => name ?? of('words', 'person')('unnamed'),
    role: of('words', 'roles'),
    purpose: of('words', 'purposes'),
    aPurpose: (code) => of('words', 'purposes')(code).toLowerCase(),
    object: of('words', 'objects'),
    objects: (names) => {
      const said = names.map(of('words', 'objects'));
      return said.map((word, at) => (at === 0 ? word : word.toLowerCase())).join(of('words', 'list')('join'));
    },
    thing: (name) => {
      const [kind = name, tag] = name.split('/');
      return [of('words', 'things')(kind), ...(tag === undefined ? [] : [tag])].join(' ');
    },
    direction: of('words', 'directions'),
    basis: of('words', 'bases'),
    givenBasis: ({ kind, defaulted }) => {
      const basis = of('words', 'bases')(kind);
      return defaulted === true && kind !== 'none'
        ? of('words', 'by_default')('basis').replace('{{basis}}', basis)
        : basis;
    },
    state: of('words', 'states'),
    sensitivity: of('words', 'sensitivities'),
    quarantine: of('words', 'quarantine'),
    check: of('checks', 'names'),
    checkCode: of('checks', 'codes'),
    assignmentCode: (code) => translateCode(language, 'assignments', 'codes', code) ?? of('checks', 'codes')(code),
    action: (code, kind = '') =>
      translateCode(language, 'events', 'actions_of', `${code} ${kind}`) ?? of('events', 'actions')(code),
    kind: of('events', 'kinds'),
    field: of('events', 'fields'),
    reason: of('events', 'reasons'),
    value: of('events', 'values'),
    problem: (code) => problems[code] ?? null,
    speech: (tag) => languageName(language, tag),
  };
}

/** Texts of the current language; rerenders when it changes. */
export function useWords(): Words {
  const { i18n } = useTranslation();
  return wordsOf(i18n.language);
}
