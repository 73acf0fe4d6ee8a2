// Query cache: short-lived, in memory only, cleared when a sign-in ends.
import { MutationCache, QueryCache, QueryClient, useQueryClient } from '@tanstack/react-query';
import { isOnline } from './online.ts';
import { problemOf } from './problem.ts';

const RETRIES = 2;

/** Cache that calls `signedOut` when the service no longer accepts the sign-in. */
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

/** Refetches every query under these names. Resolves when all have settled. */
export async function refetchQueries(client: QueryClient, ...names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => client.invalidateQueries({ queryKey: [name] })));
}

/** The same for the cache of the current page. */
export function useRefetch(): (...names: readonly string[]) => Promise<void> {
  const client = useQueryClient();
  return (...names) => refetchQueries(client, ...names);
}
