// What KMS says of the names of its keys: which text is one, which two are one key, and which two are in one Region.
import { describe, expect, it } from 'vitest';
import { kmsProvider } from '../../src/adapters/aws/kms-provider.ts';

const provider = kmsProvider({ region: 'eu-central-1' });
const uuid = '0d2c4a5e-1111-4222-8333-444455556666';
const arn = (region: string, key = uuid, partition = 'aws') => `arn:${partition}:kms:${region}:111122223333:key/${key}`;
const kms = (id: string) => ({ scheme: 'kms', id }) as const;

describe('the names of KMS keys', () => {
  it('are ARNs of keys', () => {
    expect(provider.parseKey(arn('eu-central-1'))).toEqual(kms(arn('eu-central-1')));
    for (const text of ['', uuid, 'alias/mine', arn('eu-central-1').replace('key/', 'alias/'), 'keyring/x']) {
      expect(() => provider.parseKey(text), text).toThrow('a key is named by its ARN');
    }
  });

  it('name one key where they are replicas of it, and no other', () => {
    const replica = `mrk-${'0'.repeat(32)}`;
    expect(provider.isSameKey(arn('eu-central-1', replica), arn('us-east-1', replica))).toBe(true);
    expect(provider.isSameKey(arn('eu-central-1', replica), arn('cn-north-1', replica, 'aws-cn'))).toBe(false);
    expect(provider.isSameKey(arn('eu-central-1'), arn('us-east-1'))).toBe(false);
    expect(provider.isSameKey(arn('eu-central-1'), arn('eu-central-1'))).toBe(true);
    expect(provider.isSameKey('keyring/a', 'keyring/a')).toBe(true);
  });

  it('say by their Region whether KMS can re-encrypt between two keys', () => {
    expect(provider.isOneService(kms(arn('eu-central-1')), kms(arn('eu-central-1', `mrk-${'1'.repeat(32)}`)))).toBe(
      true,
    );
    expect(provider.isOneService(kms(arn('eu-central-1')), kms(arn('us-east-1')))).toBe(false);
    const other = { scheme: 'keyring', id: arn('eu-central-1') } as const;
    expect(provider.isOneService(kms(arn('eu-central-1')), other)).toBe(false);
    expect(provider.isOneService(other, other)).toBe(false);
  });
});
