// Asking for access to a recording: the checks, and the one next step.
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../components/use-title.ts';

export function AskPage() {
  const { t } = useTranslation('ask');
  const { t: shell } = useTranslation('shell');
  useTitle(t('title'));
  return (
    <div className="page">
      <h1>{t('title')}</h1>
      <p className="dim">{shell('unfinished')}</p>
    </div>
  );
}
