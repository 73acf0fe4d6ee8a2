// On-demand rotation of a KMS key: starts one, or joins a running one, and waits for the end.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import { hasCode, VaultError } from '../../errors.ts';
import type { Wait } from '../../ports/object-store.ts';
import { isInOwnAccount } from './kms-aliases.ts';
import { sendKms } from './kms-clients.ts';
import { isException, keyServiceUnavailable } from './kms-failures.ts';

type RotationStatus = { readonly running: boolean; readonly yearly: boolean };
/** `material` identifies the current key material, where KMS reports it; `running` is an on-demand rotation in progress. */
type RotationState = RotationStatus & { readonly material: string | undefined };

const FIRST_POLL_MS = 100;
const MAX_POLL_MS = 2_000;
/** KMS rejects on-demand rotation from 20 minutes before a scheduled rotation until that is done. */
const SCHEDULED_RETRY_SECONDS = 1_800;

/**
 * Gives the key new material, and enables yearly rotation where that is disabled and permitted. Returns once KMS wraps
 * under the new material, as far as it reports that. `once` sends without retries: KMS counts on-demand rotations and
 * allows a limited number per key (25, says AWS in 2025).
 */
export async function rotateKey(kms: KMSClient, once: KMSClient, id: string, wait: Wait): Promise<void> {
  if (!(await isInOwnAccount(kms, id, wait))) {
    throw new VaultError('key_refused', 'the key belongs to another account: only its owner can rotate it');
  }
  // Here the material is read first, later last: a rotation that ends in between shows by its material.
  const material = await materialOf(kms, id, wait);
  const before = { material, ...(await statusOf(kms, id, wait)) };
  if (!before.yearly) await enableYearlyRotation(kms, id, wait);
  if (!before.running) await startRotation(kms, once, id, before, wait);
  await awaitRotation(kms, id, before, wait);
}

async function readRotation(kms: KMSClient, id: string, wait: Wait): Promise<RotationState> {
  const status = await statusOf(kms, id, wait);
  return { ...status, material: await materialOf(kms, id, wait) };
}

async function materialOf(kms: KMSClient, id: string, wait: Wait): Promise<string | undefined> {
  const answer = await sendKms(wait, (abort) => kms.send(new DescribeKeyCommand({ KeyId: id }), abort));
  return answer.KeyMetadata?.CurrentKeyMaterialId;
}

async function statusOf(kms: KMSClient, id: string, wait: Wait): Promise<RotationStatus> {
  try {
    const status = await sendKms(wait, (abort) => kms.send(new GetKeyRotationStatusCommand({ KeyId: id }), abort));
    return { running: status.OnDemandRotationStartDate !== undefined, yearly: status.KeyRotationEnabled === true };
  } catch (error) {
    throw isException(error, 'UnsupportedOperationException') ? rotationRefused(error.cause) : error;
  }
}

/** Not for imported material or custom key stores, nor where a policy reserves it for others. */
async function enableYearlyRotation(kms: KMSClient, id: string, wait: Wait): Promise<void> {
  try {
    await sendKms(wait, (abort) => kms.send(new EnableKeyRotationCommand({ KeyId: id }), abort));
  } catch (error) {
    if (!isException(error, 'UnsupportedOperationException') && !isException(error, 'AccessDeniedException'))
      throw error;
  }
}

async function startRotation(
  kms: KMSClient,
  once: KMSClient,
  id: string,
  before: RotationState,
  wait: Wait,
): Promise<void> {
  try {
    await sendKms(wait, (abort) => once.send(new RotateKeyOnDemandCommand({ KeyId: id }), abort));
  } catch (error) {
    if (isException(error, 'UnsupportedOperationException')) throw rotationRefused(error.cause);
    if (isException(error, 'LimitExceededException')) {
      const message = 'KMS allows no more on-demand rotations of this key: create a new key for the tenant';
      throw new VaultError('key_refused', message, { cause: error.cause });
    }
    if (!hasCode(error, 'key_service_unavailable')) throw error;
    // The answer was lost, or another process started it: either way it is running or done.
    const now = await readRotation(kms, id, wait).catch(() => before);
    if (now.running || now.material !== before.material) return;
    if (!isException(error, 'ConflictException')) throw error;
    const message = 'KMS rotates this key by its schedule, now or within 20 minutes: try again in half an hour';
    const how = { cause: error.cause, retryAfter: SCHEDULED_RETRY_SECONDS };
    throw new VaultError('key_service_unavailable', message, how);
  }
}

/** A failed status read may succeed the next time; starting again would be another rotation. */
async function awaitRotation(kms: KMSClient, id: string, before: RotationState, wait: Wait): Promise<void> {
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(2 * pause, MAX_POLL_MS)) {
    const now = await readRotation(kms, id, wait).catch((error: unknown) => {
      if (hasCode(error, 'key_service_unavailable') && !wait.signal.aborted) return null;
      throw error;
    });
    const turned = now !== null && (now.material === undefined || now.material !== before.material);
    if (turned && !now.running) return;
    await sleep(pause, undefined, { signal: wait.signal }).catch((cause: unknown) => {
      throw keyServiceUnavailable('KMS is still rotating the key: check again later', cause);
    });
  }
}

function rotationRefused(cause: unknown): VaultError {
  const message = 'KMS cannot rotate a key of this kind (imported, asymmetric or in a custom key store)';
  return new VaultError('key_refused', `${message}: import some, or make the tenant a new key`, { cause });
}
