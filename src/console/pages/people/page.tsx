// People page: people, services and API keys; proposing, importing, deactivating and signing out; revoking keys.
import './people.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Lock, Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { serverNow } from '../../api/server-clock.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { ApiKeys } from './api-keys.tsx';
import { PeopleFilters } from './filters.tsx';
import { PeopleTable } from './people-table.tsx';
import { peoplePages } from './queries.ts';
import { matchesFilters } from './search-params.ts';
import { findPeople } from './sort.ts';
import { PeopleToolbar, WaitingPeople } from './toolbar.tsx';

export function PeoplePage() {
  const { t, i18n } = useTranslation('people');
  useTitle(t('title'));
  const me = useMe();
  const navigate = useNavigate();
  const search = useSearch({ from: '/shell/people' });
  const [text, setText] = useState('');
  const list = useInfiniteQuery(peoplePages);
  const all = list.data?.pages.flatMap(({ data }) => data) ?? [];
  const now = serverNow();
  const shown = findPeople(
    all.filter((one) => matchesFilters(one, search, now)),
    text,
    i18n.language,
  );
  const filtered = text.trim() !== '' || Object.keys(search).length > 0;
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = list;
  // Filters are for everyone, and not for the pages that happen to be read.
  const reading = filtered && hasNextPage && !isError;
  useEffect(() => {
    if (reading && !isFetchingNextPage) void fetchNextPage();
  }, [reading, isFetchingNextPage, fetchNextPage]);
  const clear = (): void => {
    setText('');
    void navigate({ to: '/people', search: {} });
  };
  const names = new Map(all.map(({ id, name }) => [id, name ?? id]));
  const services = all.filter(({ kind }) => kind === 'service').length;
  const sealed = all.length > 0 && all.every(({ name }) => name === null);
  return (
    <div className="page scroll people-page">
      <header className="head">
        <h1>{t('title')}</h1>
        {all.length === 0 ? null : (
          <span className="dim sub-line">
            {t('people', { count: all.length - services })} · {t('services', { count: services })}
          </span>
        )}
        <span className="grow" />
        {can(me, 'people.import') ? <PeopleToolbar /> : null}
      </header>
      <p className="dim">{t('giving')}</p>
      {can(me, 'people.import') ? <WaitingPeople /> : null}
      {sealed ? (
        <p className="row wait">
          <Lock className="i s" />
          {t('sealed_text')}
        </p>
      ) : null}
      <section className="card ppl-card" aria-label={t('section')}>
        <PeopleFilters
          text={text}
          setText={setText}
          clear={filtered ? clear : null}
          shown={shown.length}
          all={all.length}
        />
        {list.isPending || (reading && shown.length === 0) ? <Skeleton /> : null}
        {list.isError ? <ErrorCard bare error={list.error} onRetry={() => void list.refetch()} /> : null}
        {shown.length === 0 ? null : <PeopleTable people={shown} names={names} />}
        {list.isSuccess && !reading && shown.length === 0 ? (
          <StateCard
            bare
            icon={Search}
            title={t('no_match')}
            action={
              <button type="button" className="btn s" onClick={clear}>
                {t('filter.clear')}
              </button>
            }
          >
            {t('no_match_text')}
          </StateCard>
        ) : null}
        {hasNextPage && !filtered ? (
          <div className="tfoot">
            <button type="button" className="btn s" onClick={() => void fetchNextPage()}>
              {t('more')}
            </button>
          </div>
        ) : null}
      </section>
      {can(me, 'api-key.read') ? <ApiKeys /> : null}
    </div>
  );
}
