// The permissions of each role in AWS, and the names, contexts and templates for checking them.
import { newId, newTenantKekId } from '../../src/bytes/ids.ts';
import { entryPath } from '../../src/envelope/amendments/entry-name.ts';
import { envelopePath } from '../../src/envelope/envelope.ts';
import { ingestKeyPath } from '../../src/envelope/ingest-key-blob.ts';
import { type KeyContext, keyContext } from '../../src/envelope/key-context.ts';
import { objectPath } from '../../src/envelope/object.ts';
import { tenantPath } from '../../src/envelope/tenant-blob.ts';
import { tenantKekPath } from '../../src/envelope/tenant-kek-blob.ts';
import { tombstoneListPath } from '../../src/envelope/tombstone-list.ts';
import { segmentName } from '../../src/model/log/segment.ts';
import { segmentPrefix } from '../../src/vault/sealing/shelves.ts';
import type { Policy } from '../support/iam.ts';
import { textOf } from './documents.ts';

/** Callers with a policy: the roles of a process, operators, and the re-wrap. */
export const ROLES = ['ingest', 'listen', 'console', 'work', 'all', 'operator', 'rewrap'] as const;
export type Role = (typeof ROLES)[number];

/** The objects that each role may use in each action, and nothing else. `key`, `keys` and `bucket` mean all of it. */
export const TABLE: Readonly<Record<string, Readonly<Partial<Record<Role, string>>>>> = {
  'kms:CreateAlias': { operator: 'key' },
  'kms:CreateKey': { operator: 'key' },
  'kms:Decrypt': {
    ingest: 'metadata ingest',
    listen: 'object metadata',
    console: 'metadata',
    work: 'object metadata ingest',
    all: 'object metadata ingest',
    operator: 'metadata challenge',
    rewrap: 'metadata ingest',
  },
  'kms:DescribeKey': {
    ingest: 'key',
    listen: 'key',
    console: 'key',
    work: 'key',
    all: 'key',
    operator: 'key',
    rewrap: 'key',
  },
  'kms:EnableKeyRotation': { operator: 'key' },
  'kms:Encrypt': { rewrap: 'metadata ingest' },
  'kms:GenerateDataKey': {
    ingest: 'object',
    work: 'ingest',
    all: 'object ingest',
    operator: 'metadata ingest challenge',
  },
  'kms:GetKeyRotationStatus': { operator: 'key' },
  'kms:ListAliases': { operator: 'key' },
  'kms:ListKeys': { operator: 'key' },
  'kms:ListResourceTags': { operator: 'key' },
  'kms:ReEncryptFrom': { rewrap: 'object' },
  'kms:ReEncryptTo': { rewrap: 'object' },
  'kms:RotateKeyOnDemand': { operator: 'key' },
  'kms:TagResource': { operator: 'key' },
  'kms:UpdateAlias': { operator: 'key' },
  's3:AbortMultipartUpload': { ingest: 'r', work: 'r e', all: 'r e' },
  's3:DeleteObjectVersion': { work: 'r e a i', all: 'r e a i', rewrap: 'e k i' },
  's3:GetObject': {
    ingest: 'r e h l',
    listen: 'r h l',
    work: 'r e a x t k i h l',
    all: 'r e a x t k i h l',
    operator: 't k i l',
    rewrap: 'e t k i l',
  },
  's3:GetObjectVersion': {
    ingest: 'r e',
    listen: 'r',
    work: 'r e a x t k i',
    all: 'r e a x t k i',
    operator: 't k i',
    rewrap: 'e t k i',
  },
  's3:ListBucket': {
    ingest: 'bucket',
    listen: 'bucket',
    work: 'bucket',
    all: 'bucket',
    operator: 'bucket',
    rewrap: 'bucket',
  },
  's3:ListBucketMultipartUploads': { work: 'bucket', all: 'bucket' },
  's3:ListBucketVersions': { work: 'bucket', all: 'bucket', rewrap: 'bucket' },
  's3:ListMultipartUploadParts': { ingest: 'r', work: 'r e', all: 'r e' },
  's3:PutObject': { ingest: 'r e', work: 'r e a x t i l', all: 'r e a x t i l', operator: 't i', rewrap: 'e t i' },
};

export const tenant = newId('ten');
const [recording, deposit] = [newId('rec'), newId('dep')];
/** Names of blobs, by the letter of the table. */
export const PATHS = {
  r: objectPath({ tenant, recording, deposit, name: 'transcript/zh-CN' }),
  e: envelopePath(tenant, recording, deposit),
  a: entryPath({ tenant, subject: recording }, 1, '2026-11-25T09:00:00.000Z'),
  x: `t/${tenant}/x/20261125/${recording}.json`,
  t: tenantPath(tenant),
  k: tenantKekPath(tenant, newTenantKekId()),
  i: ingestKeyPath(tenant, newId('ink')),
  h: 'health/none',
  l: `${segmentPrefix(tenant)}${segmentName(1)}`,
};
/** Other names of these kinds: entries of a hold and of the tenant, a list of tombstones. */
export const MORE_PATHS: readonly (readonly [keyof typeof PATHS, string])[] = [
  ['a', entryPath({ tenant, subject: newId('hld') }, 12, '2026-11-25T09:00:00.000Z')],
  ['a', entryPath({ tenant, subject: tenant }, 99_999_999, '2026-11-25T09:00:00.000Z')],
  ['l', `deployment/l/${segmentName(4_096)}`],
  ['x', tombstoneListPath(tenant, newId('evt'), '2026-11-25T09:00:00.000Z')],
];
/** Encryption contexts, by `vault:use`. */
export const CONTEXTS = {
  object: keyContext({ use: 'object', tenant, recording, deposit, wrap: 1 }),
  metadata: keyContext({ use: 'metadata', tenant, wrap: 1 }),
  kek: keyContext({ use: 'kek', tenant, wrap: 1 }),
  ingest: keyContext({ use: 'ingest', tenant, wrap: 1 }),
  challenge: { 'vault:use': 'challenge', 'vault:tenant': tenant, 'vault:wrap': '0' },
};
/** Actions with an encryption context. */
export const UNDER_CONTEXT = [
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;
/** A key, and the condition keys of a request that creates one. */
export const KEY = 'arn:aws:kms:REGION:ACCOUNT:key/01a211ee-0000-4000-8000-000000000000';
const TENANT_TAG = { 'aws:RequestTag/vault:tenant': tenant, 'aws:TagKeys': 'vault:tenant' };
export const OUR_KEY = { ...TENANT_TAG, 'kms:KeySpec': 'SYMMETRIC_DEFAULT', 'kms:KeyUsage': 'ENCRYPT_DECRYPT' };

/** A template, not filled in. */
export function template(name: string): Policy {
  return JSON.parse(textOf(`docs/operations/iam/${name}.json`)) as Policy;
}

/** The condition keys of an encryption context. */
export function contextKeys(context: KeyContext): Record<string, string | readonly string[]> {
  const pairs = Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value] as const);
  // A request without a context has no such key.
  const names = pairs.length === 0 ? {} : { 'kms:EncryptionContextKeys': Object.keys(context) };
  return { ...Object.fromEntries(pairs), ...names };
}

/** The condition keys of writes: create only, unconditional, replacing a named ETag, and a part of an upload. */
export const WRITES = {
  once: { 's3:ObjectCreationOperation': 'true', 's3:if-none-match': '*' },
  over: { 's3:ObjectCreationOperation': 'true' },
  replacing: { 's3:ObjectCreationOperation': 'true', 's3:if-match': '"etag"' },
  part: { 's3:ObjectCreationOperation': 'false' },
} as const;
