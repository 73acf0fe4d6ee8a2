// The passkey was not accepted, or the browser's question was closed.
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
