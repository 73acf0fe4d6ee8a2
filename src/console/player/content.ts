// The content of a recording, read under one session: peaks, transcript, comments. All of it goes when the session does.
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Page } from '../../http/api.ts';
import { call, newKey, send } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { CONTENT } from '../api/queries.ts';
import { decodePeaks } from './peaks.ts';
import { readTranscript } from './transcript.ts';
import type { Comment, CommentBody, RecordingActivity, Session } from './types.ts';

const CONTENT_KEY = 'content';

/** The session as it is now: also what one asks when the sound stops. */
export function readSession(id: string): Promise<Session> {
  return call<Session>('GET', `/v1/sessions/${id}`);
}

/** Opens a session: one use of the grant. */
export async function openSession(grant: string): Promise<Session> {
  const { id } = await call<{ readonly id: string }>('POST', `/v1/grants/${grant}/sessions`, { key: newKey() });
  return readSession(id);
}

/** Ends a session; that it was over already is as good. */
export async function endSession(id: string): Promise<void> {
  await call('DELETE', `/v1/sessions/${id}`).catch((error: unknown) => {
    if (problemOf(error)?.code !== 'session_ended') throw error;
  });
}

/** Null where the recording has none: then the lanes are flat. */
export function peaksQuery(session: string) {
  return queryOptions({
    queryKey: [CONTENT_KEY, session, 'peaks'],
    ...CONTENT,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      try {
        const response = await send('GET', `/v1/sessions/${session}/peaks`, { signal });
        return decodePeaks(new Uint8Array(await response.arrayBuffer()));
      } catch (error) {
        if (problemOf(error)?.code === 'not_found') return null;
        throw error;
      }
    },
  });
}

/** The lines of one transcript; null where its bytes are none that can be shown. */
export function transcriptQuery(session: string, language: string) {
  return queryOptions({
    queryKey: [CONTENT_KEY, session, 'transcript', language],
    ...CONTENT,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const response = await send('GET', `/v1/sessions/${session}/transcripts/${language}`, { signal });
      return readTranscript(response.headers.get('content-type') ?? '', await response.text());
    },
  });
}

/** The comments that the listener may see. */
export function commentsQuery(session: string) {
  return queryOptions({
    queryKey: [CONTENT_KEY, session, 'comments'],
    ...CONTENT,
    queryFn: async ({ signal }) => {
      const path = `/v1/sessions/${session}/comments`;
      const page = await call<Page<Comment> | readonly Comment[]>('GET', path, { signal });
      const list = 'data' in page ? page.data : page;
      return [...list].sort((one, other) => one.start_ms - other.start_ms || one.created.localeCompare(other.created));
    },
  });
}

/** Writes, rewrites or takes away a comment. */
export function saveComment(session: string, id: string | null, body: CommentBody): Promise<Comment> {
  const path = `/v1/sessions/${session}/comments`;
  return id === null
    ? call<Comment>('POST', path, { body, key: newKey() })
    : call<Comment>('PUT', `${path}/${id}`, { body });
}

export async function removeComment(session: string, id: string): Promise<void> {
  await call('DELETE', `/v1/sessions/${session}/comments/${id}`);
}

/** Who did what with a recording, newest first: facts, no content, so it needs no session. */
export function activityQuery(recording: string) {
  return queryOptions({
    queryKey: ['recording', recording, 'activity'],
    queryFn: async ({ signal }) => {
      const path = `/v1/recordings/${recording}/activity`;
      const page = await call<Page<RecordingActivity> | readonly RecordingActivity[]>('GET', path, { signal });
      return 'data' in page ? page.data : page;
    },
  });
}

/** Takes all content out of memory, and stops what is still on its way. */
export function dropContent(client: QueryClient): void {
  void client.cancelQueries({ queryKey: [CONTENT_KEY] });
  client.removeQueries({ queryKey: [CONTENT_KEY] });
}
