// The operations that make, describe and end keys.
import { createHash } from 'node:crypto';
import { ACCOUNT, type Call, refusal } from '../call.ts';
import type { World } from '../state.ts';
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
import { allow, allowKey } from './permissions.ts';

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

export function createKey(world: World, call: Call): object {
  const { input, region } = call;
  const tags = tagsIn(input);
  allow(world, call, 'CreateKey', '*');
  const plain = (textIn(input, 'KeySpec') ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT';
  if (
    !plain ||
    (textIn(input, 'KeyUsage') ?? 'ENCRYPT_DECRYPT') !== 'ENCRYPT_DECRYPT' ||
    input['MultiRegion'] === true
  ) {
    throw refusal(400, 'UnsupportedOperationException', 'only symmetric keys of one Region here');
  }
  const key = newMasterKey(region, textIn(input, 'Description') ?? '', tags);
  // Leave to tag is that of the key which comes to be.
  if (tags.size > 0) allow(world, call, 'TagResource', key.arn);
  world.keys.set(key.arn, key);
  return { KeyMetadata: metadata(key) };
}

export function describeKey(world: World, call: Call): object {
  const key = findMasterKey(world, call.region, call.input['KeyId']);
  allowKey(world, call, 'DescribeKey', key);
  return { KeyMetadata: metadata(key) };
}

export function listKeys(world: World, call: Call): object {
  allow(world, call, 'ListKeys', '*');
  const all = [...world.keys.values()].filter(({ region }) => region === call.region);
  const { page, more } = pageIn(call.input, all, world.settings.pageSize);
  return { Keys: page.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...more };
}

/** The key of a management call, once that is allowed. */
export function managed(world: World, call: Call, action: string): MasterKey {
  const key = findManagedKey(world, call.region, call.input['KeyId']);
  allowKey(world, call, action, key);
  return key;
}

export function alive(key: MasterKey): MasterKey {
  if (key.state === 'PendingDeletion') throw pendingDeletion(key);
  return key;
}

function setState(world: World, call: Call, action: string, state: KeyState): object {
  changeState(world, alive(managed(world, call, action)), state);
  return {};
}

export function disableKey(world: World, call: Call): object {
  return setState(world, call, 'DisableKey', 'Disabled');
}

export function enableKey(world: World, call: Call): object {
  return setState(world, call, 'EnableKey', 'Enabled');
}

export function scheduleKeyDeletion(world: World, call: Call): object {
  const days = numberIn(call.input, 'PendingWindowInDays') ?? 30;
  const key = alive(managed(world, call, 'ScheduleKeyDeletion'));
  if (days < 7 || days > 30) throw invalid(`Value at 'pendingWindowInDays' failed to satisfy constraint`);
  changeState(world, key, 'PendingDeletion');
  key.deletion = Date.now() / 1000 + days * DAY_SECONDS;
  return { KeyId: key.arn, DeletionDate: key.deletion, KeyState: key.state, PendingWindowInDays: days };
}

export function cancelKeyDeletion(world: World, call: Call): object {
  const key = managed(world, call, 'CancelKeyDeletion');
  if (key.state !== 'PendingDeletion') {
    throw refusal(400, 'KMSInvalidStateException', `${key.arn} is not pending deletion.`);
  }
  changeState(world, key, 'Disabled');
  key.deletion = null;
  return { KeyId: key.arn };
}
