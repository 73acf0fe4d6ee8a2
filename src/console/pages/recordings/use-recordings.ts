// List of recordings for the current filters: pages by cursor, with a small first page that loads fast.
import {
  infiniteQueryOptions,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import type { Page } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import { newestLiveGrantsQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import type { Recording } from '../../api/types.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { coalesce } from '../../live/coalesce.ts';
import { onAccessEvent } from '../../live/event-stream.ts';
import { type PersonalTerms, personalTerms } from '../../shell/personal-search.ts';
import { useStore } from '../../state/store.ts';
import type { RecordingsSearch } from './search-params.ts';
import { timeRangeOf } from './time-range.ts';

const FIRST_PAGE = 50;
const NEXT_PAGE = 200;
const MINUTE_MS = 60_000;

/** Query of a list: filters in the address, terms outside it, and the day and zone of the periods. */
export type RecordingsQuery = {
  readonly search: RecordingsSearch;
  readonly terms: PersonalTerms;
  readonly day: string;
  readonly zone: string;
};

/** Filters as the API takes them. */
export function filtersOf({ search, day, zone }: RecordingsQuery) {
  const { span, min, max, ...plain } = search;
  return {
    ...timeRangeOf(span, day, zone),
    ...plain,
    ...(min === undefined ? {} : { min_ms: min * MINUTE_MS }),
    ...(max === undefined ? {} : { max_ms: max * MINUTE_MS }),
  };
}

function listQuery(asked: RecordingsQuery) {
  const { search, terms, day, zone } = asked;
  return infiniteQueryOptions({
    queryKey: ['recordings', search, terms, day, zone],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        ...filtersOf(asked),
        ...(pageParam === null ? {} : { cursor: pageParam }),
        limit: pageParam === null ? FIRST_PAGE : NEXT_PAGE,
      };
      if (Object.keys(terms).length === 0) return fetchJson<Found>('GET', '/v1/recordings', { query, signal });
      return fetchJson<Found>('POST', '/v1/recordings/search', { body: { ...query, ...terms }, signal });
    },
    getNextPageParam: ({ next_cursor }) => next_cursor,
    // New rows would move the others under the pointer; they appear only on request.
    refetchOnWindowFocus: false,
    refetchOnReconnect: ({ state }) => state.status === 'error',
  });
}

type Pages = { readonly pages: readonly Page<Recording>[] };

/** A page of a search: whether older recordings may be missing. */
type Found = Page<Recording> & { readonly complete?: boolean };

/** Updates recordings in every list that shows them; refetching all their pages would take long. */
export function updateRows(client: QueryClient, recordings: readonly Recording[]): void {
  const now = new Map(recordings.map((recording) => [recording.id, recording]));
  client.setQueriesData<Pages>({ queryKey: ['recordings'] }, (lists) => {
    if (lists?.pages === undefined) return lists;
    const swap = (row: Recording) => now.get(row.id) ?? row;
    return { ...lists, pages: lists.pages.map((page) => ({ ...page, data: page.data.map(swap) })) };
  });
}

/** Whether a cached list shows this recording. */
function isListed(client: QueryClient, id: string): boolean {
  const lists = client.getQueriesData<Pages>({ queryKey: ['recordings'] });
  return lists.some(([, list]) => list?.pages?.some(({ data }) => data.some((row) => row.id === id)) ?? false);
}

/** Refetches one recording and updates it in the lists. */
export async function refreshRow(client: QueryClient, id: string): Promise<void> {
  updateRows(client, [await fetchJson<Recording>('GET', `/v1/recordings/${id}`)]);
}

/** Loaded rows, and a function that loads more. */
export function useRecordings() {
  const client = useQueryClient();
  const search = useSearch({ from: '/shell/recordings' });
  const terms = useStore(personalTerms);
  const format = useFormat();
  const day = format.day(new Date(serverNow()).toISOString());
  const asked = { search, terms, day, zone: format.timeZone };
  const query = listQuery(asked);
  const list = useInfiniteQuery(query);
  const rows = useMemo(() => list.data?.pages.flatMap(({ data }) => data) ?? [], [list.data]);
  const { mine } = search;
  const { refetch } = list;
  useEffect(
    () =>
      onAccessEvent(({ recording }) => {
        if (mine !== undefined) void refetch();
        else if (recording !== undefined && isListed(client, recording)) {
          coalesce(`row ${recording}`, () => void refreshRow(client, recording).catch(() => undefined));
        }
      }),
    [client, mine, refetch],
  );
  useGrantChanges(client);
  const readAnew = async (): Promise<void> => {
    // Refetches the first page only, however many pages were loaded.
    client.setQueryData(query.queryKey, (old) =>
      old === undefined ? old : { pages: old.pages.slice(0, 1), pageParams: old.pageParams.slice(0, 1) },
    );
    await refetch();
  };
  const isComplete = list.data?.pages.every(({ complete }) => complete !== false) ?? true;
  return { list, rows, isComplete, search, asked, readAnew };
}

/** Updates rows when the live grants change, for the time without an event stream. */
function useGrantChanges(client: QueryClient): void {
  const { data } = useQuery(newestLiveGrantsQuery);
  const before = useRef<Map<string, string> | null>(null);
  useEffect(() => {
    if (data === undefined) return;
    const now = new Map(data.data.map(({ id, recording }) => [id, recording]));
    const then = before.current ?? now;
    before.current = now;
    const turned = [...now, ...then].filter(([id]) => now.has(id) !== then.has(id)).map(([, recording]) => recording);
    for (const recording of new Set(turned)) void refreshRow(client, recording).catch(() => undefined);
  }, [client, data]);
}

/** Whether the person can see any recording at all. */
export const anyRecordingQuery = {
  queryKey: ['anything'],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    fetchJson<Page<Recording>>('GET', '/v1/recordings', { query: { limit: 1 }, signal }),
};
