// What an approval includes beyond its minutes: the window for the first listen, and an extension.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { policyQuery } from '../../api/queries.ts';

/** Says when the clock of the grant would start, and whether it can be extended; nothing until the policy is read. */
export function ClockLine({ purpose }: { readonly purpose: string }) {
  const { t } = useTranslation('approvals');
  const rule = useQuery(policyQuery).data?.purposes.find((one) => one.purpose === purpose);
  if (rule === undefined) return null;
  const { window_hours: hours, extend_minutes: more } = rule;
  const start = hours === null ? t('clock.approval') : t('clock.window', { count: hours });
  const extension = hours === null || more === 0 ? null : t('clock.extension', { count: more });
  return (
    <p className="dim small">
      {start}
      {extension === null ? null : <br />}
      {extension}
    </p>
  );
}
