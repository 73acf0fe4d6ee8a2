// Queries of the activity page: pages of events, the people in them, and the raw log.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ActivityBody, AnchorBody, Page, PersonBody } from '../../../../http/reply-types.ts';
import { fetchJson, send } from '../../../api/client.ts';

export type ActivityReply = ActivityBody;
export type ActivityEvent = ActivityBody['data'][number];

/** Query of the API: its filters, and the index below which it begins. */
export type ActivityQuery = {
  readonly from: string | null;
  readonly action: string | null;
  readonly person: string | null;
  readonly recording: string | null;
  readonly at: number | null;
};

const PAGE = 50;

/** Events, newest first; the next page begins below the last event. */
export function activityQuery({ at, ...filter }: ActivityQuery) {
  return infiniteQueryOptions({
    queryKey: ['activity', filter, at],
    queryFn: ({ pageParam, signal }) =>
      fetchJson<ActivityBody>('GET', '/v1/activity', { query: { ...filter, cursor: pageParam, limit: PAGE }, signal }),
    initialPageParam: at === null ? null : String(at + 1),
    getNextPageParam: (last: ActivityBody) => last.next_cursor,
  });
}

/** All events about a recording, as far back as one reply searches. */
export function recordingLogQuery(recording: string) {
  return queryOptions({
    queryKey: ['activity', 'recording', recording],
    queryFn: ({ signal }) =>
      fetchJson<ActivityBody>('GET', '/v1/activity', { query: { recording, limit: 200 }, signal }),
    staleTime: 30_000,
  });
}

/** What is kept of the log outside the store. */
export const anchorQuery = queryOptions({
  queryKey: ['activity', 'anchor'],
  queryFn: ({ signal }) => fetchJson<AnchorBody>('GET', '/v1/audit/anchor', { signal }),
  staleTime: 30_000,
});

const MOST_PEOPLE = 200;

/** People and services, for their roles and for the filter. */
export const peopleQuery = queryOptions({
  queryKey: ['people', 'names'],
  queryFn: ({ signal }) => fetchJson<Page<PersonBody>>('GET', '/v1/people', { query: { limit: MOST_PEOPLE }, signal }),
  staleTime: 300_000,
});

/** The proof that the sealed log has an event, as C2SP tlog-proof text. Throws the problem `not_sealed` where it is too new. */
export async function proofOf(index: number, hash: string): Promise<string> {
  return (await send('GET', '/v1/audit/proof', { query: { index, hash } })).text();
}
