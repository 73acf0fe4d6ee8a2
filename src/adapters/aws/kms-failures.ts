// Classification of KMS failures: permanent, or one that may pass.
import { KMSServiceException } from '@aws-sdk/client-kms';
import { VaultError } from '../../errors.ts';
import { codeOf, reasonOf } from './failure-reasons.ts';

/**
 * Failures that last until someone changes the key, its policy or the request. AccessDenied comes from the customer's or
 * the account's policy; unknown or expired credentials have other names and are not in this list.
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
/** KMS counts request quotas per second. */
const THROTTLED_SECONDS = 1;

/** Converts an SDK error. Failures not known to be permanent may pass. */
export function toKeyServiceError(error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  const status = error instanceof KMSServiceException ? (error.$metadata.httpStatusCode ?? 0) : 500;
  if (error instanceof KMSServiceException && status < 500 && PERMANENT.has(error.name)) {
    return new VaultError('key_refused', reasonOf(error, 'KMS') ?? `KMS rejected the key (${error.name})`, {
      cause: error,
    });
  }
  if (error instanceof KMSServiceException && error.name === 'ThrottlingException') {
    const how = { cause: error, retryAfter: THROTTLED_SECONDS, throttled: true };
    return new VaultError('key_service_unavailable', 'KMS is throttling requests: the request quota is used up', how);
  }
  return keyServiceUnavailable(messageOf(error), redactedCause(error));
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'KMS did not answer';
  const code = codeOf(error);
  return reasonOf(error, 'KMS') ?? `KMS cannot be used${code === '' ? '' : ` (${code})`}`;
}

/** `key_service_unavailable`, with the seconds until a retry makes sense. */
export function keyServiceUnavailable(message: string, cause?: unknown): VaultError {
  return new VaultError('key_service_unavailable', message, { cause, retryAfter: RETRY_AFTER_SECONDS });
}

/** Whether a VaultError comes from KMS's exception of this name. */
export function isException(error: unknown, name: string): error is VaultError {
  return error instanceof VaultError && error.cause instanceof KMSServiceException && error.cause.name === name;
}

/** An error about an unreadable reply quotes the reply, which may contain a key in clear: keeps only its name. */
function redactedCause(error: unknown): unknown {
  if (error instanceof KMSServiceException) return error;
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return new Error([error.name, code].filter((text) => text !== '').join(' '));
}
