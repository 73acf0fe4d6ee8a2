// What the recording page reads besides the content: the recording, why it may not be heard, the grant in use.
import { queryOptions } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { AccessAnswer, Grant, Recording } from '../../api/types.ts';

export function recordingQuery(id: string) {
  return queryOptions({
    queryKey: ['recording', id],
    queryFn: ({ signal }) => call<Recording>('GET', `/v1/recordings/${id}`, { signal }),
  });
}

export function grantQuery(id: string) {
  return queryOptions({
    queryKey: ['grants', id],
    queryFn: ({ signal }) => call<Grant>('GET', `/v1/grants/${id}`, { signal }),
  });
}

export function answerQuery(id: string, purpose: string) {
  return queryOptions({
    queryKey: ['access', id, purpose],
    queryFn: ({ signal }) => call<AccessAnswer>('GET', `/v1/recordings/${id}/access`, { query: { purpose }, signal }),
  });
}
