// Says that the browser is offline, over whatever is on the page.
import { useNetwork } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';

export function OfflineBar() {
  const { t } = useTranslation();
  const { online } = useNetwork();
  return (
    <div role="status" className={online ? 'sr' : 'offline'}>
      {online ? '' : t('state.offline_now')}
    </div>
  );
}
