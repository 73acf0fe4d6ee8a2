// The detail of a problem: the first failed check or the accepted values, in the caller's language; or the first invalid
// field.
import type { FieldError, VaultError } from '../errors.ts';
import { reasons as english } from '../messages/en/reasons.ts';
import { reasons as chinese } from '../messages/zh-CN/reasons.ts';
import type { Language } from './language.ts';
import { sentenceOf } from './schema-faults.ts';

type Sentences = Readonly<Record<string, Readonly<Record<string, string>>>>;
type FailedCheck = {
  readonly check?: unknown;
  readonly ok?: unknown;
  readonly code?: unknown;
  readonly detail?: unknown;
};

const REASONS: Readonly<Record<Language, Sentences>> = { en: english, 'zh-CN': chinese };

/** The detail of an error for people. Field errors, and errors without checks or accepted values, are in English. */
export function detailOf(error: VaultError, language: Language): string {
  if (error.accepts.length > 0) return typeSentence(error, language);
  const failed = (error.checks as readonly FailedCheck[] | undefined)?.find(({ ok }) => ok !== true);
  if (failed === undefined) return error.fields.length > 0 ? firstFieldError(error.fields, language) : error.message;
  return (
    reasonSentence(language, String(failed.check), String(failed.code), String(failed.detail ?? '')) ?? error.message
  );
}

/** The accepted media types, and the name of what the body is instead where its content shows it. */
function typeSentence({ accepts, found, formats, message }: VaultError, language: Language): string {
  const unknown = formats.length === 0 ? 'not_accepted' : 'content_unknown';
  const code = found === null ? unknown : 'content_not_accepted';
  const sentence = reasonSentence(language, 'media-type', code, accepts.join(', ')) ?? message;
  return sentence.replace('{{found}}', () => found ?? '').replace('{{formats}}', () => formats.join(', '));
}

/** The first field error, and the number of further ones. */
function firstFieldError(fields: readonly FieldError[], language: Language): string {
  const [first = ''] = fields.map(({ pointer, detail }) =>
    pointer === '' ? sentenceOf(language, 'body', detail) : `${pointer} ${detail}`,
  );
  if (fields.length === 1) return first;
  return sentenceOf(language, 'more', first).replace('{{count}}', () => String(fields.length - 1));
}

function reasonSentence(language: Language, check: string, code: string, detail: string): string | null {
  const sentences = REASONS[language][check];
  return sentences !== undefined && Object.hasOwn(sentences, code)
    ? (sentences[code]?.replace('{{detail}}', () => detail) ?? null)
    : null;
}
