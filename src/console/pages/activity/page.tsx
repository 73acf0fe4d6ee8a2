// Activity: who did and heard what.
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../components/use-title.ts';

export function ActivityPage() {
  const { t } = useTranslation('activity');
  const { t: shell } = useTranslation('shell');
  useTitle(t('title'));
  return (
    <div className="page">
      <h1>{t('title')}</h1>
      <p className="dim">{shell('unfinished')}</p>
    </div>
  );
}
