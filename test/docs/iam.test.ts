// The IAM templates: what each lets its role do is this table, the page says the same, and names are those of our code.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { envelopePath } from '../../src/envelope/envelope.ts';
import { type KeyContext, keyContext } from '../../src/envelope/key-context.ts';
import { objectPath } from '../../src/envelope/object.ts';
import { tenantPath } from '../../src/envelope/tenant-blob.ts';
import { type IamRequest, listOf, type Policy, verdict } from '../support/iam.ts';
import { TOP, textOf } from './documents.ts';

const ROLES = ['ingest', 'listen', 'console', 'work', 'all', 'operator'] as const;
type Role = (typeof ROLES)[number];

/** What a role may do with what. Nothing else is allowed. `key`, `keys`, `bucket` stand for the whole of it. */
const TABLE: Readonly<Record<string, Readonly<Partial<Record<Role, string>>>>> = {
  'kms:CreateAlias': { operator: 'key' },
  'kms:CreateKey': { operator: 'key' },
  'kms:Decrypt': {
    ingest: 'metadata',
    listen: 'object metadata',
    console: 'metadata',
    work: 'object metadata',
    all: 'object metadata',
    operator: 'metadata challenge',
  },
  'kms:DescribeKey': { ingest: 'key', listen: 'key', console: 'key', work: 'key', all: 'key', operator: 'key' },
  'kms:EnableKeyRotation': { operator: 'key' },
  'kms:GenerateDataKey': { ingest: 'object', all: 'object', operator: 'metadata challenge' },
  'kms:ListAliases': { operator: 'key' },
  'kms:ListKeys': { operator: 'key' },
  'kms:ListResourceTags': { operator: 'key' },
  'kms:TagResource': { operator: 'key' },
  's3:AbortMultipartUpload': { ingest: 'r', work: 'r e', all: 'r e' },
  's3:DeleteObjectVersion': { work: 'r e', all: 'r e' },
  's3:GetObject': { ingest: 'r e h', listen: 'r h', work: 'r e x t h', all: 'r e x t h', operator: 't' },
  's3:GetObjectVersion': { ingest: 'r e', listen: 'r', work: 'r e x t', all: 'r e x t', operator: 't' },
  's3:ListBucket': { ingest: 'bucket', listen: 'bucket', work: 'bucket', all: 'bucket', operator: 'bucket' },
  's3:ListBucketMultipartUploads': { work: 'bucket', all: 'bucket' },
  's3:ListBucketVersions': { work: 'bucket', all: 'bucket' },
  's3:ListMultipartUploadParts': { ingest: 'r', work: 'r e', all: 'r e' },
  's3:PutObject': { ingest: 'r e', work: 'r e x t', all: 'r e x t', operator: 't' },
};

const [tenant, recording, deposit] = [newId('ten'), newId('rec'), newId('dep')];
const PATHS = {
  r: objectPath({ tenant, recording, deposit, name: 'transcript/zh-CN' }),
  e: envelopePath(tenant, recording, deposit),
  x: `t/${tenant}/x/20261125/${recording}.json`,
  t: tenantPath(tenant),
  h: 'health/none',
};
const CONTEXTS = {
  object: keyContext({ use: 'object', tenant, recording, deposit, wrap: 1 }),
  metadata: keyContext({ use: 'metadata', tenant, wrap: 1 }),
  challenge: { 'vault:use': 'challenge', 'vault:tenant': tenant, 'vault:wrap': '0' },
};
const KEY = 'arn:aws:kms:REGION:ACCOUNT:key/01a211ee-0000-4000-8000-000000000000';
const TENANT_TAG = { 'aws:RequestTag/vault:tenant': tenant, 'aws:TagKeys': 'vault:tenant' };
const OUR_KEY = { ...TENANT_TAG, 'kms:KeySpec': 'SYMMETRIC_DEFAULT', 'kms:KeyUsage': 'ENCRYPT_DECRYPT' };

function template(name: string): Policy {
  return JSON.parse(textOf(`docs/operations/iam/${name}.json`)) as Policy;
}

function contextKeys(context: KeyContext): Record<string, string> {
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]));
}

/** The requests of an action as our adapters make them, by the word of the table. */
function requests(action: string): Record<string, IamRequest> {
  if (action === 'kms:Decrypt' || action === 'kms:GenerateDataKey') {
    const uses = Object.entries(CONTEXTS);
    return Object.fromEntries(uses.map(([use, it]) => [use, { action, resource: KEY, context: contextKeys(it) }]));
  }
  if (action.startsWith('kms:')) return { key: { action, resource: KEY, context: OUR_KEY } };
  if (action.startsWith('s3:ListBucket')) return { bucket: { action, resource: 'arn:aws:s3:::BUCKET', context: {} } };
  const paths = Object.entries(PATHS);
  const at = (path: string) => ({ action, resource: `arn:aws:s3:::BUCKET/PREFIX/${path}`, context: {} });
  return Object.fromEntries(paths.map(([word, path]) => [word, at(path)]));
}

function allowedWords(policy: Policy, action: string): string {
  const asked = Object.entries(requests(action));
  return asked
    .filter(([, request]) => verdict(policy, request) === 'allowed')
    .map(([word]) => word)
    .join(' ');
}

function actionsOf(policy: Policy, effect: 'Allow' | 'Deny'): string[] {
  return policy.Statement.filter(({ Effect }) => Effect === effect).flatMap(({ Action }) => [...listOf(Action)]);
}

