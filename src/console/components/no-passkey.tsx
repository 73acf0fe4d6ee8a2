// Said to someone who could decide and has no passkey to confirm it with.
import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { StateCard } from './state-card.tsx';

export function NoPasskey() {
  const { t } = useTranslation('approvals');
  return (
    <StateCard
      icon={KeyRound}
      tone="wait"
      title={t('no_passkey')}
      action={
        <Link to="/account" className="btn s">
          {t('add_passkey')}
        </Link>
      }
    >
      {t('no_passkey_text')}
    </StateCard>
  );
}
