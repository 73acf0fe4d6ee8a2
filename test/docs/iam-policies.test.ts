// The policies of a customer's key and of the bucket: the permissions of each role, and what the bucket denies to everyone.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyContext } from '../../src/envelope/key-context.ts';
import { listOf, type Policy, verdict } from '../support/iam.ts';
import { textOf } from './documents.ts';
import {
  CONTEXTS,
  contextKeys,
  KEY,
  MORE_PATHS,
  PATHS,
  ROLES,
  TABLE,
  template,
  tenant,
  UNDER_CONTEXT,
} from './iam-table.ts';

describe('the policy of a customer’s key', () => {
  const policy = JSON.parse(textOf('docs/operations/iam/tenant-key.json').replaceAll('TENANT_ID', tenant)) as Policy;
  const ask = (role: string, action: string, context: KeyContext) =>
    verdict(policy, {
      principal: `arn:aws:iam::VAULT_ACCOUNT:role/${role}`,
      action,
      resource: KEY,
      context: contextKeys(context),
    });
  const who = (action: string, context: KeyContext) =>
    ROLES.filter((role) => ask(`callvault-${role}`, action, context) === 'allowed');

  it('allows each role what its template allows, for this tenant only', () => {
    for (const [use, context] of Object.entries(CONTEXTS)) {
      for (const action of UNDER_CONTEXT) {
        const wanted = ROLES.filter((role) => role !== 'all' && TABLE[action]?.[role]?.split(' ').includes(use));
        expect([use, action, who(action, context)]).toEqual([use, action, wanted]);
        expect(who(action, { ...context, 'vault:tenant': newId('ten') })).toEqual([]);
      }
    }
    expect(who('kms:DescribeKey', {})).toEqual(ROLES.filter((role) => role !== 'all'));
  });

  it('allows the vault no administration, and fits the size limit of a key policy', () => {
    for (const action of [
      'kms:PutKeyPolicy',
      'kms:CreateGrant',
      'kms:DisableKey',
      'kms:ScheduleKeyDeletion',
      'kms:Encrypt',
      'kms:RotateKeyOnDemand',
    ])
      expect(who(action, CONTEXTS.object)).toEqual([]);
    expect(policy.Statement.flatMap(({ Action }) => [...listOf(Action)]).filter((name) => name.includes('*'))).toEqual(
      [],
    );
    expect(JSON.stringify(policy).length).toBeLessThan(32_768);
  });
});

describe('the bucket policy', () => {
  const policy = template('bucket');
  const put = (word: keyof typeof PATHS, context: Record<string, string>) => {
    const resource = `arn:aws:s3:::BUCKET/PREFIX/${PATHS[word]}`;
    return verdict(policy, {
      action: 's3:PutObject',
      resource,
      context: { 'aws:SecureTransport': 'true', ...context },
    });
  };
  const creating = { 's3:ObjectCreationOperation': 'true' };

  it('denies everything without TLS', () => {
    const plain = { resource: 'arn:aws:s3:::BUCKET/PREFIX/a', context: { 'aws:SecureTransport': 'false' } };
    expect(verdict(policy, { action: 's3:GetObject', ...plain })).toBe('denied');
    expect(verdict(policy, { action: 's3:GetObject', ...plain, context: { 'aws:SecureTransport': 'true' } })).toBe(
      'not allowed',
    );
  });

  it('denies a write that could replace ciphertext, an entry, a tombstone, a KEK or a segment of a log, and allows the parts of an upload', () => {
    for (const word of ['r', 'a', 'x', 'k', 'l'] as const) {
      expect(put(word, creating)).toBe('denied');
      expect(put(word, { ...creating, 's3:if-match': '"etag"' })).toBe('denied');
      expect(put(word, { ...creating, 's3:if-none-match': '*' })).toBe('not allowed');
      expect(put(word, { 's3:ObjectCreationOperation': 'false' })).toBe('not allowed');
    }
  });

  it('denies an unconditional write of an envelope, tenant.json or an ingest key', () => {
    for (const word of ['e', 't', 'i'] as const) {
      expect(put(word, creating)).toBe('denied');
      expect(put(word, { ...creating, 's3:if-match': '"etag"' })).toBe('not allowed');
      expect(put(word, { ...creating, 's3:if-none-match': '*' })).toBe('not allowed');
    }
  });

  it('denies everyone to delete a segment of a log', () => {
    const context = { 'aws:SecureTransport': 'true' };
    for (const path of [PATHS.l, MORE_PATHS.find(([word]) => word === 'l')?.[1]]) {
      for (const action of ['s3:DeleteObject', 's3:DeleteObjectVersion'])
        expect(verdict(policy, { action, resource: `arn:aws:s3:::BUCKET/PREFIX/${path}`, context })).toBe('denied');
    }
  });

  it('fits the size limit of a bucket policy', () => {
    expect(JSON.stringify(policy).length).toBeLessThan(20_480);
  });
});
