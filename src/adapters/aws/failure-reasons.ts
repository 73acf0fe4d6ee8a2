// Reasons why an AWS service could not be used, in words for operators. The services' messages may contain names of
// buckets, keys and people: only an action and a code are taken from them.
import { requiredAction } from './iam-action.ts';

/** Codes of a service that does not accept the credentials. */
const CREDENTIAL_ERRORS: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
]);

/** Advice for a code of the service or of the network; null where there is nothing to change. */
export function reasonOf(error: Error, service: string): string | null {
  const code = codeOf(error);
  if (code === 'AccessDenied' || code === 'AccessDeniedException') return accessDenied(error, service);
  if (code === 'CredentialsProviderError') {
    return 'no credentials found: set them in the environment or give the process a role';
  }
  if (CREDENTIAL_ERRORS.has(code)) return `${service} does not accept the credentials: check them (${code})`;
  if (code === 'RequestTimeTooSkewed' || code === 'RequestExpired') {
    return `this machine’s clock is not that of ${service}: set it (${code})`;
  }
  if (code === 'SignatureDoesNotMatch' || code === 'InvalidSignatureException') {
    return `${service} does not accept the signature: check the secret key and this machine’s clock (${code})`;
  }
  // A HEAD reply has no body, and so no code.
  if (statusOf(error) === 403) return accessDenied(error, service);
  if (statusOf(error) === undefined) {
    return `no answer from ${service}: check its endpoint, the Region and the network${code === '' ? '' : ` (${code})`}`;
  }
  return null;
}

function accessDenied(error: Error, service: string): string {
  return `access denied: ${requiredAction(error) ?? `an action of ${service}`}`;
}

function statusOf(error: Error): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** The code of the service or the network: one word, or null. */
export function codeOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(code) && code !== 'Error' ? code : '';
}
