// What a media error means: the element only says that something failed, so the service is asked.
import { problemIn, problemOf } from '../api/problem.ts';
import { readSession } from './content.ts';
import type { Ending, Failure } from './machine.ts';
import { failureOf, whyRefused, whySessionOver } from './why-over.ts';

export type Meaning =
  | { readonly over: Ending }
  | { readonly failure: Failure }
  /** Nothing is wrong with the session or the bytes: the way there broke. */
  | { readonly again: true };

type Asked = { readonly session: string; readonly code: number; readonly at: number; readonly share: number };

/** Asks for the session, then for the bytes at the place that failed. */
export async function meaningOf({ session, code, at, share }: Asked): Promise<Meaning> {
  try {
    const over = whySessionOver(await readSession(session));
    if (over !== null) return { over };
  } catch (error) {
    return refused(error, at);
  }
  const tried = await tryBytes(session, share).catch((): null => null);
  if (tried === null) return { again: true };
  if ('error' in tried) return refused(tried.error, at);
  // The bytes come: then it is their form that this browser does not know.
  if (code === MediaError.MEDIA_ERR_NETWORK) return { again: true };
  return { failure: { code: 'unsupported', request: null, retryAfter: null, at } };
}

function refused(error: unknown, at: number): Meaning {
  const problem = problemOf(error);
  const over = problem === null ? null : whyRefused(problem);
  return over === null ? { failure: failureOf(problem, at) } : { over };
}

async function tryBytes(session: string, share: number): Promise<{ readonly error: unknown } | { readonly ok: true }> {
  const path = `/v1/sessions/${session}/media`;
  const options = { credentials: 'same-origin', cache: 'no-store' } as const;
  const head = await fetch(path, { ...options, method: 'HEAD' });
  const size = Number(head.headers.get('content-length') ?? 0);
  const from = Math.max(0, Math.min(size - 2, Math.floor(size * share)));
  const response = await fetch(path, { ...options, headers: { range: `bytes=${from}-${from + 1}` } });
  if (!response.ok) return { error: Object.assign(new Error('media'), { problem: await problemIn(response) }) };
  await response.arrayBuffer();
  return { ok: true };
}
