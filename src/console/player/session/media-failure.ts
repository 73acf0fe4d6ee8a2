// Diagnosis of a media error: the element only reports a failure, so the service is asked for the cause.
import { problemError, problemFromResponse, problemOf } from '../../api/problem.ts';
import { readSession } from './api.ts';
import { endReasonOfProblem, endReasonOfSession, failureOf } from './end-reason.ts';
import type { EndReason, Failure } from './player-state.ts';

export type MediaDiagnosis =
  | { readonly over: EndReason }
  | { readonly failure: Failure }
  /** Session and bytes are fine: the connection failed. */
  | { readonly again: true };

type FailedMedia = { readonly session: string; readonly code: number; readonly at: number; readonly duration: number };

/** Asks for the session, then for the bytes from the failed position. */
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
  // The bytes arrive, so this browser does not support their format.
  if (code === MediaError.MEDIA_ERR_NETWORK) return { again: true };
  return { failure: { code: 'unsupported', request: null, retryAfter: null, at } };
}

function diagnoseRefusal(error: unknown, at: number): MediaDiagnosis {
  const problem = problemOf(error);
  const over = problem === null ? null : endReasonOfProblem(problem);
  return over === null ? { failure: failureOf(problem, at) } : { over };
}

/** A reply that breaks off after some bytes is continued up to this many times. */
const MAX_PARTIAL_READS = 8;
/**
 * The browser buffers ahead, so the failed position may be later. At its pace, the service sends 110 seconds of the
 * call in this time.
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
    // A reply that breaks off has no reason; a new request from that position gets one.
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
