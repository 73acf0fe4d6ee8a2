// People page: people, services and API keys; proposing, importing, deactivating and signing out; revoking keys.
import './people.css';
import { TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Lock, Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { ApiKeys } from './api-keys.tsx';
import { PeopleTable } from './people-table.tsx';
import { peoplePages } from './queries.ts';
import { findPeople } from './sort.ts';
import { PeopleToolbar, WaitingPeople } from './toolbar.tsx';

export function PeoplePage() {
  const { t, i18n } = useTranslation('people');
  useTitle(t('title'));
  const me = useMe();
  const [text, setText] = useState('');
  const list = useInfiniteQuery(peoplePages);
  const all = list.data?.pages.flatMap(({ data }) => data) ?? [];
  const shown = findPeople(all, text, i18n.language);
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
        <TextInput
          className="ppl-find"
          aria-label={t('find')}
          placeholder={t('find')}
          leftSection={<Search className="i s" />}
          value={text}
          maxLength={100}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
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
        {list.isPending ? <Skeleton /> : null}
        {list.isError ? <ErrorCard bare error={list.error} onRetry={() => void list.refetch()} /> : null}
        {shown.length === 0 ? null : <PeopleTable people={shown} names={names} />}
        {list.isSuccess && shown.length === 0 ? (
          <StateCard
            bare
            icon={Search}
            title={t('no_match')}
            action={
              <button type="button" className="btn s" onClick={() => setText('')}>
                {t('clear')}
              </button>
            }
          >
            {t('no_match_text')}
          </StateCard>
        ) : null}
        {list.hasNextPage ? (
          <div className="tfoot">
            <button type="button" className="btn s" onClick={() => void list.fetchNextPage()}>
              {t('more')}
            </button>
          </div>
        ) : null}
      </section>
      {can(me, 'api-key.read') ? <ApiKeys /> : null}
    </div>
  );
}
