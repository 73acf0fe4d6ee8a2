// Keys page: census, dry run, progress of rotations.
import './keys.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Building2, Download, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { saveFile } from '../../components/save-file.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { JobCard } from './job-card.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { csvOf, isDone, isRetirable } from './progress.ts';
import { keysQuery, type TenantKeys } from './queries.ts';
import { TenantsTable } from './tenants-table.tsx';

export function KeysPage() {
  const { t } = useTranslation('keys');
  useTitle(t('title'));
  const format = useFormat();
  const list = useInfiniteQuery(keysQuery);
  const [planned, setPlanned] = useState<TenantKeys | null>(null);
  const tenants = list.data?.pages.flatMap(({ data }) => data) ?? [];
  const jobs = tenants.filter((keys) => !isDone(keys) || isRetirable(keys));
  const others = tenants.filter((keys) => !jobs.includes(keys));
  const wrapped = tenants.reduce(
    (sum, { generations }) => sum + generations.reduce((all, one) => all + one.keys, 0),
    0,
  );
  const counted = tenants.map((keys) => keys.counted).sort()[0];
  return (
    <div className="page scroll keys-page">
      <header className="head">
        <h1>{t('title')}</h1>
        {counted === undefined ? null : (
          <span className="dim sub-line num">
            {t('tenants', { count: tenants.length })} · {t('wrapped', { count: wrapped })} ·{' '}
            {t('counted', { time: format.seconds(counted) })}
          </span>
        )}
        <span className="grow" />
        <button type="button" className="btn s q" disabled={list.isRefetching} onClick={() => void list.refetch()}>
          <RefreshCw className="i s" />
          {t('count_again')}
        </button>
        <button
          type="button"
          className="btn s"
          disabled={tenants.length === 0}
          onClick={() => saveFile('keys.csv', csvOf(tenants), 'text/csv')}
        >
          <Download className="i s" />
          {t('csv')}
        </button>
      </header>
      {list.isPending ? (
        <section className="card">
          <Skeleton />
        </section>
      ) : null}
      {list.isError ? <ErrorCard error={list.error} onRetry={() => void list.refetch()} /> : null}
      {jobs.map((keys) => (
        <JobCard key={keys.tenant} keys={keys} onPlan={setPlanned} />
      ))}
      {others.length === 0 ? null : <TenantsTable tenants={others} others={jobs.length > 0} onPlan={setPlanned} />}
      {list.isSuccess && tenants.length === 0 ? (
        <StateCard icon={Building2} title={t('empty')}>
          {t('empty_text')}
        </StateCard>
      ) : null}
      {list.hasNextPage ? (
        <div>
          <button type="button" className="btn s" onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </button>
        </div>
      ) : null}
      {planned === null ? null : <PlanPanel keys={planned} onClose={() => setPlanned(null)} />}
    </div>
  );
}
