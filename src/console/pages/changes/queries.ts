// Queries of changes by two people, and of the settings.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type {
  ChangeViewBody,
  OneChangeBody,
  Page,
  PolicyEffectsBody,
  SettingsBody,
} from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';

export type ChangeView = ChangeViewBody;
export type OneChange = OneChangeBody;
export type Settings = SettingsBody;
/** What a policy would do instead of the one in force. */
export type PolicyEffects = PolicyEffectsBody;
export type PolicyLine = PolicyEffectsBody['difference'][number];

/** Whether a change is the deployment's: it has no key, so no reasons are stored. */
export function isOfDeployment(tenant: string): boolean {
  return tenant === 'deployment';
}

const POLL_MS = 15_000;

/** All changes, newest first. */
export const changePages = infiniteQueryOptions({
  queryKey: ['changes', 'all'],
  queryFn: ({ signal, pageParam: cursor }) =>
    fetchJson<Page<ChangeView>>('GET', '/v1/changes', { query: { cursor, limit: 50 }, signal }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ next_cursor }) => next_cursor,
});

/** One change, with the checks of a decision by this person. */
export function changeQuery(id: string) {
  return queryOptions({
    queryKey: ['changes', id],
    queryFn: ({ signal }) => fetchJson<OneChange>('GET', `/v1/changes/${id}`, { signal }),
    refetchInterval: POLL_MS,
  });
}

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => fetchJson<Settings>('GET', '/v1/settings', { signal }),
});
