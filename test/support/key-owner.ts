// A deployment whose tenants' keys have an owner, who disables a key and enables it again without the vault's knowledge.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import { keyOf } from '../../src/model/tenant.ts';
import type { KeysUnderTest, SetState } from '../contract/tested-keys.ts';
import { kmsAt } from './double/clients.ts';
import { keyringUnderTest } from './keyring-under-test.ts';
import { openOutage } from './outage.ts';
import { serverOf } from './servers/servers.ts';
import { tenantOf } from './volume.ts';
import { makeWorld, type World } from './world.ts';

/** Sets key states as the contract of key services does. Sends the bare id: moto accepts no ARN here. */
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

export type KeyOwner = {
  readonly world: World;
  /** Puts the tenant's key in a state. */
  readonly put: (tenant: string, state: SetState) => Promise<void>;
  readonly end: () => Promise<void>;
};

function keyOwnerOf(world: World, put: KeysUnderTest['put'], end: () => Promise<void>): KeyOwner {
  return { world, put: async (tenant, state) => put(keyOf(await tenantOf(world.vault, tenant)), state), end };
}

/** SQLite, folder and keyring. */
export async function keyringOwner(): Promise<KeyOwner> {
  const world = await makeWorld();
  const { put } = await keyringUnderTest(world.folder);
  return keyOwnerOf(world, put, world.end);
}

/** S3 and KMS in the double. */
export async function doubleOwner(): Promise<KeyOwner> {
  const outage = await openOutage();
  const owner = kmsAt(outage.double);
  return keyOwnerOf(outage.world, putState(owner), async () => {
    owner.destroy();
    await outage.end();
  });
}

const REGION = 'eu-central-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

/** A folder, and KMS in moto. */
export async function motoOwner(): Promise<KeyOwner> {
  const { url: endpoint } = await serverOf('moto');
  const how = { endpoint, region: REGION, credentials: CREDENTIALS };
  const folder = await mkdtemp(join(tmpdir(), 'callvault-owner-'));
  const place = { region: '', bucket: '', prefix: '' };
  const world = await makeWorld({ engines: { store: folderStore(join(folder, 'store')), keys: kmsKeys(how), place } });
  const owner = new KMSClient(how);
  return keyOwnerOf(world, putState(owner), async () => {
    owner.destroy();
    await world.end();
    await rm(folder, { recursive: true, force: true });
  });
}
