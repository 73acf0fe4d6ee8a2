// The states of KMS keys, and what a state that forbids a request means for it.
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

/** A state in which a refusal says nothing for good; `enabled`, because the refusal was a moment ago. */
const TRANSIENT: ReadonlySet<KeyState> = new Set<KeyState>(['creating', 'enabled', 'unavailable', 'updating']);

/** The state of a key. Throws `key_refused` where asking is denied. */
export async function stateOf(client: KMSClient, id: string, wait: Wait): Promise<KeyState> {
  try {
    const answer = await sendKms(wait, (abort) => client.send(new DescribeKeyCommand({ KeyId: id }), abort));
    const state = STATES[answer.KeyMetadata?.KeyState ?? ''];
    if (state === undefined) throw keyServiceUnavailable('KMS answered with a state that is not known');
    return state;
  } catch (error) {
    if (isException(error, 'NotFoundException')) return 'missing';
    throw error;
  }
}

/**
 * Throws the failure of a request again, as something that may pass where KMS named a state and all of these keys are
 * in one that passes. Where their states may not be asked for, the refusal stands.
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
  throw new VaultError('key_service_unavailable', 'the key is not available now', {
    cause: error.cause,
    retryAfter: 5,
  });
}
