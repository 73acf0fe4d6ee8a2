// KMS clients, one per Region, with their deadlines.
import { setMaxListeners } from 'node:events';
import { KMSClient } from '@aws-sdk/client-kms';
import type { Wait } from '../../ports/object-store.ts';
import { MIDDLEWARE_OPTIONS, recordAction } from './iam-action.ts';
import { toKeyServiceError } from './kms-failures.ts';
import { type HeardTime, REPLY_DATE_OPTIONS, replyDate } from './reply-date.ts';

/** `endpoint` replaces the endpoint of every Region; without `credentials` the SDK searches its usual places. */
export type KmsOptions = {
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Called with the time that each reply says. */
  readonly heard?: HeardTime;
};

const CONNECTION_MS = 1_000;
const REQUEST_MS = 3_000;
const ATTEMPTS = 3;
/** Deadline of one call with its retries, including what the SDK's request timeout omits: credentials and the reply's body. */
const TOTAL_MS = 12_000;

/** The client of a Region, created at first use with the settings of `changed`. */
export function kmsClients(
  options: KmsOptions,
  attempts = ATTEMPTS,
  changed = (client: KMSClient): KMSClient => client,
): (region: string) => KMSClient {
  const made = new Map<string, KMSClient>();
  return (region) => {
    const existing = made.get(region);
    if (existing !== undefined) return existing;
    const client = new KMSClient({
      region,
      maxAttempts: attempts,
      requestHandler: {
        connectionTimeout: CONNECTION_MS,
        requestTimeout: REQUEST_MS,
        throwOnRequestTimeout: true,
      },
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    });
    client.middlewareStack.add(recordAction('kms'), MIDDLEWARE_OPTIONS);
    if (options.heard !== undefined) client.middlewareStack.add(replyDate(options.heard), REPLY_DATE_OPTIONS);
    made.set(region, changed(client));
    return client;
  };
}

/**
 * A client that reports throttling at once, so that its caller slows down; it retries other failures as usual. For bulk
 * work: its retries would use up the request quota that interactive requests need.
 */
export function withoutThrottleRetries(client: KMSClient): KMSClient {
  const usual = client.config.retryStrategy;
  client.config.retryStrategy = async () => {
    const strategy = await usual();
    if (!('refreshRetryTokenForRetry' in strategy)) return strategy;
    return {
      acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
      refreshRetryTokenForRetry: (token, failure) => {
        if (failure.errorType === 'THROTTLING') throw new Error('throttled, not retried');
        return strategy.refreshRetryTokenForRetry(token, failure);
      },
      recordSuccess: (token) => strategy.recordSuccess(token),
    };
  };
  return client;
}

/** Sends one request, within twelve seconds and until the caller's signal fires. Throws VaultErrors. */
export async function sendKms<Answer>(
  { signal }: Wait,
  send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
): Promise<Answer> {
  const over = new AbortController();
  const end = () => over.abort();
  const timer = setTimeout(end, TOTAL_MS);
  // Many requests may wait under one signal.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([send({ abortSignal: over.signal }), whenAborted(over.signal)]);
  } catch (error) {
    throw toKeyServiceError(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new Error('no answer in time'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
