// Recordings: finding calls, and what one may do with each.
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../components/use-title.ts';

export function RecordingsPage() {
  const { t } = useTranslation('recordings');
  const { t: shell } = useTranslation('shell');
  useTitle(t('title'));
  return (
    <div className="page">
      <h1>{t('title')}</h1>
      <p className="dim">{shell('unfinished')}</p>
    </div>
  );
}
