// The grant that listening goes by: what it covers, who ended it and why.
import { queryOptions } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Grant } from '../../api/types.ts';

export function grantQuery(id: string) {
  return queryOptions({
    queryKey: ['grants', id],
    queryFn: ({ signal }) => call<Grant>('GET', `/v1/grants/${id}`, { signal }),
  });
}
