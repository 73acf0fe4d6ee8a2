// Why a service of AWS could not be used, in words for whoever runs the deployment. The services' own messages can hold
// names of buckets, keys and people: of them no more is told than an action and a code.
import { requiredAction } from './iam-action.ts';

/** The codes of a service that does not know who is asking, or no longer. */
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

/** What follows from a code of the service or of the network, or null where it says nothing that could be changed. */
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
  // An answer to HEAD has no body, and so no code.
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

/** The service's or the network's code: one word, or nothing. */
export function codeOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(code) && code !== 'Error' ? code : '';
}
