// List of subject requests: what is asked, by whom, when the answer is due, and what comes next.
import { MoreRows } from '../../components/more-rows.tsx';
import './subjects.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { FilterX, ListFilter, Mailbox, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { PickFilter } from '../../components/pick-filter.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { requestPages } from '../../subjects/queries.ts';
import { RequestsTable } from './requests-table.tsx';
import { STATES } from './search-params.ts';

export function SubjectsPage() {
  const { t } = useTranslation('subjects');
  useTitle(t('title'));
  const me = useMe();
  const navigate = useNavigate();
  const { only: state } = useSearch({ from: '/shell/subject-requests' });
  const list = useInfiniteQuery(requestPages(state));
  const requests = (list.data?.pages ?? []).flatMap(({ data }) => data);
  const choose = (chosen: typeof state): void =>
    void navigate({ to: '/subject-requests', search: chosen === undefined ? {} : { only: chosen } });
  const manages = can(me, 'subject.manage');
  return (
    <div className="page scroll subjects">
      <header className="head mid">
        <h1>{t('title')}</h1>
        <span className="grow" />
        <PickFilter
          icon={ListFilter}
          label={state === undefined ? t('filter.label') : t('filter.chosen', { state: t(`state.${state}`) })}
          chosen={state}
          choices={STATES}
          word={(one) => t(`state.${one}`)}
          any={t('filter.any')}
          choose={choose}
        />
        {manages ? <NewRequest /> : null}
      </header>
      <p className="dim">{t('intro')}</p>
      <section className="card subjects-card" aria-label={t('list')}>
        {list.isPending ? <Skeleton rows={6} /> : null}
        {list.isError && list.data === undefined ? (
          <ErrorCard bare error={list.error} title={t('error')} onRetry={() => void list.refetch()} />
        ) : null}
        {requests.length === 0 ? null : <RequestsTable requests={requests} />}
        {list.isSuccess && requests.length === 0 && state === undefined ? (
          <StateCard bare icon={Mailbox} title={t('empty')} action={manages ? <NewRequest /> : undefined}>
            {t('empty_text')}
          </StateCard>
        ) : null}
        {list.isSuccess && requests.length === 0 && state !== undefined ? (
          <StateCard
            bare
            icon={FilterX}
            title={t('none')}
            action={
              <button type="button" className="btn s" onClick={() => choose(undefined)}>
                {t('show_all')}
              </button>
            }
          >
            {t('none_text')}
          </StateCard>
        ) : null}
        <MoreRows list={list} text={t('more')} />
      </section>
    </div>
  );
}

function NewRequest() {
  const { t } = useTranslation('subjects');
  return (
    <Link to="/subject-requests/new" className="btn p">
      <Plus className="i s" />
      {t('new')}
    </Link>
  );
}
