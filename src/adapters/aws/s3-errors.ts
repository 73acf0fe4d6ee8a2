// Conversion of SDK errors. Their messages may contain names of buckets and keys, so they remain in the cause.
import { VaultError } from '../../errors.ts';
import { codeOf, reasonOf } from './failure-reasons.ts';

const RETRY_AFTER = 5;
const LONGEST_RETRY_AFTER = 300;

/** Any failure becomes one that may pass; callers that know better use `s3ErrorReplyOf`. */
export function toStoreError(cause: unknown): VaultError {
  if (cause instanceof VaultError) return cause;
  const after = Number(headersOf(cause)['retry-after']);
  const retryAfter = after > 0 ? Math.min(Math.ceil(after), LONGEST_RETRY_AFTER) : RETRY_AFTER;
  return new VaultError('store_unavailable', messageOf(cause), { cause, retryAfter });
}

const WRONG_REGION_CODES: ReadonlySet<string> = new Set([
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'PermanentRedirect',
]);

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'the object store cannot be used';
  const code = codeOf(cause);
  // A HEAD reply has no body, so no S3 error code; for a missing blob callers do not show this text.
  if (code === 'NoSuchBucket' || code === 'NotFound') return 'there is no such bucket: check its name and the Region';
  const region = headersOf(cause)['x-amz-bucket-region'] ?? '';
  if (WRONG_REGION_CODES.has(code)) {
    return `the bucket is in another Region${/^[a-z0-9-]{4,32}$/.test(region) ? `, ${region}` : ''}: check AWS_REGION`;
  }
  return reasonOf(cause, 'S3') ?? `the object store cannot be used${code === '' ? '' : ` (${code})`}`;
}

/** S3's error code and the HTTP status. */
export type S3ErrorReply = { readonly code: string; readonly status: number | null };

/** The reply behind an error of `toStoreError`. */
export function s3ErrorReplyOf(error: unknown): S3ErrorReply {
  const cause = error instanceof VaultError ? error.cause : undefined;
  if (!(cause instanceof Error)) return { code: '', status: null };
  const { $metadata } = cause as { $metadata?: { httpStatusCode?: number } };
  return { code: cause.name, status: $metadata?.httpStatusCode ?? null };
}

/** The blob is missing. A missing bucket is another matter: it may return. */
export function isMissing(error: unknown): boolean {
  const { code, status } = s3ErrorReplyOf(error);
  return status === 404 && code !== 'NoSuchBucket';
}

/** The condition of a write failed, or another conditional write was in progress. */
export function isConflict(error: unknown): boolean {
  const { code, status } = s3ErrorReplyOf(error);
  return status === 412 || code === 'ConditionalRequestConflict';
}

/** The store failed after it received the request, which may have succeeded. */
export function mayHaveSucceeded(error: unknown): boolean {
  return (s3ErrorReplyOf(error).status ?? 0) >= 500;
}

/** The upload does not exist. */
export function isUploadGone(error: unknown): boolean {
  return s3ErrorReplyOf(error).code === 'NoSuchUpload';
}

/** The upload lacks these parts, or they have other sizes. */
export function isPartsMismatch(error: unknown): boolean {
  return ['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall'].includes(s3ErrorReplyOf(error).code);
}

/** Denied without detail: a HEAD reply has no code, and a GET may lack another action. */
export function isAmbiguousRefusal(error: unknown): boolean {
  return [301, 400, 403].includes(s3ErrorReplyOf(error).status ?? 0);
}

/** The blob ends before the range begins. */
export function isBeyondEnd(error: unknown): boolean {
  return s3ErrorReplyOf(error).status === 416;
}

function headersOf(cause: unknown): Readonly<Record<string, string | undefined>> {
  const { $response } = (cause ?? {}) as { $response?: { headers?: Readonly<Record<string, string>> } };
  return $response?.headers ?? {};
}
