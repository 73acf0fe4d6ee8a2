// Calendar days in the person's language. A day has no zone.
import { useTranslation } from 'react-i18next';
import { formatIn } from './use-format.ts';

/** Writes days such as 2027-03-31; another text stays. */
export type Days = {
  /** 31 Mar */
  readonly dayMonth: (day: string) => string;
  /** 31 Mar 2027 */
  readonly date: (day: string) => string;
};

/** Days in a language. */
export function daysIn(language: string): Days {
  const { dayMonth, date } = formatIn(language, 'UTC');
  const of = (format: (iso: string) => string) => (day: string) => {
    const noon = `${day}T12:00:00Z`;
    return Number.isNaN(Date.parse(noon)) ? day : format(noon);
  };
  return { dayMonth: of(dayMonth), date: of(date) };
}

/** Days in the current language. */
export function useDays(): Days {
  const { i18n } = useTranslation();
  return daysIn(i18n.language);
}
