// Answers that `callvault init` needs: from its options, and from a person at a terminal for those that are missing.
import { VaultError } from '../../errors.ts';
import { BASIS_KINDS, type BasisKind } from '../../model/basis.ts';
import { basisKind } from '../support/options.ts';

/** Values of the options that have no default. */
export type InitAnswers = {
  readonly tenant: string;
  readonly country: string;
  readonly defaultBasis: string;
  readonly admin: string;
  readonly approver: string;
  readonly reviewer: string;
  readonly service: string;
  /** The first privacy officer; without one, policy, retention, holds and subject requests wait until one is added. */
  readonly privacy?: string | undefined;
};

/** Checked answers: the country is in its ISO spelling. */
export type CheckedAnswers = InitAnswers & { readonly defaultBasis: BasisKind };

/** A question: free text, or a choice. */
export type Question = {
  readonly message: string;
  readonly placeholder?: string;
  /** Throws `malformed` for an invalid answer; the question is repeated. */
  readonly check?: (text: string) => void;
  /** Whether an empty answer is one. */
  readonly optional?: true;
  readonly choices?: readonly { readonly value: string; readonly hint: string }[];
};

/** Asks a person and returns the answer. */
export type AskQuestion = (question: Question) => Promise<string>;

type Needed = Exclude<keyof InitAnswers, 'privacy'>;

const BASIS_HINTS: Readonly<Record<string, string>> = {
  consent: 'the caller agrees to the recording',
  contract: 'needed for a contract with the caller',
  'legal-obligation': 'a law demands the recording',
  'legitimate-interest': 'weighed against the rights of the caller',
  none: 'recordings that name no basis are quarantined',
};

const QUESTIONS: Readonly<Record<Needed, Question>> = {
  tenant: {
    message: 'Name of the first tenant (the organisation whose calls are stored)',
    placeholder: 'Harbour Bank',
  },
  country: {
    message: 'Its country: two capital letters, used for phone numbers without a country code',
    placeholder: 'GB',
    check: countryOf,
  },
  defaultBasis: {
    message: 'Legal basis of recordings uploaded without one',
    choices: BASIS_KINDS.map((value) => ({ value, hint: BASIS_HINTS[value] ?? '' })),
  },
  admin: { message: 'Name of its admin, who manages people and API keys', placeholder: 'Ann' },
  approver: { message: 'Name of an approver, who decides on requests to listen', placeholder: 'Sue' },
  reviewer: { message: 'Name of a reviewer, who requests access and listens; not the approver', placeholder: 'Rea' },
  service: { message: 'Name of the telephony platform that uploads', placeholder: 'FreeSWITCH' },
};

const PRIVACY: Question = {
  message:
    'Name of a privacy officer, who sets policy and retention, holds calls and answers subject requests (empty: none yet)',
  placeholder: 'Pia',
  optional: true,
};

const NAMES = Object.keys(QUESTIONS) as readonly Needed[];

/**
 * The given answers, completed by asking. `ask` is null when no terminal is attached. Throws `malformed`: names every
 * missing option, and rejects an approver who is also the reviewer.
 */
export async function completeAnswers(given: Partial<InitAnswers>, ask: AskQuestion | null): Promise<CheckedAnswers> {
  const missing = NAMES.filter((name) => given[name] === undefined);
  if (ask === null && missing.length > 0)
    throw new VaultError('malformed', `these options are missing: ${missing.map(optionOf).join(', ')}`);
  // Checks the options before the first question.
  if (given.country !== undefined) countryOf(given.country);
  if (given.defaultBasis !== undefined) basisKind(given.defaultBasis);
  const answers: { -readonly [name in keyof InitAnswers]?: InitAnswers[name] } = { ...given };
  for (const name of missing) if (ask !== null) answers[name] = (await ask(QUESTIONS[name])).trim();
  if (ask !== null && given.privacy === undefined) answers.privacy = (await ask(PRIVACY)).trim() || undefined;
  const written = answers as InitAnswers;
  const all = { ...written, country: countryOf(written.country), defaultBasis: basisKind(written.defaultBasis) };
  if (all.approver === all.reviewer)
    throw new VaultError(
      'malformed',
      'the approver and the reviewer must be different people: a person cannot approve their own request',
    );
  if (all.privacy !== undefined && [all.approver, all.reviewer].includes(all.privacy))
    throw new VaultError('malformed', 'the privacy officer must be another person than approver and reviewer');
  return all;
}

/** ISO 3166-1 code of a country in its canonical spelling, so that UK becomes GB. Throws `malformed`. */
function countryOf(text: string): string {
  const region = /^[A-Za-z]{2}$/.test(text) ? new Intl.Locale(`und-${text}`).region : undefined;
  if (region !== undefined && new Intl.DisplayNames('en', { type: 'region' }).of(region) !== region) return region;
  throw new VaultError('malformed', 'the country must be a two-letter code, such as GB or CN');
}

function optionOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
