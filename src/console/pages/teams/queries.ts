// Queries of the teams page: the queues that a team can have, and everyone who could be a member.
import { queryOptions } from '@tanstack/react-query';
import type { QueuesBody, TeamViewBody } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import { allPeople } from '../people/queries.ts';

export type Team = TeamViewBody;

/** The queues of the tenant's recordings. Opening their names takes a while, and new ones are few. */
export const queuesQuery = queryOptions({
  queryKey: ['teams', 'queues'],
  queryFn: ({ signal }) => fetchJson<QueuesBody>('GET', '/v1/teams/queues', { signal }),
  staleTime: 300_000,
});

/** Everyone of the tenant. */
export const everyoneQuery = queryOptions({ queryKey: ['people', 'all'], queryFn: () => allPeople(fetchJson) });
