// Queries of the assignments page: batches, possible reviewers, and the checks of a batch before it is made.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Page } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import type { Batch, CheckedBatch, OneBatch, PossibleReviewer, WantedCall } from './types.ts';

const POLL_MS = 30_000;
const MOST = 50;

export const BATCH_STATES = ['open', 'closed', 'withdrawn'] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** Batches in a state, the newest first. The event stream refreshes them; the poll covers a broken stream. */
export function batchesQuery(state: BatchState) {
  return queryOptions({
    queryKey: ['batches', state],
    queryFn: ({ signal }) => fetchJson<Page<Batch>>('GET', '/v1/batches', { query: { state, limit: MOST }, signal }),
    refetchInterval: POLL_MS,
  });
}

/** One batch with its calls. */
export function batchQuery(id: string) {
  return queryOptions({
    queryKey: ['batches', id],
    queryFn: ({ signal }) => fetchJson<OneBatch>('GET', `/v1/batches/${id}`, { signal }),
  });
}

/** People to whom the caller can assign calls. */
export const reviewersQuery = queryOptions({
  queryKey: ['reviewers'],
  queryFn: ({ signal }) => fetchJson<Page<PossibleReviewer>>('GET', '/v1/batches/reviewers', { signal }),
});

export type WantedBatch = {
  readonly grants: readonly WantedCall[];
  readonly reviewers: readonly string[];
  readonly purpose: string;
  readonly objects: readonly string[];
  /** Absent while the typed one is no time. */
  readonly due?: string;
};

/** What the policy says of a batch, and who would get which call. */
export function batchCheckQuery(wanted: WantedBatch) {
  return queryOptions({
    queryKey: ['batch-check', wanted],
    queryFn: ({ signal }) => fetchJson<CheckedBatch>('POST', '/v1/batches/check', { body: wanted, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
}
