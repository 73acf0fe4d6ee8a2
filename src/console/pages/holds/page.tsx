// Legal holds page: every hold with its state, how many recordings it keeps, and when someone looks at it again.
import { MoreRows } from '../../components/more-rows.tsx';
import '../../components/list-card.css';
import './holds.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Scale } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { HoldsTable } from './holds-table.tsx';
import { PlaceButton } from './place-hold.tsx';
import { holdPages } from './queries.ts';

const STATES = ['all', 'active', 'lifted'] as const;

export function HoldsPage() {
  const { t } = useTranslation('holds');
  useTitle(t('title'));
  const me = useMe();
  const [shown, setShown] = useState<(typeof STATES)[number]>('all');
  const list = useInfiniteQuery(holdPages(shown === 'all' ? null : shown));
  const holds = (list.data?.pages ?? []).flatMap(({ data }) => data);
  const places = can(me, 'hold.place');
  return (
    <div className="page scroll holds-page">
      <header className="head mid wrap">
        <h1>{t('title')}</h1>
        <span className="dim">{t('line')}</span>
        <span className="grow" />
        <fieldset className="seg">
          <legend className="sr">{t('shown')}</legend>
          {STATES.map((one) => (
            <button key={one} type="button" aria-pressed={shown === one} onClick={() => setShown(one)}>
              {t(`show.${one}`)}
            </button>
          ))}
        </fieldset>
        {places ? <PlaceButton /> : null}
      </header>
      <section className="card list-card" aria-label={t('list')}>
        {list.isPending ? <Skeleton /> : null}
        {list.isError && list.data === undefined ? (
          <ErrorCard bare error={list.error} title={t('error')} onRetry={() => void list.refetch()} />
        ) : null}
        {holds.length === 0 ? null : <HoldsTable holds={holds} />}
        <MoreRows list={list} text={t('more')} />
        {list.isSuccess && holds.length === 0 ? (
          <StateCard bare icon={Scale} title={t(shown === 'all' ? 'empty' : `empty_${shown}`)}>
            {shown === 'all' ? t(places ? 'empty_text' : 'empty_read') : null}
          </StateCard>
        ) : null}
      </section>
    </div>
  );
}
