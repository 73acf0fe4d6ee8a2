// KMS keeps the contract of key services, on moto.
import { randomUUID } from 'node:crypto';
import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { describe } from 'vitest';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { needs } from '../support/needs.ts';
import { serverOf } from '../support/servers/servers.ts';
import { keyServiceContract } from './key-service.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-central-1';
const moto = needs('moto');

describe.skipIf(!moto.present)(`KMS${moto.reason && ` (${moto.reason})`}`, () => {
  keyServiceContract('KMS on moto', async () => {
    const { url: endpoint } = await serverOf('moto');
    const owner = new KMSClient({ endpoint, region, credentials });
    return {
      keys: kmsKeys({ endpoint, region, credentials }),
      put: async ({ id }, state) => {
        // moto takes no ARN here.
        const KeyId = id.slice(-36);
        if (state === 'disabled') await owner.send(new DisableKeyCommand({ KeyId }));
        if (state === 'pending-deletion') await owner.send(new ScheduleKeyDeletionCommand({ KeyId }));
        if (state !== 'enabled') return;
        const { KeyMetadata: now } = await owner.send(new DescribeKeyCommand({ KeyId }));
        if (now?.KeyState === 'PendingDeletion') await owner.send(new CancelKeyDeletionCommand({ KeyId }));
        await owner.send(new EnableKeyCommand({ KeyId }));
      },
      unknown: (key) => [
        { ...key, id: `${key.id.slice(0, -36)}${randomUUID()}` },
        { ...key, id: key.id.replace(region, 'us-east-1') },
        { ...key, id: key.id.replace(region, 'cn-north-1').replace('arn:aws:', 'arn:aws-cn:') },
        { ...key, id: key.id.replace(region, 'us-gov-west-1').replace('arn:aws:', 'arn:aws-us-gov:') },
      ],
      nameless: ({ id }) => [
        '',
        id.slice(-36),
        `${id}0`,
        `${id}/`,
        `${id}\n`,
        id.replace(/:key\/.*/, ':alias/vault/tenant/ten_a'),
        'alias/vault/tenant/ten_a',
        id.replace('arn:aws:', 'arn:aws-iso:'),
        id.replace(':kms:', ':s3:'),
        id.replace(region, 'eu-central-1.example.com/'),
        id.replace(region, ''),
      ],
    };
  });
});
