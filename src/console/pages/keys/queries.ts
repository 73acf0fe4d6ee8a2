// Queries of the keys page: all tenants' keys, every second while a rotation is in progress, and a dry run.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { KeyPlanBody, Page, TenantKeysBody } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import { isDone } from './progress.ts';

export type TenantKeys = TenantKeysBody;
export type KeyPlan = KeyPlanBody;

const BUSY_MS = 1_000;
const QUIET_MS = 15_000;
const PAGE = 100;

export const keysQuery = infiniteQueryOptions({
  queryKey: ['keys'],
  queryFn: ({ pageParam, signal }) =>
    fetchJson<Page<TenantKeys>>('GET', '/v1/keys', {
      query: { limit: PAGE, cursor: pageParam },
      signal,
      background: true,
    }),
  initialPageParam: null as string | null,
  getNextPageParam: (last: Page<TenantKeys>) => last.next_cursor,
  refetchInterval: ({ state }) => {
    const tenants = state.data?.pages.flatMap(({ data }) => data) ?? [];
    return tenants.every(isDone) ? QUIET_MS : BUSY_MS;
  },
});

/** Dry run of one tenant. */
export function planQuery(tenant: string) {
  return queryOptions({
    queryKey: ['keys', 'plan', tenant],
    queryFn: ({ signal }) => fetchJson<KeyPlan>('GET', `/v1/keys/${tenant}/plan`, { signal }),
    staleTime: 0,
  });
}
