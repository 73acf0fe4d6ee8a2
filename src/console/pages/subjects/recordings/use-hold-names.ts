// Names of the legal holds that keep recordings of a request: reference and title.
import { queryOptions, useQueries } from '@tanstack/react-query';
import { fetchJson } from '../../../api/client.ts';
import type { SubjectRecording } from '../../../subjects/types.ts';

export type HoldName = { readonly reference: string; readonly title: string };

/** More holds than this are only counted. */
const MOST_NAMED = 20;

function holdQuery(id: string) {
  return queryOptions({
    queryKey: ['holds', id],
    queryFn: ({ signal }) =>
      fetchJson<{ reference: string | null; title: string | null }>('GET', `/v1/holds/${id}`, { signal }),
    staleTime: 60_000,
  });
}

/** The name of a hold by its id; undefined until it was read, or where it has none. */
export function useHoldNames(rows: readonly SubjectRecording[]): (id: string) => HoldName | undefined {
  const ids = [...new Set(rows.flatMap(({ holds }) => holds))].slice(0, MOST_NAMED);
  const found = useQueries({ queries: ids.map(holdQuery) });
  return (id) => {
    const { reference = null, title = null } = found[ids.indexOf(id)]?.data ?? {};
    return reference === null ? undefined : { reference, title: title ?? '' };
  };
}
