// The cache of what was read: short-lived, in memory alone, emptied when a sign-in ends.
import { MutationCache, QueryCache, QueryClient, useQueryClient } from '@tanstack/react-query';
import { isOnline } from './online.ts';
import { problemOf } from './problem.ts';

const RETRIES = 2;

/** A cache that tells when the service no longer knows who is there. */
export function createQueryClient(signedOut: () => void): QueryClient {
  const onError = (error: unknown): void => {
    if (problemOf(error)?.status === 401) signedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 60_000,
        networkMode: 'always',
        refetchOnReconnect: true,
        retry: (count, error) => {
          const status = problemOf(error)?.status ?? 0;
          return count < RETRIES && isOnline() && (status === 0 || status === 503);
        },
        retryDelay: (count) => 500 * 2 ** count,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

/** Makes everything that is remembered under these names be read again; settles once it was. */
export async function refetchQueries(client: QueryClient, ...names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => client.invalidateQueries({ queryKey: [name] })));
}

/** The same for the page's own cache. */
export function useRefetch(): (...names: readonly string[]) => Promise<void> {
  const client = useQueryClient();
  return (...names) => refetchQueries(client, ...names);
}
