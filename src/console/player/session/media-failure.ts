// What a media error means: the element only says that something failed, so the service is asked.
import { problemError, problemFromResponse, problemOf } from '../../api/problem.ts';
import { readSession } from './api.ts';
import { endReasonOfProblem, endReasonOfSession, failureOf } from './end-reason.ts';
import type { EndReason, Failure } from './player-state.ts';

export type MediaDiagnosis =
  | { readonly over: EndReason }
  | { readonly failure: Failure }
  /** Nothing is wrong with the session or the bytes: the way there broke. */
  | { readonly again: true };

type FailedMedia = { readonly session: string; readonly code: number; readonly at: number; readonly duration: number };

/** Asks for the session, then for the bytes from the place that failed on. */
export async function diagnoseMedia({ session, code, at, duration }: FailedMedia): Promise<MediaDiagnosis> {
  try {
    const over = endReasonOfSession(await readSession(session));
    if (over !== null) return { over };
  } catch (error) {
    return diagnoseRefusal(error, at);
  }
  const share = duration > 0 ? at / duration : 0;
  const tried = await probeBytes(`/v1/sessions/${session}/media`, share).catch((): null => null);
  if (tried === null) return { again: true };
  if ('error' in tried) return diagnoseRefusal(tried.error, Math.max(at, Math.round(tried.share * duration)));
  // The bytes come: then it is their form that this browser does not know.
  if (code === MediaError.MEDIA_ERR_NETWORK) return { again: true };
  return { failure: { code: 'unsupported', request: null, retryAfter: null, at } };
}

function diagnoseRefusal(error: unknown, at: number): MediaDiagnosis {
  const problem = problemOf(error);
  const over = problem === null ? null : endReasonOfProblem(problem);
  return over === null ? { failure: failureOf(problem, at) } : { over };
}

/** Replies that break off and bring something are gone on with so often. */
const MAX_PARTIAL_READS = 8;
/**
 * The browser reads ahead of what is heard, so what failed may be further on. The service sends at a pace: in this time it
 * sends 110 seconds of the call.
 */
const PROBE_MS = 20_000;
const FETCH_OPTIONS = { credentials: 'same-origin', cache: 'no-store' } as const;

type ProbeResult = { readonly error: unknown; readonly share: number } | { readonly whole: true };

async function probeBytes(path: string, share: number): Promise<ProbeResult> {
  const head = await fetch(path, { ...FETCH_OPTIONS, method: 'HEAD' });
  const size = Number(head.headers.get('content-length') ?? 0);
  let from = Math.max(0, Math.min(size - 1, Math.floor(size * share)));
  const signal = AbortSignal.timeout(PROBE_MS);
  for (let tried = 0; tried < MAX_PARTIAL_READS && from < size; tried += 1) {
    const response = await fetch(path, { ...FETCH_OPTIONS, signal, headers: { range: `bytes=${from}-` } });
    if (!response.ok) return { error: problemError(await problemFromResponse(response)), share: from / size };
    const read = await countBytes(response);
    if (signal.aborted) return { whole: true };
    // A reply that breaks off says nothing; asked again from there, the service says why.
    if (read === 0) throw new Error('nothing came');
    from += read;
  }
  return { whole: true };
}

async function countBytes(response: Response): Promise<number> {
  const reader = response.body?.getReader();
  let count = 0;
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return count;
      count += value.length;
    }
  } catch {
    return count;
  }
}
