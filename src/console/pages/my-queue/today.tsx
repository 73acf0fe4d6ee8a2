// What the reviewer has used today, beside the policy's limits.
import { useTranslation } from 'react-i18next';

type Used = { readonly used: number; readonly limit: number | null };
type Props = { readonly calls: Used; readonly minutes: Used };

export function Today({ calls, minutes }: Props) {
  const { t } = useTranslation('queue');
  return (
    <section className="pad stack mq-part mq-today" aria-label={t('today.title')}>
      <div className="halves">
        <Use name="calls" {...calls} />
        <Use name="minutes" {...minutes} />
      </div>
      <p className="mute small">{t('today.note')}</p>
    </section>
  );
}

function Use({ name, used, limit }: Used & { readonly name: 'calls' | 'minutes' }) {
  const { t } = useTranslation('queue');
  return (
    <div className="stack g1">
      <p className="row">
        <span className="dim small grow">{t(`today.${name}`)}</span>
        <span>
          <b className="b num">{used}</b>{' '}
          {limit === null ? null : <span className="mute">{t('today.of', { limit })}</span>}
        </span>
      </p>
      {limit === null ? null : (
        <span className="bar" aria-hidden="true">
          <i style={{ width: `${Math.min(100, (used / Math.max(1, limit)) * 100)}%` }} />
        </span>
      )}
    </div>
  );
}
