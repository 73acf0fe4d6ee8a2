// The KMS adapter under every fault of a key service: denials, transient errors, delayed changes.
import { inspect } from 'node:util';
import { DisableKeyCommand, EnableKeyCommand, type KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { type KeyContext, keyContext } from '../../src/envelope/key-context.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { hexOf } from '../contract/tested-keys.ts';
import { wait } from '../contract/tested-store.ts';
import { CALLER, doubleKeys } from '../support/double/adapters.ts';
import { kmsAt } from '../support/double/clients.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import type { FaultEffect } from '../support/double/faults.ts';
import { scanBytes, searchPatternsOf } from '../support/leak-scanner.ts';

const AWAY = { code: 'key_service_unavailable', retryAfter: expect.any(Number) };
const REFUSED = { code: 'key_refused' };

let double: Double;
let owner: KMSClient;
let keys: KeyService;
let tenant: string;
let key: KeyReference;
let object: KeyContext;
let metadata: KeyContext;

beforeAll(async () => {
  double = await startDouble();
  owner = kmsAt(double);
});
afterAll(async () => {
  owner.destroy();
  await double.close();
});
beforeEach(async () => {
  await double.reset();
  // A client has a limited number of retries: each test gets a new client.
  keys = doubleKeys(double);
  tenant = newId('ten');
  key = await keys.createKey(tenant, 1, wait);
  object = keyContext({ use: 'object', tenant, recording: newId('rec'), deposit: newId('dep'), wrap: 1 });
  metadata = keyContext({ use: 'metadata', tenant, wrap: 1 });
  await double.forgetCalls();
});

const generate = (context = object) => keys.generateDataKey(key, context, wait);
const unwrap = (wrapped: Uint8Array, context = object) => keys.unwrap({ ...key, wrapped }, context, wait);
const fault = (operation: string, trouble: FaultEffect, times: number | null = 1) =>
  double.fault({ ...trouble, operation, times });

describe('a transient failure', () => {
  it.each<[string, FaultEffect]>([
    ['throttling', { kind: 'throttle' }],
    ['an internal error', { kind: 'internal' }],
    ['a hang-up', { kind: 'hang-up', when: 'before' }],
    ['a lost answer', { kind: 'hang-up', when: 'after' }],
  ])('as %s twice is retried', async (_, trouble) => {
    await fault('GenerateDataKey', trouble, 2);
    const { dataKey, wrapped } = await generate();
    await fault('Decrypt', trouble, 2);
    expect(hexOf(await unwrap(wrapped))).toBe(hexOf(dataKey));
    const to = { key, context: { ...object, 'vault:wrap': '2' } };
    if (trouble.kind !== 'throttle') await fault('ReEncrypt', trouble, 2);
    const moved = await keys.rewrap({ ...key, wrapped }, object, to, wait);
    expect(hexOf(await unwrap(moved.wrapped, to.context))).toBe(hexOf(dataKey));
    for (const { happened } of await double.faults()) expect(happened).toBe(2);
  });

  it('as throttling of bulk work is reported at once, so that the work slows down', async () => {
    const { wrapped } = await generate();
    await fault('ReEncrypt', { kind: 'throttle' });
    const moving = () => keys.rewrap({ ...key, wrapped }, object, { key, context: object }, wait);
    await expect(moving()).rejects.toMatchObject({ ...AWAY, throttled: true });
    await moving();
    expect(await double.calls('ReEncrypt')).toHaveLength(2);
  });

  it.each<[string, FaultEffect]>([
    ['throttling', { kind: 'throttle' }],
    ['an internal error', { kind: 'internal' }],
    ['a failing dependency', { kind: 'error', status: 503, code: 'DependencyTimeoutException' }],
    ['expired credentials', { kind: 'error', status: 400, code: 'ExpiredTokenException' }],
    ['lost answers', { kind: 'hang-up', when: 'after' }],
    ['half an answer', { kind: 'truncate', bytes: 20 }],
  ])('as %s without end is reported as unavailable, never as denied', async (_, trouble) => {
    const { wrapped } = await generate();
    await fault('*', trouble, null);
    for (const call of [() => generate(), () => unwrap(wrapped), () => keys.describe(key, wait)]) {
      await expect(call()).rejects.toMatchObject(AWAY);
    }
    await double.clearFaults();
    await unwrap(wrapped);
  });

  it('as a missing answer fails in bounded time', async () => {
    const { wrapped } = await generate();
    await fault('*', { kind: 'black-hole', when: 'before' }, null);
    const start = performance.now();
    const calls = [generate(), unwrap(wrapped), keys.describe(key, wait), keys.createKey(newId('ten'), 1, wait)];
    for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ reason: AWAY });
    expect(performance.now() - start).toBeLessThan(130_000);
  });
});

