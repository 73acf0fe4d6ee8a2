// Queries of the teams page: the teams that the person sees, and everyone who could be a member.
import { queryOptions } from '@tanstack/react-query';
import type { Page, QueuesBody, TeamViewBody } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import { allPeople } from '../people/queries.ts';

export type Team = TeamViewBody;

/** The teams, oldest first, in one reply. */
export const teamsQuery = queryOptions({
  queryKey: ['teams', 'all'],
  queryFn: ({ signal }) => fetchJson<Page<Team>>('GET', '/v1/teams', { signal }),
});

/** The queues of the tenant's recordings. Opening their names takes a while, and new ones are few. */
export const queuesQuery = queryOptions({
  queryKey: ['teams', 'queues'],
  queryFn: ({ signal }) => fetchJson<QueuesBody>('GET', '/v1/teams/queues', { signal }),
  staleTime: 300_000,
});

/** Everyone of the tenant. */
export const everyoneQuery = queryOptions({ queryKey: ['people', 'all'], queryFn: () => allPeople(fetchJson) });
