// Message after a rejected or cancelled passkey.
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';

export function PasskeyFailed() {
  const { t } = useTranslation('approvals');
  return (
    <p className="row no" role="alert">
      <TriangleAlert className="i" />
      {t('passkey_failed')}
    </p>
  );
}
