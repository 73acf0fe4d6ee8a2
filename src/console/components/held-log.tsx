// Said where the tenant's log is held: what differs, what that stops, and who ends it.
import { ShieldAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/current-user.ts';
import { StateCard } from './state-card.tsx';

/** One line above every page while the log of the signed-in person's tenant is held. */
export function HeldBar() {
  const { t } = useTranslation();
  const { tenant } = useMe();
  if (tenant.held === null) return null;
  return (
    <div role="alert" className="held row">
      <ShieldAlert className="i" />
      <span className="grow">{t(tenant.id === 'deployment' ? 'held.bar_deployment' : 'held.bar')}</span>
    </div>
  );
}

/** The same as a card above the log's events, which also says how it differs. */
export function HeldCard() {
  const { t } = useTranslation();
  const { id, held } = useMe().tenant;
  if (held === null) return null;
  return (
    <StateCard icon={ShieldAlert} tone="no" title={t('held.title')}>
      <p>{t(`held.${held}`)}</p>
      <p>{t(id === 'deployment' ? 'held.bar_deployment' : 'held.until')}</p>
      <p>{t('held.read')}</p>
      <p>{t('held.stored')}</p>
    </StateCard>
  );
}
