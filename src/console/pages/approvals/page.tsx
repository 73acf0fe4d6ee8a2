// Approvals: what waits for a decision, and what is heard now.
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../components/use-title.ts';

export function ApprovalsPage() {
  const { t } = useTranslation('approvals');
  const { t: shell } = useTranslation('shell');
  useTitle(t('title'));
  return (
    <div className="page">
      <h1>{t('title')}</h1>
      <p className="dim">{shell('unfinished')}</p>
    </div>
  );
}
