// Activity page: who listened and who allowed it, or all events on demand; newest first, checked in this browser.
import './activity.css';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Lock } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { serverNow } from '../../api/server-clock.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { HeldCard } from '../../components/held-log.tsx';
import { saveFile } from '../../components/save-file.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { useTitle } from '../../components/use-title.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useStore } from '../../state/store.ts';
import { verifierKeys } from '../../state/verifier-keys.ts';
import { CheckCard } from './check/check-card.tsx';
import { useShownCheck, useWholeLogCheck } from './check/use-check.ts';
import { listenersIn } from './events/event-text.ts';
import { Events } from './events/events.tsx';
import { EventsFooter } from './events/events-footer.tsx';
import { NoEvents } from './events/no-events.tsx';
import { activityQueryOf, isNarrowed, type SubjectFilter, withAll } from './filters/filter.ts';
import { Filters } from './filters/filters.tsx';
import { faultsByIndex } from './log/check.ts';
import { activityQuery, peopleQuery } from './log/queries.ts';

const route = getRouteApi('/shell/activity');
/** A filter with few matches loads this many further pages by itself. */
const MAX_AUTO_PAGES = 4;
const MIN_EVENTS = 12;

export function ActivityPage() {
  const { t } = useTranslation('activity');
  useTitle(t('title'));
  const { tenant } = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [named, setNamed] = useState<SubjectFilter>({ person: null, recording: null });
  const [at, setAt] = useState<number | null>(null);
  const narrowed = isNarrowed(search, named);
  const untouched = Object.keys(search).length === 0 && named.person === null && named.recording === null;
  const query = useMemo(
    () => ({ ...activityQueryOf(search, named, serverNow(), tenant.time_zone), at }),
    [search, named, at, tenant.time_zone],
  );
  const list = useInfiniteQuery(activityQuery(query));
  const people = useQuery(peopleQuery);
  const pages = list.data?.pages;
  const events = useMemo(() => pages?.flatMap(({ data }) => data) ?? [], [pages]);
  const log = pages?.[0]?.log ?? null;
  const shown = useShownCheck(events, log, !narrowed);
  const faults = useMemo(() => faultsByIndex(shown?.checked.faults ?? []), [shown]);
  const key = useStore(verifierKeys)[log ?? ''] ?? null;
  const whole = useWholeLogCheck(log, key === null ? [] : [key]);
  const names = useMemo(() => Object.assign({}, ...(pages?.map((page) => page.names) ?? [])), [pages]);
  const recordings = useMemo(() => Object.assign({}, ...(pages?.map((page) => page.recordings) ?? [])), [pages]);
  const roles = useMemo(() => new Map(people.data?.data.map((person) => [person.id, person.roles])), [people.data]);
  const listeners = useMemo(() => listenersIn(events), [events]);
  const looked = pages?.at(-1)?.looked ?? null;

  const { hasNextPage, isFetching, fetchNextPage } = list;
  const steps = pages?.length ?? 0;
  useEffect(() => {
    if (events.length < MIN_EVENTS && hasNextPage && !isFetching && steps > 0 && steps < MAX_AUTO_PAGES)
      void fetchNextPage();
  }, [events.length, hasNextPage, isFetching, steps, fetchNextPage]);

  const choose = (change: Partial<SubjectFilter>): void => {
    setAt(null);
    setNamed({ ...named, ...change });
  };
  const go = (index: number): void => {
    setNamed({ person: null, recording: null });
    setAt(index);
    void navigate({ search: withAll({}) });
  };
  const showAllOf = (change: Partial<SubjectFilter>): void => {
    choose(change);
    void navigate({ search: withAll({}) });
  };
  const save = (): void => {
    // Saved as the log has them, so that anyone with the file can recompute each hash.
    const lines = events.map(({ index, leaf, hash }) => JSON.stringify({ log, index, leaf, hash }));
    saveFile('activity.jsonl', `${lines.join('\n')}\n`, 'application/jsonl');
  };
  const clear = (): void => {
    choose({ person: null, recording: null });
    void navigate({ search: {} });
  };
  const sealed = events.some(({ detail_state: state }) => state === 'sealed') && Object.keys(names).length === 0;
  return (
    <div className="page scroll act">
      <header className="head mid">
        <h1>{t('title')}</h1>
        <span className="grow" />
        <span className="dim">{t('zone', { zone: useFormat().zone })}</span>
      </header>
      <HeldCard />
      <CheckCard shown={shown} narrowed={narrowed} whole={whole} log={log} verifier={key} onGo={go} onSave={save} />
      <Filters
        search={search}
        named={named}
        onSearch={(next) => {
          setAt(null);
          void navigate({ search: next, replace: true });
        }}
        onNamed={choose}
      />
      {sealed ? (
        <p className="row wait">
          <Lock className="i s" />
          {t('sealed')}
        </p>
      ) : null}
      <section className="card act-list">
        {list.isPending ? <Skeleton /> : null}
        {list.isError && events.length === 0 ? (
          <ErrorCard bare error={list.error} onRetry={() => void list.refetch()} />
        ) : null}
        {events.length > 0 ? (
          <Events
            events={events}
            cast={{ names, roles, recordings, listeners }}
            faults={faults}
            checked={shown !== null}
            onAllOf={showAllOf}
          />
        ) : null}
        {list.isSuccess && events.length === 0 ? (
          <NoEvents untouched={untouched} onAll={() => showAllOf({})} onClear={clear} />
        ) : null}
        <EventsFooter
          looked={looked}
          narrowed={narrowed}
          any={events.length > 0}
          more={hasNextPage}
          busy={list.isFetchingNextPage}
          onMore={() => void fetchNextPage()}
        />
      </section>
    </div>
  );
}