describe('the IAM templates', () => {
  it('are these files', () => {
    const files = readdirSync(join(TOP, 'docs/operations/iam')).sort();
    expect(files).toEqual([...ROLES, 'bucket', 'tenant-key'].map((name) => `${name}.json`).sort());
  });

  it.each(ROLES)('%s is allowed what the table says, and nothing else', (role) => {
    const policy = template(role);
    const wanted = Object.entries(TABLE).flatMap(([action, by]) =>
      by[role] === undefined ? [] : [[action, by[role]]],
    );
    const actions = [...new Set(actionsOf(policy, 'Allow'))].sort();
    expect(actions.map((action) => [action, allowedWords(policy, action)])).toEqual(wanted);
  });

  it.each(ROLES)('%s names its actions in full, denies some, and fits a managed policy', (role) => {
    const policy = template(role);
    expect(policy.Version).toBe('2012-10-17');
    expect([...actionsOf(policy, 'Allow'), ...actionsOf(policy, 'Deny')].filter((name) => /[*?]/.test(name))).toEqual(
      [],
    );
    expect(actionsOf(policy, 'Deny')).toEqual(
      expect.arrayContaining(['kms:ScheduleKeyDeletion', 's3:PutBucketPolicy']),
    );
    expect(policy.Statement.filter(({ Resource }) => Resource === '*').map(({ Sid }) => Sid)).not.toContain('KeyState');
    // AWS counts no white space.
    expect(JSON.stringify(policy).length).toBeLessThan(6144);
    const sids = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
  });

  it.each(ROLES)('%s has nothing outside the vault’s names and contexts', (role) => {
    const policy = template(role);
    const elsewhere = ['PREFIX/other', 't/ten_a/r/rec_a/dep_a/audio', `PREFIX/t/${tenant}/other`, 'PREFIX/t/../x'];
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObjectVersion']) {
      for (const path of elsewhere) {
        const request = { action, resource: `arn:aws:s3:::BUCKET/${path}`, context: {} };
        expect(verdict(policy, request)).not.toBe('allowed');
      }
    }
    const { 'vault:use': _use, ...nameless } = CONTEXTS.object;
    const { 'vault:recording': _recording, ...homeless } = CONTEXTS.object;
    for (const context of [{}, nameless, homeless, { ...CONTEXTS.object, 'vault:use': 'kek' }]) {
      for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
        expect(verdict(policy, { action, resource: KEY, context: contextKeys(context) })).not.toBe('allowed');
      }
    }
  });

  it('deny what a role must never do even where another policy allows it', () => {
    const denied = (role: Role, word: string, action: string) => {
      const request = requests(action)[word];
      return request !== undefined && verdict(template(role), request) === 'denied';
    };
    expect(denied('ingest', 'object', 'kms:Decrypt')).toBe(true);
    expect(denied('console', 'object', 'kms:Decrypt')).toBe(true);
    expect(denied('operator', 'object', 'kms:Decrypt')).toBe(true);
    expect(denied('listen', 'object', 'kms:GenerateDataKey')).toBe(true);
    expect(denied('listen', 'r', 's3:PutObject')).toBe(true);
    expect(denied('operator', 'r', 's3:GetObject')).toBe(true);
    for (const role of ['ingest', 'listen', 'console', 'operator'] as const)
      expect(denied(role, 'r', 's3:DeleteObjectVersion')).toBe(true);
    for (const role of ROLES) expect(denied(role, 'key', 'kms:ScheduleKeyDeletion')).toBe(true);
  });

  it('are told in the page’s table, cell by cell', () => {
    const rows = textOf('docs/operations/iam.md')
      .split('\n')
      .filter((line) => /^\| `(kms|s3):/.test(line));
    const told = rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    const cells = Object.entries(TABLE).map(([action, by]) => [
      `\`${action}\``,
      ...ROLES.map((role) => by[role] ?? '–'),
    ]);
    expect(told).toEqual(cells);
  });
});

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

  it('lets each role do with the key what its template lets it, for this tenant alone', () => {
    for (const [use, context] of Object.entries(CONTEXTS)) {
      for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
        const wanted = ROLES.filter((role) => role !== 'all' && TABLE[action]?.[role]?.split(' ').includes(use));
        expect([use, action, who(action, context)]).toEqual([use, action, wanted]);
        expect(who(action, { ...context, 'vault:tenant': newId('ten') })).toEqual([]);
      }
    }
    expect(who('kms:DescribeKey', {})).toEqual(ROLES.filter((role) => role !== 'all'));
  });

  it('lets the vault administer nothing, and fits a key policy', () => {
    for (const action of [
      'kms:PutKeyPolicy',
      'kms:CreateGrant',
      'kms:DisableKey',
      'kms:ScheduleKeyDeletion',
      'kms:Encrypt',
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

  it('denies a write that could replace ciphertext or a tombstone, and lets the parts of an upload pass', () => {
    for (const word of ['r', 'x'] as const) {
      expect(put(word, creating)).toBe('denied');
      expect(put(word, { ...creating, 's3:if-match': '"etag"' })).toBe('denied');
      expect(put(word, { ...creating, 's3:if-none-match': '*' })).toBe('not allowed');
      expect(put(word, { 's3:ObjectCreationOperation': 'false' })).toBe('not allowed');
    }
  });

  it('denies an envelope or tenant.json written without saying what stands there', () => {
    for (const word of ['e', 't'] as const) {
      expect(put(word, creating)).toBe('denied');
      expect(put(word, { ...creating, 's3:if-match': '"etag"' })).toBe('not allowed');
      expect(put(word, { ...creating, 's3:if-none-match': '*' })).toBe('not allowed');
    }
  });

  it('fits a bucket policy', () => {
    expect(JSON.stringify(policy).length).toBeLessThan(20_480);
  });
});
