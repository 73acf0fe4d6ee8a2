// The content of a recording, read under one session: peaks, transcript, comments. All of it goes when the session does.
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Page } from '../../../http/reply-types.ts';
import { fetchJson, newIdempotencyKey, send } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { CONTENT_OPTIONS } from '../../api/queries.ts';
import { decodePeaks } from '../content/peaks.ts';
import { readTranscript } from '../content/transcript.ts';
import type { Comment, CommentInput, RecordingActivity, Session } from './types.ts';

const CONTENT_KEY = 'content';

/** The session as it is now: also what one asks when the sound stops. */
export function readSession(id: string): Promise<Session> {
  return fetchJson<Session>('GET', `/v1/sessions/${id}`);
}

/** The same, asked by a page that only waits. */
export function readSessionQuietly(id: string): Promise<Session> {
  return fetchJson<Session>('GET', `/v1/sessions/${id}`, { background: true });
}

/** Opens a session, one use of the grant, and returns its id; the same one for the same key. */
export async function openSession(grant: string, key: string): Promise<string> {
  return (await fetchJson<{ readonly id: string }>('POST', `/v1/grants/${grant}/sessions`, { key })).id;
}

/** Ends a session; that it was over already is as good. */
export async function endSession(id: string): Promise<void> {
  await fetchJson('DELETE', `/v1/sessions/${id}`).catch((error: unknown) => {
    if (problemOf(error)?.code !== 'session_ended') throw error;
  });
}

/** Null where the recording has none. */
export function peaksQuery(session: string) {
  return queryOptions({
    queryKey: [CONTENT_KEY, session, 'peaks'],
    ...CONTENT_OPTIONS,
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
    ...CONTENT_OPTIONS,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const response = await send('GET', `/v1/sessions/${session}/transcripts/${language}`, { signal });
      return readTranscript(response.headers.get('content-type') ?? '', await response.text());
    },
  });
}

/** The comments that the listener may see, in the order of the call. */
export function commentsQuery(session: string) {
  return queryOptions({
    queryKey: [CONTENT_KEY, session, 'comments'],
    ...CONTENT_OPTIONS,
    queryFn: async ({ signal }) => {
      const comments: Comment[] = [];
      let cursor: string | null = null;
      do {
        const path = `/v1/sessions/${session}/comments`;
        const page: Page<Comment> = await fetchJson<Page<Comment>>('GET', path, { query: { cursor }, signal });
        comments.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return comments;
    },
  });
}

/** Writes, rewrites or takes away a comment. */
export function saveComment(session: string, id: string | null, body: CommentInput): Promise<Comment> {
  const path = `/v1/sessions/${session}/comments`;
  return id === null
    ? fetchJson<Comment>('POST', path, { body, key: newIdempotencyKey() })
    : fetchJson<Comment>('PUT', `${path}/${id}`, { body });
}

export async function removeComment(session: string, id: string): Promise<void> {
  await fetchJson('DELETE', `/v1/sessions/${session}/comments/${id}`);
}

/** Who did what with a recording, newest first: facts, no content, so it needs no session. */
export function recordingActivityQuery(recording: string) {
  return queryOptions({
    queryKey: ['recording', recording, 'activity'],
    queryFn: async ({ signal }) => {
      const path = `/v1/recordings/${recording}/activity`;
      return (await fetchJson<Page<RecordingActivity>>('GET', path, { signal })).data;
    },
  });
}

/** Takes all content out of memory, and stops what is still on its way. */
export function dropContent(client: QueryClient): void {
  void client.cancelQueries({ queryKey: [CONTENT_KEY] });
  client.removeQueries({ queryKey: [CONTENT_KEY] });
}
