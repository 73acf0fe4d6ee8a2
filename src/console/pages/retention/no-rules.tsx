// A tenant without retention rules: nothing expires; the first rules begin with a starter pack.
import { useQuery } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { packsQuery } from '../../retention/queries.ts';
import type { Rules } from '../../retention/rules.ts';
import { firstRules } from './edit/draft.ts';
import { ProposeRules } from './propose-rules.tsx';

export function NoRules() {
  const { t, i18n } = useTranslation('retentionPage');
  const me = useMe();
  const packs = useQuery(packsQuery(i18n.language));
  const [start, setStart] = useState<Rules | null>(null);
  const proposes = can(me, 'change.propose') && me.principal.roles.includes('privacy');
  return (
    <>
      <StateCard
        icon={CalendarClock}
        title={t('empty_title')}
        action={
          proposes ? (
            <button type="button" className="btn s" onClick={() => setStart(firstRules(t('all')))}>
              {t('own_start')}
            </button>
          ) : undefined
        }
      >
        <p>{t(proposes ? 'empty_text' : 'empty_read')}</p>
      </StateCard>
      <section className="stack g3" aria-label={t('packs')}>
        <div>
          <h2>{t('packs')}</h2>
          <p className="dim small">{t('packs_text')}</p>
        </div>
        {packs.isPending ? <Skeleton rows={5} shape="lines" /> : null}
        {packs.isError ? <ErrorCard error={packs.error} onRetry={() => void packs.refetch()} /> : null}
        <ul className="packs">
          {(packs.data?.data ?? []).map(({ id, title, about, rules }) => (
            <li key={id} className="card pad stack g3">
              <div className="row">
                <h3 className="grow b">{title}</h3>
                {rules.keep.length === 0 ? null : (
                  <span className="mute small">{t('rules', { count: rules.keep.length })}</span>
                )}
              </div>
              <p className="dim">{about}</p>
              {rules.keep.length === 0 ? null : (
                <p className="mute small">{[...new Set(rules.keep.map(({ law }) => law))].join(' · ')}</p>
              )}
              {proposes ? (
                <div>
                  <button
                    type="button"
                    className="btn s"
                    aria-label={`${t('start')} ${title}`}
                    onClick={() => setStart(rules)}
                  >
                    {t('start')}
                  </button>
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      </section>
      {start === null ? null : <ProposeRules base={null} rules={start} close={() => setStart(null)} />}
    </>
  );
}
