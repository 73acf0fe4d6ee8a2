// Queries of subject requests, their recordings and their answers.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Page } from '../../http/reply-types.ts';
import { fetchJson } from '../api/client.ts';
import { isBeingErased } from './outcomes.ts';
import type { AnswerLanguage, State, SubjectAnswer, SubjectRecording, SubjectRequest } from './types.ts';

const POLL_MS = 30_000;
/** While outcomes are being done, or erasures end. */
const BUSY_POLL_MS = 3_000;
/** While another person is to approve: the one who waits goes on from here. */
const WAITING_POLL_MS = 5_000;
const PAGE_SIZE = 50;
const MOST_A_PAGE = 200;

/** Requests in a state, or all. */
export function requestPages(state: State | undefined) {
  return infiniteQueryOptions({
    queryKey: ['subject-requests', 'list', state ?? 'all'],
    queryFn: ({ signal, pageParam: cursor }) =>
      fetchJson<Page<SubjectRequest>>('GET', '/v1/subject-requests', {
        query: { state, cursor, limit: PAGE_SIZE },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: POLL_MS,
  });
}

/** The newest requests: those that are open are counted in the navigation. Not polled, because each look is an event. */
export const openSubjectsQuery = queryOptions({
  queryKey: ['subject-requests', 'open'],
  queryFn: ({ signal }) =>
    fetchJson<Page<SubjectRequest>>('GET', '/v1/subject-requests', { query: { limit: MOST_A_PAGE }, signal }),
  staleTime: POLL_MS,
});

/** One request. */
export function subjectRequestQuery(id: string) {
  return queryOptions({
    queryKey: ['subject-requests', id],
    queryFn: ({ signal }) => fetchJson<SubjectRequest>('GET', `/v1/subject-requests/${id}`, { signal }),
    refetchInterval: ({ state: { data } }) => (data === undefined ? POLL_MS : pollOf(data)),
  });
}

function pollOf(request: Pick<SubjectRequest, 'state' | 'change'>): number {
  if (request.state === 'proposed') return WAITING_POLL_MS;
  return isBeingDone(request) ? BUSY_POLL_MS : POLL_MS;
}

function isBeingDone({ state, change }: Pick<SubjectRequest, 'state' | 'change'>): boolean {
  return state === 'doing' && change?.state !== 'applied';
}

/** All recordings that a request found: a decision is about every one. */
export function foundRecordingsQuery(request: Pick<SubjectRequest, 'id' | 'state' | 'change'>) {
  const { id } = request;
  return queryOptions({
    queryKey: ['subject-requests', id, 'recordings'],
    queryFn: async ({ signal }) => {
      const rows: SubjectRecording[] = [];
      let cursor: string | null = null;
      do {
        const path = `/v1/subject-requests/${id}/recordings`;
        const query = { cursor, limit: MOST_A_PAGE };
        const page: Page<SubjectRecording> = await fetchJson('GET', path, { query, signal });
        rows.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return rows;
    },
    refetchInterval: ({ state: { data } }) =>
      isBeingDone(request) || data?.some(isBeingErased) === true ? BUSY_POLL_MS : POLL_MS,
  });
}

/** The answer in a language: a draft until what was decided is done. */
export function answerQuery({ id, state, searched }: SubjectRequest, language: AnswerLanguage) {
  return queryOptions({
    queryKey: ['subject-requests', id, 'answer', language, state, searched],
    queryFn: ({ signal }) =>
      fetchJson<SubjectAnswer>('GET', `/v1/subject-requests/${id}/answer`, {
        query: { format: 'json', language },
        signal,
      }),
  });
}
