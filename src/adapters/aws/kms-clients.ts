// KMS clients, one a Region, and how long they may take.
import { setMaxListeners } from 'node:events';
import { KMSClient } from '@aws-sdk/client-kms';
import type { Wait } from '../../ports/object-store.ts';
import { MIDDLEWARE_OPTIONS, recordAction } from './iam-action.ts';
import { toKeyServiceError } from './kms-failures.ts';

/** `endpoint` stands in for the endpoint of every Region; without `credentials` the SDK looks for them where it does. */
export type KmsOptions = {
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
};

const CONNECTION_MS = 1_000;
const REQUEST_MS = 3_000;
const ATTEMPTS = 3;
/** One call with its retries, and with what the request's own limit does not cover: credentials, and a reply's body. */
const TOTAL_MS = 12_000;

/** The client of a Region, made at its first use, by `changed` as it is to be. */
export function kmsClients(
  options: KmsOptions,
  attempts = ATTEMPTS,
  changed = (client: KMSClient): KMSClient => client,
): (region: string) => KMSClient {
  const made = new Map<string, KMSClient>();
  return (region) => {
    const there = made.get(region);
    if (there !== undefined) return there;
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
    made.set(region, changed(client));
    return client;
  };
}

/**
 * A client that is told at once where KMS is asked too often, and left to slow down; whatever else fails is tried again
 * as ever. For bulk work: its retries would take what others wait for.
 */
export function withoutThrottleRetries(client: KMSClient): KMSClient {
  const usual = client.config.retryStrategy;
  client.config.retryStrategy = async () => {
    const strategy = await usual();
    if (!('refreshRetryTokenForRetry' in strategy)) return strategy;
    return {
      acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
      refreshRetryTokenForRetry: (token, failure) => {
        if (failure.errorType === 'THROTTLING') throw new Error('not tried again');
        return strategy.refreshRetryTokenForRetry(token, failure);
      },
      recordSuccess: (token) => strategy.recordSuccess(token),
    };
  };
  return client;
}

/** Sends one request, within twelve seconds and until the caller's signal fires. Throws our errors. */
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
