// What the console asks for again and again, and under which keys it is remembered.
import { queryOptions } from '@tanstack/react-query';
import type { Page } from '../../http/reply-types.ts';
import { fetchJson } from './client.ts';
import { isSamePerson } from './last-person.ts';
import { setServerTime } from './server-clock.ts';
import type { AccessRequestView, Grant, Me, OneAccessRequest, Policy, SignIn } from './types.ts';

/**
 * For what is of a recording's content: gone as soon as nobody looks at it.
 * @public
 */
export const CONTENT_OPTIONS = { gcTime: 0, staleTime: 0, retry: false } as const;

const POLL_MS = 10_000;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    const me = await fetchJson<Me>('GET', '/v1/me', { signal });
    setServerTime(me.now);
    // Another page of this browser may have signed somebody else in: the cookie is of all of them.
    isSamePerson(me.principal.id, location.pathname + location.search);
    return me;
  },
  staleTime: 60_000,
  refetchInterval: 60_000,
});

export const signInsQuery = queryOptions({
  queryKey: ['sign-ins'],
  queryFn: ({ signal }) => fetchJson<Page<SignIn>>('GET', '/v1/sign-ins', { signal }),
});

export const policyQuery = queryOptions({
  queryKey: ['policy'],
  queryFn: ({ signal }) => fetchJson<Policy>('GET', '/v1/policy', { signal }),
  staleTime: 300_000,
});

/** Live grants: one's own, or for who decides everybody's. The stream of events refreshes it; the poll is for without. */
export function liveGrantsQuery(mine: boolean) {
  return queryOptions({
    queryKey: ['grants', mine ? 'mine' : 'all', 'live'],
    queryFn: ({ signal }) => fetchJson<Page<Grant>>('GET', '/v1/grants', { query: { mine, state: 'live' }, signal }),
    refetchInterval: POLL_MS,
  });
}

/** Access requests, own or to decide on. */
export function requestsQuery(query: { mine: boolean; state?: string; limit?: number }) {
  return queryOptions({
    queryKey: ['requests', query],
    queryFn: ({ signal }) => fetchJson<Page<AccessRequestView>>('GET', '/v1/access-requests', { query, signal }),
    refetchInterval: POLL_MS,
  });
}

/** One request, with what its decider needs to know. */
export function requestQuery(id: string) {
  return queryOptions({
    queryKey: ['request', id],
    queryFn: ({ signal }) => fetchJson<OneAccessRequest>('GET', `/v1/access-requests/${id}`, { signal }),
  });
}

/** One grant: what it covers, who ended it and why. */
export function grantQuery(id: string) {
  return queryOptions({
    queryKey: ['grants', id],
    queryFn: ({ signal }) => fetchJson<Grant>('GET', `/v1/grants/${id}`, { signal }),
  });
}

/** How many waiting requests are listed at once. */
export const MOST_WAITING = 200;

/** What waits for a decision. */
export const waitingQuery = requestsQuery({ mine: false, state: 'requested', limit: MOST_WAITING });
