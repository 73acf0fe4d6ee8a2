// How many recordings are due, as a text: the API counts up to a limit.
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.ts';

/** The API counts no further. */
const MOST_COUNTED = 100_000;

/** The number; from the limit on, "or more". */
export function useDueText(): (due: number) => string {
  const { t } = useTranslation('retentionPage');
  const format = useFormat();
  return (due) => (due >= MOST_COUNTED ? t('due_most', { number: format.number(due) }) : format.number(due));
}
