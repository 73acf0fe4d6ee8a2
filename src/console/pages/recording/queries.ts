// Queries of the recording page: who changed which facts.
import { queryOptions } from '@tanstack/react-query';
import type { Page } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import type { RecordingChange } from '../../api/types.ts';

const PAGE = 200;

/** The newest changes of a recording's facts. */
export function changesQuery(recording: string) {
  return queryOptions({
    queryKey: ['recording', recording, 'changes'],
    queryFn: ({ signal }) =>
      fetchJson<Page<RecordingChange>>('GET', `/v1/recordings/${recording}/changes`, {
        query: { limit: PAGE },
        signal,
      }),
  });
}
