// The contract of key services over the KMS adapter on moto.
import { randomUUID } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { putState } from '../support/key-owner.ts';
import { serverOf } from '../support/servers/servers.ts';
import { keyServiceContract } from './key-service.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-central-1';

keyServiceContract({ name: 'KMS on moto', server: 'moto' }, async () => {
  const { url: endpoint } = await serverOf('moto');
  const owner = new KMSClient({ endpoint, region, credentials });
  return {
    keys: kmsKeys({ endpoint, region, credentials }),
    put: putState(owner),
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
