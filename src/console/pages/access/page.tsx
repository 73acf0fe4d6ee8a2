// My access: what is open, what waits, what is over.
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../components/use-title.ts';

export function AccessPage() {
  const { t } = useTranslation('access');
  const { t: shell } = useTranslation('shell');
  useTitle(t('title'));
  return (
    <div className="page">
      <h1>{t('title')}</h1>
      <p className="dim">{shell('unfinished')}</p>
    </div>
  );
}
