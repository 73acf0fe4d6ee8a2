// Problems of API calls: the API's problem document, or a missing response.
import type { ProblemBody } from '../../http/reply-types.ts';

/** `offline`, `unreachable` and `no_answer` are codes of the console: the service has not responded. */
export type Problem = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** First failed check as a sentence in the requested language; null if no check was made. */
  readonly cause: string | null;
  readonly requestId: string | null;
  /** Seconds after which a retry can succeed; null if the service gives none. */
  readonly retryAfter: number | null;
  /** How the log differs from what was published, where it is held; else null. */
  readonly held: NonNullable<ProblemBody['held']> | null;
  readonly errors: NonNullable<ProblemBody['errors']>;
  readonly checks: NonNullable<ProblemBody['checks']>;
};

/** What a problem has where the service has not responded. */
export const NO_RESPONSE: Omit<Problem, 'code'> = {
  ...{ status: 0, title: '', cause: null, requestId: null },
  ...{ retryAfter: null, held: null, errors: [], checks: [] },
};

type ProblemError = Error & { readonly problem: Problem };

/** Error that carries the problem. */
export function problemError(problem: Problem): ProblemError {
  return Object.assign(new Error(problem.code), { problem });
}

/** The problem of an error; null for an error that is not a response of the API. */
export function problemOf(error: unknown): Problem | null {
  return error instanceof Error && 'problem' in error ? (error as ProblemError).problem : null;
}

/** Whether the log is held: nothing is served or changed until an operator restores it. */
export function isHeld(error: unknown): boolean {
  return (problemOf(error)?.held ?? null) !== null;
}

function seconds(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}

/** Reads the problem of a response. A proxy's error page has no problem document and becomes one by its status. */
export async function problemFromResponse(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as Partial<ProblemBody> | null;
  return {
    status: response.status,
    code: body?.code ?? `http_${response.status}`,
    title: body?.title ?? response.statusText,
    cause: body?.checks === undefined ? null : (body.detail ?? null),
    requestId: body?.request_id ?? response.headers.get('x-request-id'),
    retryAfter: seconds(response.headers.get('retry-after')),
    held: body?.held ?? null,
    errors: body?.errors ?? [],
    checks: body?.checks ?? [],
  };
}
