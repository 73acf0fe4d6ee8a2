// What `callvault init` must know: from its options, and from a person at a terminal for what they leave open.
import { VaultError } from '../../errors.ts';
import { BASIS_KINDS, type BasisKind } from '../../model/basis.ts';
import { basisKind } from '../support/options.ts';

/** What was written after the options that have no default. */
export type InitAnswers = {
  readonly tenant: string;
  readonly country: string;
  readonly defaultBasis: string;
  readonly admin: string;
  readonly approver: string;
  readonly reviewer: string;
  readonly service: string;
};

/** The same, checked: the country by its code. */
export type CheckedAnswers = InitAnswers & { readonly defaultBasis: BasisKind };

/** One thing to ask: as a text, or as a choice. */
export type Question = {
  readonly message: string;
  readonly placeholder?: string;
  /** Throws `malformed` for an answer that cannot be: it is asked for again. */
  readonly check?: (text: string) => void;
  readonly choices?: readonly { readonly value: string; readonly hint: string }[];
};

/** Asks a person and returns the answer. */
export type AskQuestion = (question: Question) => Promise<string>;

const BASIS_HINTS: Readonly<Record<string, string>> = {
  consent: 'the caller agrees to the recording',
  contract: 'needed for a contract with the caller',
  'legal-obligation': 'a law demands the recording',
  'legitimate-interest': 'weighed against the rights of the caller',
  none: 'recordings without a basis of their own are quarantined',
};

const QUESTIONS: Readonly<Record<keyof InitAnswers, Question>> = {
  tenant: { message: 'Name of the first tenant (the organisation whose calls are kept)', placeholder: 'Harbour Bank' },
  country: {
    message: 'Its country: two capital letters, for phone numbers without a country code',
    placeholder: 'GB',
    check: countryOf,
  },
  defaultBasis: {
    message: 'Legal basis of recordings that name none',
    choices: BASIS_KINDS.map((value) => ({ value, hint: BASIS_HINTS[value] ?? '' })),
  },
  admin: { message: 'Name of its admin, who manages people and API keys', placeholder: 'Ann' },
  approver: { message: 'Name of an approver, who decides on requests to listen', placeholder: 'Sue' },
  reviewer: { message: 'Name of a reviewer, who requests and listens: another person', placeholder: 'Rea' },
  service: { message: 'Name of the telephony platform that uploads', placeholder: 'FreeSWITCH' },
};

const NAMES = Object.keys(QUESTIONS) as readonly (keyof InitAnswers)[];

/**
 * The given answers, completed by asking. `ask` null: nobody is at a terminal. Throws `malformed`, which names every
 * option that is missing, and for an approver who is the reviewer.
 */
export async function completeAnswers(given: Partial<InitAnswers>, ask: AskQuestion | null): Promise<CheckedAnswers> {
  const missing = NAMES.filter((name) => given[name] === undefined);
  if (ask === null && missing.length > 0)
    throw new VaultError('malformed', `these options are missing: ${missing.map(optionOf).join(', ')}`);
  // What is wrong in the options is said before anything is asked.
  if (given.country !== undefined) countryOf(given.country);
  if (given.defaultBasis !== undefined) basisKind(given.defaultBasis);
  const answers = { ...given };
  for (const name of missing) if (ask !== null) answers[name] = (await ask(QUESTIONS[name])).trim();
  const written = answers as InitAnswers;
  const all = { ...written, country: countryOf(written.country), defaultBasis: basisKind(written.defaultBasis) };
  if (all.approver === all.reviewer)
    throw new VaultError(
      'malformed',
      'the approver and the reviewer are two people: nobody approves their own request',
    );
  return all;
}

/** The code of a country (ISO 3166-1) in its one spelling, so that UK is GB. Throws `malformed`. */
function countryOf(text: string): string {
  const region = /^[A-Za-z]{2}$/.test(text) ? new Intl.Locale(`und-${text}`).region : undefined;
  if (region !== undefined && new Intl.DisplayNames('en', { type: 'region' }).of(region) !== region) return region;
  throw new VaultError('malformed', 'the country is its two-letter code, like GB or CN');
}

function optionOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
