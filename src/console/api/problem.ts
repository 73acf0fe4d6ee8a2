// What goes wrong with a call: the API's problem document, or that no answer came.
import type { ProblemBody } from '../../http/reply-types.ts';

/** `offline`, `unreachable` and `no_answer` are the console's own codes: the service has not said anything. */
export type Problem = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** The first check that failed, as a sentence in the language that was asked for; null where no check was made. */
  readonly cause: string | null;
  readonly requestId: string | null;
  /** Seconds after which trying again makes sense; null where the service does not say. */
  readonly retryAfter: number | null;
  readonly errors: NonNullable<ProblemBody['errors']>;
  readonly checks: NonNullable<ProblemBody['checks']>;
};

type ProblemError = Error & { readonly problem: Problem };

/** An error that carries the problem. */
export function problemError(problem: Problem): ProblemError {
  return Object.assign(new Error(problem.code), { problem });
}

/** The problem of an error, or null for one that is no answer of the API. */
export function problemOf(error: unknown): Problem | null {
  return error instanceof Error && 'problem' in error ? (error as ProblemError).problem : null;
}

function seconds(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}

/** The problem in a reply. A proxy's page is no problem document: it becomes one by its status. */
export async function problemFromResponse(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as Partial<ProblemBody> | null;
  return {
    status: response.status,
    code: body?.code ?? `http_${response.status}`,
    title: body?.title ?? response.statusText,
    cause: body?.checks === undefined ? null : (body.detail ?? null),
    requestId: body?.request_id ?? response.headers.get('x-request-id'),
    retryAfter: seconds(response.headers.get('retry-after')),
    errors: body?.errors ?? [],
    checks: body?.checks ?? [],
  };
}
