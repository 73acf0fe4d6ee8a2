// What a failure of KMS means: said for good, or something that may pass.
import { KMSServiceException } from '@aws-sdk/client-kms';
import { VaultError } from '../../errors.ts';
import { codeOf, reasonOf } from './failure-reasons.ts';

/**
 * The refusals that stay until somebody changes key, policy or request. AccessDenied is the customer's or the account's
 * policy speaking; credentials that KMS does not know or that ran out have other names, and are not among these.
 */
const PERMANENT: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'DisabledException',
  'IncorrectKeyException',
  'InvalidArnException',
  'InvalidCiphertextException',
  'InvalidGrantTokenException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'NotFoundException',
  'UnsupportedOperationException',
  'ValidationException',
]);

const RETRY_AFTER_SECONDS = 5;
/** Request quotas are counted by the second. */
const THROTTLED_SECONDS = 1;

/** Our error for one of the SDK's. What is not known to be for good may pass. */
export function toKeyServiceError(error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  const status = error instanceof KMSServiceException ? (error.$metadata.httpStatusCode ?? 0) : 500;
  if (error instanceof KMSServiceException && status < 500 && PERMANENT.has(error.name)) {
    return new VaultError('key_refused', reasonOf(error, 'KMS') ?? `KMS refused the key (${error.name})`, {
      cause: error,
    });
  }
  if (error instanceof KMSServiceException && error.name === 'ThrottlingException') {
    const how = { cause: error, retryAfter: THROTTLED_SECONDS, throttled: true };
    return new VaultError('key_service_unavailable', 'KMS is asked too often: the request quota is used up', how);
  }
  return keyServiceUnavailable(messageOf(error), redactedCause(error));
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'KMS did not answer';
  const code = codeOf(error);
  return reasonOf(error, 'KMS') ?? `KMS cannot be used${code === '' ? '' : ` (${code})`}`;
}

/** `key_service_unavailable`, with a time to try again. */
export function keyServiceUnavailable(message: string, cause?: unknown): VaultError {
  return new VaultError('key_service_unavailable', message, { cause, retryAfter: RETRY_AFTER_SECONDS });
}

/** Whether an error of ours stands for KMS's exception of this name. */
export function isException(error: unknown, name: string): error is VaultError {
  return error instanceof VaultError && error.cause instanceof KMSServiceException && error.cause.name === name;
}

/** An error over a reply that could not be read quotes the reply, which may hold a key in clear: only its name is kept. */
function redactedCause(error: unknown): unknown {
  if (error instanceof KMSServiceException) return error;
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return new Error([error.name, code].filter((text) => text !== '').join(' '));
}
