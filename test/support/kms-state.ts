// Putting a KMS key in a state, as its owner would.
import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { KeysUnderTest } from '../contract/tested-keys.ts';

/** How the contract of key services puts keys in states. The bare id is sent: moto takes no ARN here. */
export function putState(owner: KMSClient): KeysUnderTest['put'] {
  return async ({ id }, state) => {
    const KeyId = id.slice(-36);
    if (state === 'disabled') await owner.send(new DisableKeyCommand({ KeyId }));
    if (state === 'pending-deletion') await owner.send(new ScheduleKeyDeletionCommand({ KeyId }));
    if (state !== 'enabled') return;
    const { KeyMetadata: now } = await owner.send(new DescribeKeyCommand({ KeyId }));
    if (now?.KeyState === 'PendingDeletion') await owner.send(new CancelKeyDeletionCommand({ KeyId }));
    await owner.send(new EnableKeyCommand({ KeyId }));
  };
}
