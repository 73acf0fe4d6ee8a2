// Queries of legal holds: the list, one hold, and its recordings.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { HeldRecordingBody, HoldBody, Page } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';

export type Hold = HoldBody;
export type HeldRecording = HeldRecordingBody;

const POLL_MS = 10_000;
/** The facts of each recording are another request. */
const RECORDINGS = 25;

/** Holds, newest first. Null: of every state. */
export function holdPages(state: 'active' | 'lifted' | null) {
  return infiniteQueryOptions({
    queryKey: ['holds', 'all', state],
    queryFn: ({ signal, pageParam: cursor }) =>
      fetchJson<Page<Hold>>('GET', '/v1/holds', { query: { state, cursor, limit: 50 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

/** One hold; while recordings are still being covered it is read again and again. */
export function holdQuery(id: string) {
  return queryOptions({
    queryKey: ['holds', id],
    queryFn: ({ signal }) => fetchJson<Hold>('GET', `/v1/holds/${id}`, { signal }),
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && (data.state === 'placing' || data.uncovered > 0) ? POLL_MS : false,
  });
}

/** The recordings of a hold, in the order of their ids: the oldest first. */
export function heldPages(id: string) {
  return infiniteQueryOptions({
    queryKey: ['holds', id, 'recordings'],
    queryFn: ({ signal, pageParam: cursor }) =>
      fetchJson<Page<HeldRecording>>('GET', `/v1/holds/${id}/recordings`, {
        query: { cursor, limit: RECORDINGS },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}
