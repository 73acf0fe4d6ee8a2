// Content of a recording under one session: peaks, transcript, comments. All of it is dropped when the session ends.
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Page } from '../../../http/reply-types.ts';
import { fetchJson, newIdempotencyKey, send } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { CONTENT_OPTIONS } from '../../api/queries.ts';
import { decodePeaks } from '../content/peaks.ts';
import { readTranscript } from '../content/transcript.ts';
import type { Comment, CommentInput, RecordingActivity, Session } from './types.ts';

const CONTENT_KEY = 'content';

/** The current session; also read when playback stops. */
export function readSession(id: string): Promise<Session> {
  return fetchJson<Session>('GET', `/v1/sessions/${id}`);
}

/** The same as a background call, which does not count as activity. */
export function readSessionQuietly(id: string): Promise<Session> {
  return fetchJson<Session>('GET', `/v1/sessions/${id}`, { background: true });
}

/** Opens a session, which takes one use of the grant, and returns its id; the same one for the same key. */
export async function openSession(grant: string, key: string): Promise<string> {
  return (await fetchJson<{ readonly id: string }>('POST', `/v1/grants/${grant}/sessions`, { key })).id;
}

/** Ends a session. A session that has already ended is not an error. */
export async function endSession(id: string): Promise<void> {
  await fetchJson('DELETE', `/v1/sessions/${id}`).catch((error: unknown) => {
    if (problemOf(error)?.code !== 'session_ended') throw error;
  });
}

/** Null for a recording without peaks. */
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

/** Lines of one transcript; null if its bytes cannot be parsed. */
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

/** Comments that the listener may see, in order of their times. */
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

/** Creates, changes or deletes a comment. */
export function saveComment(session: string, id: string | null, body: CommentInput): Promise<Comment> {
  const path = `/v1/sessions/${session}/comments`;
  return id === null
    ? fetchJson<Comment>('POST', path, { body, key: newIdempotencyKey() })
    : fetchJson<Comment>('PUT', `${path}/${id}`, { body });
}

export async function removeComment(session: string, id: string): Promise<void> {
  await fetchJson('DELETE', `/v1/sessions/${session}/comments/${id}`);
}

/** Activity of a recording, newest first: facts without content, so it needs no session. */
export function recordingActivityQuery(recording: string) {
  return queryOptions({
    queryKey: ['recording', recording, 'activity'],
    queryFn: async ({ signal }) => {
      const path = `/v1/recordings/${recording}/activity`;
      return (await fetchJson<Page<RecordingActivity>>('GET', path, { signal })).data;
    },
  });
}

/** Removes all content from the cache and cancels requests for it. */
export function dropContent(client: QueryClient): void {
  void client.cancelQueries({ queryKey: [CONTENT_KEY] });
  client.removeQueries({ queryKey: [CONTENT_KEY] });
}
