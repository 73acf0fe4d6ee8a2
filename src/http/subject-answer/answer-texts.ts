// Texts of an answer to a recorded person in one language: dates in the organisation's time zone, lengths, filled sentences.
import { answer as english } from '../../messages/en/answer.ts';
import { answer as chinese } from '../../messages/zh-CN/answer.ts';
import type { Language } from '../language.ts';

export type AnswerWords = typeof chinese;
type Group = Readonly<Record<string, string>>;

const WORDS: Readonly<Record<Language, AnswerWords>> = { en: english, 'zh-CN': chinese };
/** Day before month, as most readers of English outside of America write it. */
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', 'zh-CN': 'zh-CN' };

export type AnswerTexts = {
  readonly language: Language;
  readonly words: AnswerWords;
  /** The day of a UTC time. */
  readonly day: (time: string) => string;
  /** Day, hour and minute of a UTC time. */
  readonly time: (time: string) => string;
  /** A day of the calendar, YYYY-MM-DD. */
  readonly date: (day: string) => string;
  readonly length: (milliseconds: number) => string;
  /** A sentence of a group by its key and number, `heard_one` or `heard_other`. */
  readonly counted: (group: Group, key: string, count: number, values?: Group) => string;
};

/** The texts of a language, with times in this zone. */
export function answerTexts(language: Language, timeZone: string): AnswerTexts {
  const words = WORDS[language];
  const formatter = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(LOCALES[language], options);
  const days = formatter({ dateStyle: 'long', timeZone });
  const times = formatter({ dateStyle: 'long', timeStyle: 'short', timeZone, hourCycle: 'h23' });
  const dates = formatter({ dateStyle: 'long', timeZone: 'UTC' });
  return {
    language,
    words,
    day: (time) => days.format(new Date(time)),
    time: (time) => times.format(new Date(time)),
    date: (day) => dates.format(new Date(`${day}T00:00:00.000Z`)),
    length: (milliseconds) => {
      const all = Math.round(milliseconds / 1000);
      const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
      const form = hours > 0 ? 'hours' : minutes > 0 ? 'minutes' : 'seconds';
      return fill(words.length[form], {
        hours: String(hours),
        minutes: String(minutes),
        seconds: String(seconds),
      });
    },
    counted: (group, key, count, values = {}) =>
      fill(group[`${key}_${count === 1 ? 'one' : 'other'}`] ?? '', { count: String(count), ...values }),
  };
}

/** In one pass: what a value says is never taken for a placeholder. */
export function fill(text: string, values: Group): string {
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The text of a code; `other` of the group, or the code, where there is none. */
export function named(group: Group, code: string): string {
  if (Object.hasOwn(group, code)) return group[code] ?? code;
  return fill(group['other'] ?? code, { name: code });
}
