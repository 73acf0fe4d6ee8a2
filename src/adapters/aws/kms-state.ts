// States of KMS keys, and whether a state that forbids a request may pass.
import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { hasCode, VaultError } from '../../errors.ts';
import type { KeyReference } from '../../model/tenant.ts';
import type { KeyState } from '../../ports/key-service.ts';
import type { Wait } from '../../ports/object-store.ts';
import { sendKms } from './kms-clients.ts';
import { isException, keyServiceUnavailable } from './kms-failures.ts';

const STATES: Readonly<Record<string, KeyState>> = {
  Creating: 'creating',
  Disabled: 'disabled',
  Enabled: 'enabled',
  PendingDeletion: 'pending-deletion',
  PendingImport: 'pending-import',
  PendingReplicaDeletion: 'pending-replica-deletion',
  Unavailable: 'unavailable',
  Updating: 'updating',
};

/** States in which a failure may pass; `enabled`, because the state may have changed since the failure. */
const TRANSIENT: ReadonlySet<KeyState> = new Set<KeyState>(['creating', 'enabled', 'unavailable', 'updating']);

/** The state of a key. Throws `key_refused` where asking is denied. */
export async function stateOf(client: KMSClient, id: string, wait: Wait): Promise<KeyState> {
  try {
    const answer = await sendKms(wait, (abort) => client.send(new DescribeKeyCommand({ KeyId: id }), abort));
    const state = STATES[answer.KeyMetadata?.KeyState ?? ''];
    if (state === undefined) throw keyServiceUnavailable('KMS returned an unknown key state');
    return state;
  } catch (error) {
    if (isException(error, 'NotFoundException')) return 'missing';
    throw error;
  }
}

/**
 * Rethrows a request's failure. It may pass where KMS reported a key state and all of these keys are in a state that
 * passes. Where reading their states is denied, the failure is permanent.
 */
export async function rethrowByKeyState(
  client: KMSClient,
  keys: readonly KeyReference[],
  error: unknown,
  wait: Wait,
): Promise<never> {
  if (!isException(error, 'KMSInvalidStateException')) throw error;
  for (const { id } of keys) {
    const passes = await stateOf(client, id, wait).then(
      (state) => TRANSIENT.has(state),
      (failure: unknown) => !hasCode(failure, 'key_refused'),
    );
    if (!passes) throw error;
  }
  throw new VaultError('key_service_unavailable', 'the key is unavailable', {
    cause: error.cause,
    retryAfter: 5,
  });
}
