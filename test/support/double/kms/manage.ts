// The operations that create, describe and delete keys.
import { createHash } from 'node:crypto';
import { ACCOUNT, type ServiceCall, serviceError } from '../call.ts';
import type { DoubleState } from '../state.ts';
import { invalid, numberIn, pageIn, tagsIn, textIn } from './input.ts';
import {
  changeState,
  findManagedKey,
  findMasterKey,
  type KeyState,
  type MasterKey,
  newMasterKey,
  pendingDeletion,
} from './master-key.ts';
import { requireKeyPermission, requirePermission } from './permissions.ts';

const DAY_SECONDS = 86_400;

function metadata({ id, arn, state, created, description, deletion, materials }: MasterKey): object {
  return {
    AWSAccountId: ACCOUNT,
    KeyId: id,
    Arn: arn,
    CreationDate: created,
    Enabled: state === 'Enabled',
    Description: description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: state,
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
    CurrentKeyMaterialId: createHash('sha256').update(`${id} ${materials.length}`).digest('hex'),
    ...(deletion === null ? {} : { DeletionDate: deletion }),
  };
}

export function createKey(world: DoubleState, call: ServiceCall): object {
  const { input, region } = call;
  const tags = tagsIn(input);
  requirePermission(world, call, 'CreateKey', '*');
  const plain = (textIn(input, 'KeySpec') ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT';
  if (
    !plain ||
    (textIn(input, 'KeyUsage') ?? 'ENCRYPT_DECRYPT') !== 'ENCRYPT_DECRYPT' ||
    input['MultiRegion'] === true
  ) {
    throw serviceError(400, 'UnsupportedOperationException', 'only symmetric keys of one Region here');
  }
  const key = newMasterKey(region, textIn(input, 'Description') ?? '', tags);
  // The permission to tag is for the new key.
  if (tags.size > 0) requirePermission(world, call, 'TagResource', key.arn);
  world.keys.set(key.arn, key);
  return { KeyMetadata: metadata(key) };
}

export function describeKey(world: DoubleState, call: ServiceCall): object {
  const key = findMasterKey(world, call.region, call.input['KeyId']);
  requireKeyPermission(world, call, 'DescribeKey', key);
  return { KeyMetadata: metadata(key) };
}

export function listKeys(world: DoubleState, call: ServiceCall): object {
  requirePermission(world, call, 'ListKeys', '*');
  const all = [...world.keys.values()].filter(({ region }) => region === call.region);
  const { page, more } = pageIn(call.input, all);
  return { Keys: page.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...more };
}

/** The key of a management call that the caller may make. */
export function managed(world: DoubleState, call: ServiceCall, action: string): MasterKey {
  const key = findManagedKey(world, call.region, call.input['KeyId']);
  requireKeyPermission(world, call, action, key);
  return key;
}

export function alive(key: MasterKey): MasterKey {
  if (key.state === 'PendingDeletion') throw pendingDeletion(key);
  return key;
}

function setState(world: DoubleState, call: ServiceCall, action: string, state: KeyState): object {
  changeState(world, alive(managed(world, call, action)), state);
  return {};
}

export function disableKey(world: DoubleState, call: ServiceCall): object {
  return setState(world, call, 'DisableKey', 'Disabled');
}

export function enableKey(world: DoubleState, call: ServiceCall): object {
  return setState(world, call, 'EnableKey', 'Enabled');
}

export function scheduleKeyDeletion(world: DoubleState, call: ServiceCall): object {
  const days = numberIn(call.input, 'PendingWindowInDays') ?? 30;
  const key = alive(managed(world, call, 'ScheduleKeyDeletion'));
  if (days < 7 || days > 30) throw invalid(`Value at 'pendingWindowInDays' failed to satisfy constraint`);
  changeState(world, key, 'PendingDeletion');
  key.deletion = Date.now() / 1000 + days * DAY_SECONDS;
  return { KeyId: key.arn, DeletionDate: key.deletion, KeyState: key.state, PendingWindowInDays: days };
}

export function cancelKeyDeletion(world: DoubleState, call: ServiceCall): object {
  const key = managed(world, call, 'CancelKeyDeletion');
  if (key.state !== 'PendingDeletion') {
    throw serviceError(400, 'KMSInvalidStateException', `${key.arn} is not pending deletion.`);
  }
  changeState(world, key, 'Disabled');
  key.deletion = null;
  return { KeyId: key.arn };
}
