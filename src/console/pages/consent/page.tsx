// Consent page: withdrawals, the notices that callers hear, and restricting recordings.
import '../../components/list-card.css';
import './consent.css';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../components/use-title.ts';
import { Notices } from './notices.tsx';
import { RestrictionsCard } from './restrictions.tsx';
import { Withdrawals } from './withdrawals.tsx';

export function ConsentPage() {
  const { t } = useTranslation('consent');
  useTitle(t('title'));
  return (
    <div className="page scroll consent-page">
      <header className="head mid wrap">
        <h1>{t('title')}</h1>
        <span className="dim">{t('line')}</span>
      </header>
      <div className="consent-cols">
        <div className="stack g4">
          <Withdrawals />
          <Notices />
        </div>
        <aside className="stack g4" aria-label={t('restrictions')}>
          <RestrictionsCard />
        </aside>
      </div>
    </div>
  );
}
