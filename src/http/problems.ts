// Errors as problem documents (RFC 9457); the only mapping of codes to HTTP statuses.
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { type ErrorCode, VaultError } from '../errors.ts';
import { problems as english } from '../messages/en/problems.ts';
import { problems as chinese } from '../messages/zh-CN/problems.ts';
import { type Check, untilFailure } from '../model/check.ts';
import { negotiateLanguage } from './language.ts';
import { detailOf } from './problem-detail.ts';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  malformed: 400,
  method_not_allowed: 405,
  metadata_invalid: 400,
  transcript_invalid: 400,
  sealed_file_invalid: 422,
  media_type_unsupported: 415,
  media_type_mismatch: 415,
  body_empty: 400,
  audio_empty: 422,
  body_cut: 400,
  body_too_large: 413,
  body_too_slow: 408,
  digest_mismatch: 400,
  range_not_satisfiable: 416,
  unauthenticated: 401,
  sign_in_refused: 403,
  step_up_required: 403,
  cross_site: 403,
  forbidden: 403,
  not_found: 404,
  access_refused: 403,
  change_refused: 403,
  session_ended: 403,
  too_many_streams: 429,
  too_fast: 429,
  too_many_searches: 429,
  too_many_requests: 429,
  conflict: 409,
  not_sealed: 409,
  precondition_required: 428,
  precondition_failed: 412,
  call_differs: 422,
  call_key_taken: 422,
  source_taken: 422,
  lists_of_another: 422,
  ingest_key_unknown: 409,
  upload_in_progress: 503,
  idempotency_in_progress: 409,
  idempotency_key_reused: 422,
  // A suspended tenant may be resumed, and some uploaders read a 409 as "already there" and delete their file.
  not_available: 503,
  signer_differs: 503,
  erased: 410,
  retained: 423,
  held: 423,
  restricted: 423,
  hold_being_placed: 503,
  integrity: 500,
  key_zeroed: 503,
  key_refused: 503,
  format_unknown: 500,
  blob_exists: 409,
  blob_missing: 500,
  audit_unavailable: 503,
  clock_differs: 503,
  clock_right: 409,
  database_busy: 503,
  database_unavailable: 503,
  store_unavailable: 503,
  key_service_unavailable: 503,
  config_invalid: 500,
  internal: 500,
};

const RETRY_AFTER_SECONDS = 5;
/** A disabled or deleted key does not return within seconds: its owner must enable it, or an administrator undo the deletion. */
const DISABLED_KEY_RETRY_SECONDS = 60;

/** The status of a code. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** Codes whose detail is not shown: it names permissions and settings of the deployment's dependencies. */
const CODES_WITHOUT_DETAIL: readonly ErrorCode[] = [
  'internal',
  'config_invalid',
  'signer_differs',
  'format_unknown',
  'key_refused',
  'key_service_unavailable',
  'store_unavailable',
];

/** Any error as a VaultError: an unknown one becomes `internal`, with its cause and without its message. */
export function asVaultError(error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  // The framework rejects these before a schema does: a body that is not JSON, or has another media type.
  if (error instanceof HTTPException && error.status === 415)
    return new VaultError('media_type_unsupported', 'the body must be application/json', {
      accepts: ['application/json'],
      cause: error,
    });
  if (error instanceof HTTPException && error.status === 400)
    return new VaultError('malformed', 'the body is not JSON', { cause: error });
  return new VaultError('internal', 'unexpected error', { cause: error });
}

const TITLES = { en: english, 'zh-CN': chinese };

/** The problem document of an error, in the caller's language. */
/** Each unknown member repeats the known names: a small body must not make a large reply. A change of people has 200 rows. */
const MAX_ERRORS = 200;

function problemResponse(error: unknown, requestId: string, accepted: string | undefined): Response {
  const known = asVaultError(error);
  const status = STATUS[known.code];
  const language = negotiateLanguage(accepted);
  const body = {
    type: `urn:callvault:problem:${known.code}`,
    title: TITLES[language][known.code],
    status,
    ...(CODES_WITHOUT_DETAIL.includes(known.code) ? {} : { detail: detailOf(known, language) }),
    code: known.code,
    request_id: requestId,
    retryable: status === 503 || status === 408 || known.retryAfter !== undefined,
    ...(known.fields.length === 0 ? {} : { errors: known.fields.slice(0, MAX_ERRORS) }),
    ...(known.call === undefined ? {} : { call: known.call }),
    ...(known.held === undefined ? {} : { held: known.held }),
    ...(known.checks === undefined ? {} : { checks: untilFailure(known.checks as readonly Check[]) }),
  };
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'content-language': language,
    vary: 'Accept-Language',
  });
  const usual = known.code === 'key_refused' ? DISABLED_KEY_RETRY_SECONDS : RETRY_AFTER_SECONDS;
  if (status === 503 || known.retryAfter !== undefined) headers.set('retry-after', String(known.retryAfter ?? usual));
  // RFC 9110, section 15.5.16.
  if (known.accepts.length > 0) headers.set('accept', known.accepts.join(', '));
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  return new Response(JSON.stringify(body), { status, headers });
}

/** The same, with language and request id from the request's context. */
export function problemFor(error: unknown, c: Context): Response {
  return problemResponse(error, String(c.get('requestId') ?? ''), c.req.header('accept-language'));
}
