// Queries of the people page: people and services, and for the admin their API keys.
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { ApiKeyBody, Page, PersonBody } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';

export type Person = PersonBody;
export type ApiKey = ApiKeyBody;

const PAGE = 100;

function pagesOf<T>(name: string, path: string) {
  return infiniteQueryOptions({
    queryKey: [name, 'pages'],
    queryFn: ({ pageParam, signal }) =>
      fetchJson<Page<T>>('GET', path, { query: { limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<T>) => last.next_cursor,
  });
}

export const peoplePages = pagesOf<Person>('people', '/v1/people');
export const apiKeyPages = pagesOf<ApiKey>('api-keys', '/v1/api-keys');
