// Queries of the recording page: who changed which facts, and the other legs of its interaction.
import { queryOptions } from '@tanstack/react-query';
import type { LifetimeBody, Page } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import type { Recording, RecordingChange } from '../../api/types.ts';

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

/** The recordings of the same interaction, this one included. */
export function interactionQuery(recording: string) {
  return queryOptions({
    queryKey: ['recording', recording, 'interaction'],
    queryFn: ({ signal }) =>
      fetchJson<Page<Recording>>('GET', `/v1/recordings/${recording}/interaction`, { query: { limit: PAGE }, signal }),
  });
}

/** How long the recording stays, and why. */
export function lifetimeQuery(recording: string) {
  return queryOptions({
    queryKey: ['recording', recording, 'lifetime'],
    queryFn: ({ signal }) => fetchJson<LifetimeBody>('GET', `/v1/recordings/${recording}/lifetime`, { signal }),
  });
}
