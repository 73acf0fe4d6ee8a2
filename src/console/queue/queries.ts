// The reviewer's queue: calls to hear, and those that were finished last.
import { queryOptions } from '@tanstack/react-query';
import { fetchJson } from '../api/client.ts';
import type { Queue } from './types.ts';

const POLL_MS = 10_000;
const MOST_OPEN = 200;
const FINISHED = 50;

/** Calls to hear. The event stream refreshes them; the poll covers a broken stream. */
export const queueQuery = queryOptions({
  queryKey: ['queue', 'open'],
  queryFn: ({ signal }) =>
    fetchJson<Queue>('GET', '/v1/my-queue', { query: { state: 'open', limit: MOST_OPEN }, signal }),
  refetchInterval: POLL_MS,
});

/** Calls that were finished last, the newest first. */
export const finishedQuery = queryOptions({
  queryKey: ['queue', 'finished'],
  queryFn: ({ signal }) =>
    fetchJson<Queue>('GET', '/v1/my-queue', { query: { state: 'finished', limit: FINISHED }, signal }),
});
