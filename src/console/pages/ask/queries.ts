// Queries of the request page: the recording's facts, and the access checks for one purpose.
import { queryOptions } from '@tanstack/react-query';
import { fetchJson } from '../../api/client.ts';
import type { AccessAnswer, OneRecording } from '../../api/types.ts';

/** Facts of the recording. */
export function recordingQuery(id: string) {
  return queryOptions({
    queryKey: ['recording', id],
    queryFn: ({ signal }) => fetchJson<OneRecording>('GET', `/v1/recordings/${id}`, { signal }),
  });
}

const POLL_MS = 10_000;

/** Checks for a purpose. */
export function accessQuery(id: string, purpose: string) {
  return queryOptions({
    queryKey: ['access', id, purpose],
    queryFn: ({ signal }) =>
      fetchJson<AccessAnswer>('GET', `/v1/recordings/${id}/access`, { query: { purpose }, signal }),
    refetchInterval: ({ state }) => (state.data?.next === 'wait' ? POLL_MS : false),
  });
}
