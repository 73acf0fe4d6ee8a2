// The detail of a problem: the first check that failed, or what would have been accepted, in the caller's language.
import type { VaultError } from '../errors.ts';
import { reasons as english } from '../messages/en/reasons.ts';
import { reasons as chinese } from '../messages/zh-CN/reasons.ts';
import type { Language } from './language.ts';

type Sentences = Readonly<Record<string, Readonly<Record<string, string>>>>;
type Failed = {
  readonly check?: unknown;
  readonly ok?: unknown;
  readonly code?: unknown;
  readonly detail?: unknown;
};

const REASONS: Readonly<Record<Language, Sentences>> = { en: english, 'zh-CN': chinese };

/** The detail of an error for people; where no check failed and no type was refused, the error's own message, in English. */
export function detailOf(error: VaultError, language: Language): string {
  if (error.accepts.length > 0)
    return sentence(language, 'media-type', 'not_accepted', error.accepts.join(', ')) ?? error.message;
  const failed = (error.checks as readonly Failed[] | undefined)?.find(({ ok }) => ok !== true);
  if (failed === undefined) return error.message;
  return sentence(language, String(failed.check), String(failed.code), String(failed.detail ?? '')) ?? error.message;
}

function sentence(language: Language, check: string, code: string, detail: string): string | null {
  const sentences = REASONS[language][check];
  return sentences !== undefined && Object.hasOwn(sentences, code)
    ? (sentences[code]?.replace('{{detail}}', () => detail) ?? null)
    : null;
}
