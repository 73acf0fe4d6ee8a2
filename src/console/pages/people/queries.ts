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

/** Everyone, page by page. */
export async function allPeople(fetch: typeof fetchJson): Promise<Person[]> {
  const people: Person[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page<Person> = await fetch<Page<Person>>('GET', '/v1/people', { query: { limit: 200, cursor } });
    people.push(...page.data);
    cursor = page.next_cursor;
  }
  return people;
}

export const peoplePages = pagesOf<Person>('people', '/v1/people');
export const apiKeyPages = pagesOf<ApiKey>('api-keys', '/v1/api-keys');
