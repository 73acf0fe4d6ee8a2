// The state of expiry: whether recordings that are due expire, how many are, and what holds it up.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { expiryQuery } from '../../retention/queries.ts';
import { ExpiryActions } from './expiry-actions.tsx';
import { useDueText } from './use-due-text.ts';

const TAG = { no_rules: 'tag', running: 'tag yes', paused: 'tag wait', braked: 'tag no' } as const;

export function ExpiryCard() {
  const { t } = useTranslation('retentionPage');
  const format = useFormat();
  const dueText = useDueText();
  const { data, error, isError, refetch } = useQuery(expiryQuery);
  return (
    <section className="card pad stack g3" aria-label={t('expiry')}>
      <div className="row">
        <h2 className="grow">{t('expiry')}</h2>
        {data === undefined ? null : <span className={TAG[data.state]}>{t(`state.${data.state}`)}</span>}
      </div>
      {isError && data === undefined ? <ErrorCard bare error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !isError ? <Skeleton rows={2} shape="lines" /> : null}
      {data === undefined ? null : (
        <>
          <p className="dim">
            {data.applying !== null && data.state === 'running'
              ? t('applying')
              : t(`state_text.${data.state}`, { at: data.since === null ? '' : format.near(data.since) })}
          </p>
          {data.waits_for_clock === null || data.state !== 'running' ? null : (
            <p className="dim">
              {data.waits_for_clock.until === null
                ? t('waits_for_clock')
                : t('waits_until', { at: format.near(data.waits_for_clock.until) })}
            </p>
          )}
          {data.state === 'no_rules' ? null : (
            <dl className="lines">
              <div>
                <dt>{t('due')}</dt>
                <dd>{dueText(data.due)}</dd>
              </div>
              <div>
                <dt>{t('erased_today')}</dt>
                <dd>{format.number(data.erased_today)}</dd>
              </div>
            </dl>
          )}
          <ExpiryActions expiry={data} />
        </>
      )}
    </section>
  );
}
