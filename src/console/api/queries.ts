// Queries that several pages share, and their cache keys.
import { queryOptions } from '@tanstack/react-query';
import type { ChangeViewBody, Page, TeamViewBody } from '../../http/reply-types.ts';
import { fetchJson } from './client.ts';
import { isSamePerson } from './last-person.ts';
import { ME_KEY } from './query-client.ts';
import { setServerTime } from './server-clock.ts';
import type { Grant, ListedRequest, Me, OneAccessRequest, Policy, SignIn } from './types.ts';

/** Options for queries of call content: dropped as soon as no component uses it. @public */
export const CONTENT_OPTIONS = { gcTime: 0, staleTime: 0, retry: false } as const;

const POLL_MS = 10_000;

export const meQuery = queryOptions({
  queryKey: ME_KEY,
  queryFn: async ({ signal }) => {
    const me = await fetchJson<Me>('GET', '/v1/me', { signal });
    setServerTime(me.now);
    // Another tab may have signed in another person, because the cookie belongs to the whole browser.
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

const MOST_LIVE = 200;

/**
 * Live grants: the person's own, or everyone's for an approver; without assigned calls that were not started yet. The
 * event stream refreshes them; the poll covers a broken stream.
 */
export function liveGrantsQuery(mine: boolean) {
  return queryOptions({
    queryKey: ['grants', mine ? 'mine' : 'all', 'live'],
    queryFn: ({ signal }) =>
      fetchJson<Page<Grant>>('GET', '/v1/grants', {
        query: { mine, state: 'live', queued: false, limit: MOST_LIVE },
        signal,
      }),
    refetchInterval: POLL_MS,
  });
}

/** The person's own live grants on a recording: also an assigned one that was not started yet. */
export function liveGrantsOnQuery(recording: string) {
  return queryOptions({
    queryKey: ['grants', 'mine', 'live', recording],
    queryFn: ({ signal }) =>
      fetchJson<Page<Grant>>('GET', '/v1/grants', { query: { mine: true, state: 'live', recording }, signal }),
    refetchInterval: POLL_MS,
  });
}

/** The person's own newest live grants, with assigned calls that were not started yet. */
export const newestLiveGrantsQuery = queryOptions({
  queryKey: ['grants', 'mine', 'live', 'newest'],
  queryFn: ({ signal }) =>
    fetchJson<Page<Grant>>('GET', '/v1/grants', { query: { mine: true, state: 'live', limit: MOST_LIVE }, signal }),
  refetchInterval: POLL_MS,
});

/** Access requests: the person's own, or those to decide. */
export function requestsQuery(query: { mine: boolean; state?: string; limit?: number }) {
  return queryOptions({
    queryKey: ['requests', query],
    queryFn: ({ signal }) => fetchJson<Page<ListedRequest>>('GET', '/v1/access-requests', { query, signal }),
    refetchInterval: POLL_MS,
  });
}

/** One request, with the facts that its approver needs. */
export function requestQuery(id: string) {
  return queryOptions({
    queryKey: ['request', id],
    queryFn: ({ signal }) => fetchJson<OneAccessRequest>('GET', `/v1/access-requests/${id}`, { signal }),
  });
}

/** One grant: its scope, who ended it and why. */
export function grantQuery(id: string) {
  return queryOptions({
    queryKey: ['grants', id],
    queryFn: ({ signal }) => fetchJson<Grant>('GET', `/v1/grants/${id}`, { signal }),
  });
}

/** Maximum of waiting requests in the list. */
export const MOST_WAITING = 200;

/** Requests that wait for a decision. */
export const waitingQuery = requestsQuery({ mine: false, state: 'requested', limit: MOST_WAITING });

/** Changes by two people that wait for a decision: at most 100 can. */
export const waitingChangesQuery = queryOptions({
  queryKey: ['changes', 'open'],
  queryFn: ({ signal }) =>
    fetchJson<Page<ChangeViewBody>>('GET', '/v1/changes', { query: { state: 'open', limit: 200 }, signal }),
  refetchInterval: POLL_MS,
});

/** The teams that the person may see, oldest first, in one reply. */
export const teamsQuery = queryOptions({
  queryKey: ['teams', 'all'],
  queryFn: ({ signal }) => fetchJson<Page<TeamViewBody>>('GET', '/v1/teams', { signal }),
});
