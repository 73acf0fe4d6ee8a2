// Erasures page: what was erased, when, why and by whom, with the certificate of each to download.
import { MoreRows } from '../../components/more-rows.tsx';
import '../../components/list-card.css';
import './erasures.css';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { FileX2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ErasureBody, Page } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { PickFilter } from '../../components/pick-filter.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { ErasureLine } from './erasure-line.tsx';

const REASONS = ['request', 'retention', 'court-order', 'error'] as const;
type Reason = (typeof REASONS)[number];
const POLL_MS = 30_000;

function erasurePages(reason: Reason | null) {
  return infiniteQueryOptions({
    queryKey: ['erasures', reason],
    queryFn: ({ signal, pageParam: cursor }) =>
      fetchJson<Page<ErasureBody>>('GET', '/v1/erasures', { query: { reason, cursor }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.data.some(({ unfinished }) => unfinished > 0)) === true ? POLL_MS : false,
  });
}

export function ErasuresPage() {
  const { t } = useTranslation('erasures');
  useTitle(t('title'));
  const [reason, setReason] = useState<Reason | null>(null);
  const list = useInfiniteQuery(erasurePages(reason));
  const erasures = (list.data?.pages ?? []).flatMap(({ data }) => data);
  return (
    <div className="page scroll erasures-page">
      <header className="head mid wrap">
        <h1>{t('title')}</h1>
        <span className="dim">{t('line')}</span>
        <span className="grow" />
        <PickFilter
          icon={FileX2}
          label={reason === null ? t('reason') : t(`reasons.${reason}`)}
          chosen={reason ?? undefined}
          choices={REASONS}
          word={(one) => t(`reasons.${one}`)}
          any={t('any')}
          choose={(one) => setReason(one ?? null)}
        />
      </header>
      <section className="card list-card" aria-label={t('title')}>
        {list.isPending ? <Skeleton /> : null}
        {list.isError && list.data === undefined ? (
          <ErrorCard bare error={list.error} title={t('error')} onRetry={() => void list.refetch()} />
        ) : null}
        {erasures.length === 0 ? null : (
          <table className="tbl era-tbl">
            <thead>
              <tr>
                <th className="c-at">{t('column.at')}</th>
                <th>{t('column.why')}</th>
                <th className="r c-count">{t('column.recordings')}</th>
                <th className="c-by">{t('column.by')}</th>
                <th className="c-certificate">{t('column.certificate')}</th>
              </tr>
            </thead>
            <tbody>
              {erasures.map((one) => (
                <ErasureLine key={one.event} erasure={one} />
              ))}
            </tbody>
          </table>
        )}
        {list.isSuccess && erasures.length === 0 && !list.hasNextPage ? (
          <StateCard bare icon={FileX2} title={t(reason === null ? 'empty' : 'empty_reason')}>
            {reason === null ? t('empty_text') : null}
          </StateCard>
        ) : null}
        <MoreRows list={list} text={t('more')} />
      </section>
    </div>
  );
}