describe('a tenant’s key', () => {
  it('is created once where the answer to its creation was lost', async () => {
    const other = newId('ten');
    await fault('CreateKey', { kind: 'hang-up', when: 'after' });
    await expect(keys.createKey(other, 1, wait)).rejects.toMatchObject(AWAY);
    const made = await keys.createKey(other, 1, wait);
    const { Keys } = await owner.send(new ListKeysCommand({}));
    expect(Keys?.map(({ KeyArn }) => KeyArn).toSorted()).toEqual([key.id, made.id].toSorted());
  });

  it.each(['EnableKeyRotation', 'CreateAlias'])(
    'is created once where the answer to %s was lost',
    async (operation) => {
      const other = newId('ten');
      await fault(operation, { kind: 'hang-up', when: 'after' }, 3);
      const made = await keys.createKey(other, 1, wait).catch(() => keys.createKey(other, 1, wait));
      expect(await keys.createKey(other, 1, wait)).toEqual(made);
      const { Keys } = await owner.send(new ListKeysCommand({}));
      expect(Keys).toHaveLength(2);
    },
  );
});

describe('a denied action', () => {
  it('is denied for this action under this context alone', async () => {
    const [one, other] = [await generate(object), await generate(metadata)];
    await double.deny({ action: 'kms:Decrypt', context: { 'vault:use': 'object' } });
    await double.forgetCalls();
    await expect(unwrap(one.wrapped)).rejects.toMatchObject(REFUSED);
    expect(await double.calls('Decrypt')).toMatchObject([{ code: 'AccessDeniedException' }]);
    expect(hexOf(await unwrap(other.wrapped, metadata))).toBe(hexOf(other.dataKey));
    await generate(object);
    await double.deny();
    await unwrap(one.wrapped);
  });

  it('keeps a depositing process from opening what it wrapped', async () => {
    await double.policy(CALLER, {
      Statement: [
        { Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: 'arn:aws:kms:*:*:key/*' },
        {
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: '*',
          Condition: { StringEquals: { 'kms:EncryptionContext:vault:use': 'metadata' } },
        },
      ],
    });
    const [one, other] = [await generate(object), await generate(metadata)];
    await expect(unwrap(one.wrapped)).rejects.toMatchObject(REFUSED);
    await unwrap(other.wrapped, metadata);
    await expect(keys.describe(key, wait)).rejects.toMatchObject(REFUSED);
    await expect(keys.createKey(newId('ten'), 1, wait)).rejects.toMatchObject(REFUSED);
  });
});

describe('a key that its owner disables or deletes', () => {
  const keyId = () => ({ KeyId: key.id });

  it('is denied once KMS has spread the change, and describes itself as disabled before', async () => {
    await double.set({ propagationMs: null });
    const { wrapped, dataKey } = await generate();
    await owner.send(new DisableKeyCommand(keyId()));
    expect(await keys.describe(key, wait)).toBe('disabled');
    expect(hexOf(await unwrap(wrapped))).toBe(hexOf(dataKey));
    await double.set({ propagationMs: 0 });
    await expect(unwrap(wrapped)).rejects.toMatchObject(REFUSED);
    await expect(generate()).rejects.toMatchObject(REFUSED);
    await double.set({ propagationMs: null });
    await owner.send(new EnableKeyCommand(keyId()));
    expect(await keys.describe(key, wait)).toBe('enabled');
    await expect(unwrap(wrapped)).rejects.toMatchObject(REFUSED);
    await double.set({ propagationMs: 0 });
    expect(hexOf(await unwrap(wrapped))).toBe(hexOf(dataKey));
  });

  it('is missing and denied once it is deleted', async () => {
    const { wrapped } = await generate();
    await double.destroyKey(key.id);
    expect(await keys.describe(key, wait)).toBe('missing');
    await expect(unwrap(wrapped)).rejects.toMatchObject(REFUSED);
  });
});

it('shows no data key in any error', async () => {
  const { wrapped } = await generate();
  const errors: unknown[] = [];
  const failing = async (operation: string, trouble: FaultEffect, call: () => Promise<unknown>) => {
    await fault(operation, trouble, null);
    await call().catch((error: unknown) => errors.push(error));
    await double.clearFaults();
  };
  // Cut before, in and after the key in the answer.
  for (const bytes of [20, 200, 220, 240, 260]) await failing('GenerateDataKey', { kind: 'truncate', bytes }, generate);
  for (const bytes of [20, 100, 120, 140, 160]) {
    await failing('Decrypt', { kind: 'truncate', bytes }, () => unwrap(wrapped));
  }
  await failing('Decrypt', { kind: 'hang-up', when: 'after' }, () => unwrap(wrapped));
  await failing('GenerateDataKey', { kind: 'hang-up', when: 'after' }, generate);
  expect(errors).toHaveLength(12);
  const seen = await double.dataKeys();
  expect(seen.length).toBeGreaterThan(6);
  const needles = seen.flatMap(searchPatternsOf);
  expect(scanBytes('a key', Buffer.from(seen[0]?.bytes.toString('base64') ?? ''), needles)).not.toEqual([]);
  for (const error of errors) {
    const said = inspect(error, { depth: 10, showHidden: true });
    expect(scanBytes('an error', Buffer.from(said), needles)).toEqual([]);
  }
});
