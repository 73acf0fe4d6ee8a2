// After a change: what it touches is read again.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';

/** Makes everything that is remembered under these names be read again; settles once it was. */
export async function refetchQueries(client: QueryClient, ...names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => client.invalidateQueries({ queryKey: [name] })));
}

/** The same for the page's own cache. */
export function useRefetch(): (...names: readonly string[]) => Promise<void> {
  const client = useQueryClient();
  return (...names) => refetchQueries(client, ...names);
}
