// Queries of the versions of the access policy.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { OnePolicyBody, Page, PolicyVersionBody } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';

export type PolicyVersion = PolicyVersionBody;
export type OnePolicy = OnePolicyBody;
/** A policy as data. */
export type PolicyData = OnePolicyBody['policy'];

/** All versions, newest first. */
export const versionPages = infiniteQueryOptions({
  queryKey: ['policies', 'all'],
  queryFn: ({ signal, pageParam: cursor }) =>
    fetchJson<Page<PolicyVersion>>('GET', '/v1/policies', { query: { cursor, limit: 50 }, signal }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ next_cursor }) => next_cursor,
});

/** One version, whole: it never changes, except that another one comes into force. */
export function versionQuery(id: string) {
  return queryOptions({
    queryKey: ['policies', id],
    queryFn: ({ signal }) => fetchJson<OnePolicy>('GET', `/v1/policies/${id}`, { signal }),
  });
}
