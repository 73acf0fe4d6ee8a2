// Days of training in the person's language. A day has no zone.
import { useTranslation } from 'react-i18next';
import { formatIn } from './use-format.ts';

/** Writes a day such as 2027-03-31 as 31 Mar 2027. */
export function useTrainingDay(): (day: string) => string {
  const { i18n } = useTranslation();
  const { date } = formatIn(i18n.language, 'UTC');
  return (day) => (Number.isNaN(Date.parse(`${day}T12:00:00Z`)) ? day : date(`${day}T12:00:00Z`));
}
