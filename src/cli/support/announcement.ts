// The announcement that a new tenant plays to every caller, from options or a question.
import { VaultError } from '../../errors.ts';
import { TEXT_FORMS } from '../../model/fact-forms.ts';
import type { Announcement } from '../../vault/tenants/announce.ts';

export type AnnouncementOptions = { readonly announcement?: string; readonly announcementLanguage?: string };

/** A question with an answer that may be empty. */
type Ask = (question: {
  readonly message: string;
  readonly placeholder: string;
  readonly optional: true;
}) => Promise<string>;

/** As the API: the longest text of a notice. */
const MAX_TEXT = 8_000;

/**
 * The announcement of the options. With consent as the default basis, `ask` (null: no terminal) asks for a missing one; an
 * empty answer is none. Throws `malformed`.
 */
export async function announcementFor(
  { announcement, announcementLanguage }: AnnouncementOptions,
  defaultBasis: string,
  ask: Ask | null,
): Promise<Announcement | undefined> {
  const asked = announcement === undefined && defaultBasis === 'consent' && ask !== null;
  const text = (asked ? await ask(QUESTION) : (announcement ?? '')).trim();
  if (text === '') {
    if (announcementLanguage === undefined && announcement === undefined) return undefined;
    throw new VaultError('malformed', '--announcement must have the words that every caller hears');
  }
  if (text.length > MAX_TEXT) throw new VaultError('malformed', `--announcement has more than ${MAX_TEXT} characters`);
  const language = announcementLanguage ?? 'en';
  const wrong = TEXT_FORMS['language']?.(language) ?? null;
  if (wrong !== null) throw new VaultError('malformed', `--announcement-language ${wrong}`);
  return { language, text };
}

const QUESTION = {
  message:
    'Words that every caller hears before recording begins. Empty: not all callers hear them; then only calls that name consent themselves open quality and training',
  placeholder: 'This call is recorded for quality and training.',
  optional: true,
} as const;
