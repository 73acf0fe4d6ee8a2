// Query cache: short-lived, in memory only, cleared when a sign-in ends.
import { MutationCache, QueryCache, QueryClient, useQueryClient } from '@tanstack/react-query';
import { isOnline } from './online.ts';
import { isHeld, problemOf } from './problem.ts';
import type { Me } from './types.ts';

/** Key of the signed-in person's own data. */
export const ME_KEY = ['me'] as const;

const RETRIES = 2;

/** Cache that calls `signedOut` when the service no longer accepts the sign-in. */
export function createQueryClient(signedOut: () => void): QueryClient {
  const onError = (error: unknown): void => {
    if (problemOf(error)?.status === 401) signedOut();
    // The frame says that the log is held, as the person's own data has it.
    if (isHeld(error) && isNotKnownHeld(client)) void client.invalidateQueries({ queryKey: ME_KEY });
  };
  const client: QueryClient = new QueryClient({
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
          return count < RETRIES && isOnline() && !isHeld(error) && (status === 0 || status === 503);
        },
        retryDelay: (count) => 500 * 2 ** count,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  return client;
}

function isNotKnownHeld(client: QueryClient): boolean {
  return client.getQueryData<Me>(ME_KEY)?.tenant.held === null;
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
