// Who can make copies by a decision that waits, until when and how often: both people sign it.
import { useTranslation } from 'react-i18next';
import { useWords } from '../i18n/use-words.ts';

type Copies = {
  readonly officer_name: string | null;
  readonly recordings: number;
  readonly hours: number;
  readonly downloads: number;
};

export function ApprovedCopies({ copies }: { readonly copies: Copies | null | undefined }) {
  const { t } = useTranslation('subjects');
  const words = useWords();
  if (copies == null) return null;
  const { officer_name, recordings: count, hours, downloads } = copies;
  return <p>{t('decision.copies', { name: words.person(officer_name), count, hours, downloads })}</p>;
}
