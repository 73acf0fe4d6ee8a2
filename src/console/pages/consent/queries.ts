// Queries of consent: notices with their texts, and withdrawals.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { NoticeBody, Page, WithdrawalBody } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';

export type NoticeText = NoticeBody;
export type Withdrawal = WithdrawalBody;

/** All texts, newest first: of each notice every version, in every language that it has. */
export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: ({ signal }) => fetchJson<Page<NoticeText>>('GET', '/v1/notices', { signal }),
});

const POLL_MS = 15_000;

/** Withdrawals, newest first; read again while one still runs. */
export const withdrawalPages = infiniteQueryOptions({
  queryKey: ['withdrawals'],
  queryFn: ({ signal, pageParam: cursor }) =>
    fetchJson<Page<Withdrawal>>('GET', '/v1/withdrawals', { query: { cursor, limit: 25 }, signal }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ next_cursor }) => next_cursor,
  refetchInterval: ({ state: { data } }) =>
    data?.pages.some((page) => page.data.some(({ state }) => state === 'running')) === true ? POLL_MS : false,
});
