// Rotation of KMS keys under faults: one rotation whatever answer is lost, later keys, and the aliases to them.
// Long because each request of three methods is denied, throttled and lost here.
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeysCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { context, hexOf, wait } from '../contract/tested-keys.ts';
import { doubleKeys } from '../support/double/adapters.ts';
import { kmsAt } from '../support/double/clients.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import type { FaultEffect } from '../support/double/faults.ts';
import { until } from '../support/until.ts';

const AWAY = { code: 'key_service_unavailable', retryAfter: expect.any(Number) };
const REFUSED = { code: 'key_refused' };
const LOST: FaultEffect = { kind: 'hang-up', when: 'after' };
const THROTTLED: FaultEffect = { kind: 'throttle' };
const error = (code: string): FaultEffect => ({ kind: 'error', status: 400, code });

let double: Double;
let owner: KMSClient;
let keys: KeyService;
let tenant: string;
let key: KeyReference;

beforeAll(async () => {
  double = await startDouble();
  owner = kmsAt(double);
  keys = doubleKeys(double);
});
afterAll(async () => {
  owner.destroy();
  await double.close();
});
beforeEach(async () => {
  await double.reset();
  tenant = newId('ten');
  key = await keys.createKey(tenant, 1, wait);
  await double.forgetCalls();
});

const fault = (operation: string, trouble: FaultEffect, times: number | null = 1) =>
  double.fault({ ...trouble, operation, times });
const rotate = () => keys.rotate(key, wait);
const rotations = async () => (await double.calls('RotateKeyOnDemand')).length;

/** The version of the material that new data keys are wrapped under, from 0: the double writes it into wrapped keys. */
async function material(): Promise<number> {
  const { dataKey, wrapped } = await keys.generateDataKey(key, context, wait);
  dataKey.zero();
  return Buffer.from(wrapped).readUInt32BE(20);
}

describe('a rotation', () => {
  it('is complete when it returns, however long it takes, and earlier wrapped keys still open', async () => {
    const { dataKey, wrapped } = await keys.generateDataKey(key, context, wait);
    await double.set({ rotationLooks: 4 });
    await rotate();
    expect([await material(), await rotations()]).toEqual([1, 1]);
    expect(hexOf(await keys.unwrap({ ...key, wrapped }, context, wait))).toBe(hexOf(dataKey));
  });

  it('enables yearly rotation where it is disabled, and keeps another period', async () => {
    const yearly = () => double.calls('EnableKeyRotation');
    await rotate();
    expect(await yearly()).toEqual([]);
    const { KeyMetadata } = await owner.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.Arn ?? '';
    await keys.rotate({ scheme: 'kms', id: KeyId }, wait);
    expect(await yearly()).toMatchObject([{ keyId: KeyId, effect: true }]);
    expect(await owner.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({ KeyRotationEnabled: true });
  });

  it.each(['UnsupportedOperationException', 'AccessDeniedException'])(
    'continues where yearly rotation answers %s',
    async (code) => {
      const { KeyMetadata } = await owner.send(new CreateKeyCommand({}));
      key = { scheme: 'kms', id: KeyMetadata?.Arn ?? '' };
      await fault('EnableKeyRotation', error(code), null);
      await rotate();
      expect(await material()).toBe(1);
    },
  );

  it.each([0, 3])('happens once where its answer was lost, with %d looks to go', async (rotationLooks) => {
    await double.set({ rotationLooks });
    await fault('RotateKeyOnDemand', LOST);
    await rotate();
    expect([await material(), await rotations()]).toEqual([1, 1]);
  });

  it('does not happen where the request was lost, and happens once when repeated', async () => {
    await fault('RotateKeyOnDemand', { kind: 'hang-up', when: 'before' });
    await expect(rotate()).rejects.toMatchObject({ ...AWAY, throttled: false });
    expect(await material()).toBe(0);
    await rotate();
    expect(await material()).toBe(1);
  });

  it('does not happen where it is throttled, and reports that', async () => {
    await fault('RotateKeyOnDemand', THROTTLED);
    await expect(rotate()).rejects.toMatchObject({ ...AWAY, retryAfter: 1, throttled: true });
    expect([await material(), await rotations()]).toEqual([0, 1]);
  });

  it.each(['ListAliases', 'DescribeKey', 'GetKeyRotationStatus'])(
    'happens once whatever happens to %s',
    async (operation) => {
      for (const trouble of [THROTTLED, LOST, { kind: 'internal' } as const]) await fault(operation, trouble, 2);
      await double.set({ rotationLooks: 2 });
      for (let tries = 0; (await rotations()) === 0; tries++) {
        await rotate().catch((reason: unknown) => expect(reason).toMatchObject(AWAY));
        expect(tries).toBeLessThan(4);
      }
      expect([await material(), await rotations()]).toEqual([1, 1]);
    },
  );

  it('is waited for where looking fails for a while after it began', async () => {
    await double.set({ rotationLooks: 2 });
    await double.fault({ ...THROTTLED, operation: 'GetKeyRotationStatus', times: 4, skip: 1 });
    await rotate();
    expect([await material(), await rotations()]).toEqual([1, 1]);
  });

  it('that is in progress is joined', async () => {
    await double.set({ rotationLooks: 3 });
    await owner.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    await rotate();
    expect([await material(), await rotations()]).toEqual([1, 1]);
  });

  it('that another caller began a moment ago is joined', async () => {
    await double.set({ rotationLooks: 3 });
    await Promise.all([rotate(), rotate(), doubleKeys(double).rotate(key, wait)]);
    // A caller that comes late enough begins the next one.
    expect(await material()).toBeGreaterThan(0);
  });

  it('continues once the caller’s signal fires, and is joined the next time', async () => {
    await double.set({ rotationLooks: 1_000 });
    const caller = new AbortController();
    const rotating = keys.rotate(key, { signal: caller.signal });
    await until('KMS is asked', async () => (await double.calls('GetKeyRotationStatus')).length >= 3, { everyMs: 5 });
    caller.abort();
    await expect(rotating).rejects.toMatchObject(AWAY);
    const again = keys.rotate(key, { signal: AbortSignal.timeout(300) });
    await expect(again).rejects.toMatchObject(AWAY);
    expect(await rotations()).toBe(1);
  });

  it('waits for a rotation by schedule', async () => {
    await fault('RotateKeyOnDemand', error('ConflictException'));
    await expect(rotate()).rejects.toMatchObject({
      ...AWAY,
      retryAfter: 1_800,
      message: expect.stringMatching(/by its schedule/),
    });
    expect(await material()).toBe(0);
  });

  it('is denied for good once the key has used up its on-demand rotations', async () => {
    await double.set({ mostRotations: 1 });
    await rotate();
    await expect(rotate()).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringMatching(/create a new key for the tenant/),
    });
    expect(await material()).toBe(1);
  });

  it.each(['GetKeyRotationStatus', 'RotateKeyOnDemand'])(
    'is denied for a key that cannot rotate, as %s says',
    async (operation) => {
      await fault(operation, error('UnsupportedOperationException'));
      await expect(rotate()).rejects.toMatchObject({
        ...REFUSED,
        message: expect.stringMatching(/imported, asymmetric or in a custom/),
      });
    },
  );

  it.each(['kms:ListAliases', 'kms:DescribeKey', 'kms:GetKeyRotationStatus', 'kms:RotateKeyOnDemand'])(
    'is denied where %s is denied, and names it',
    async (action) => {
      await double.deny({ action });
      await expect(rotate()).rejects.toMatchObject({ ...REFUSED, message: `access denied: ${action}` });
      await double.deny();
      expect(await material()).toBe(0);
    },
  );

  it('is denied for a key that is disabled or pending deletion', async () => {
    await owner.send(new DisableKeyCommand({ KeyId: key.id }));
    await expect(rotate()).rejects.toMatchObject(REFUSED);
    await owner.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }));
    await expect(rotate()).rejects.toMatchObject(REFUSED);
  });

  it('of another account’s key is left to its owner', async () => {
    const id = key.id.replace('111122223333', '444455556666');
    const rotating = keys.rotate({ ...key, id }, wait);
    await expect(rotating).rejects.toMatchObject({ ...REFUSED, message: expect.stringMatching(/another account/) });
    expect((await double.calls()).map(({ operation }) => operation)).toEqual(['ListAliases']);
  });
});

describe('a later key', () => {
  const all = async () => ((await owner.send(new ListKeysCommand({}))).Keys ?? []).map(({ KeyArn }) => KeyArn).sort();

  it.each(['CreateKey', 'EnableKeyRotation', 'CreateAlias'])(
    'is created once where the answer to %s was lost, and is not taken for the first',
    async (operation) => {
      await fault(operation, LOST, 3);
      let made: KeyReference | null = null;
      for (let tries = 0; made === null && tries < 4; tries++) {
        made = await keys.createKey(tenant, 2, wait).catch(() => null);
        if (operation === 'CreateKey') await double.clearFaults();
      }
      expect(await all()).toEqual([key.id, made?.id].sort());
      expect(await keys.createKey(tenant, 2, wait)).toEqual(made);
      expect(await keys.createKey(tenant, 1, wait)).toEqual(key);
    },
  );

  it('that was left half created is not taken for the first, nor the first for it', async () => {
    const other = newId('ten');
    for (const generation of [2, 1, 3]) {
      await fault('CreateKey', LOST);
      await expect(keys.createKey(other, generation, wait)).rejects.toMatchObject(AWAY);
    }
    expect(await all()).toHaveLength(4);
    const made = [];
    for (const generation of [1, 2, 3]) made.push((await keys.createKey(other, generation, wait)).id);
    expect([key.id, ...made].sort()).toEqual(await all());
    for (const [n, id] of made.entries()) {
      const { KeyMetadata } = await owner.send(new DescribeKeyCommand({ KeyId: id }));
      expect(KeyMetadata?.Arn).toBe((await keys.createKey(other, n + 1, wait)).id);
    }
  });
});

describe('an alias', () => {
  const named = async () =>
    (await owner.send(new DescribeKeyCommand({ KeyId: `alias/vault/tenant/${tenant}` }))).KeyMetadata?.Arn;

  it.each(['ListAliases', 'DescribeKey', 'ListResourceTags', 'CreateAlias', 'UpdateAlias'])(
    'points to the later key whatever happens to %s',
    async (operation) => {
      const later = await keys.createKey(tenant, 2, wait);
      expect(await named()).toBe(key.id);
      for (const trouble of [THROTTLED, LOST]) {
        await fault(operation, trouble, 2);
        await keys.nameKey(tenant, later, wait).catch(() => keys.nameKey(tenant, later, wait));
        expect(await named()).toBe(later.id);
        await double.clearFaults();
        await keys.nameKey(tenant, key, wait);
        expect(await named()).toBe(key.id);
      }
      expect(await keys.createKey(tenant, 1, wait)).toEqual(key);
    },
  );

  it('is created where there is none', async () => {
    const other = newId('ten');
    const later = await keys.createKey(other, 2, wait);
    await keys.nameKey(other, later, wait);
    const { KeyMetadata } = await owner.send(new DescribeKeyCommand({ KeyId: `alias/vault/tenant/${other}` }));
    expect(KeyMetadata?.Arn).toBe(later.id);
  });

  it.each(['kms:ListAliases', 'kms:DescribeKey', 'kms:ListResourceTags', 'kms:CreateAlias', 'kms:UpdateAlias'])(
    'still points to the earlier key where %s is denied, which is named',
    async (action) => {
      const later = await keys.createKey(tenant, 2, wait);
      await double.deny({ action });
      const naming = keys.nameKey(tenant, later, wait);
      await expect(naming).rejects.toMatchObject({ ...REFUSED, message: `access denied: ${action}` });
      await double.deny();
      expect(await named()).toBe(key.id);
    },
  );

  it('is not created for a missing key', async () => {
    const gone = { ...key, id: key.id.replace(/.{12}$/, '000000000000') };
    await expect(keys.nameKey(tenant, gone, wait)).rejects.toMatchObject(REFUSED);
    await expect(keys.nameKey(newId('ten'), gone, wait)).rejects.toMatchObject(REFUSED);
    expect(await named()).toBe(key.id);
  });

  it('cannot point to a key of another account, and stays unchanged', async () => {
    const theirs = { ...key, id: key.id.replace('111122223333', '444455556666') };
    await keys.nameKey(tenant, theirs, wait);
    expect(await named()).toBe(key.id);
    expect(await double.calls('UpdateAlias')).toEqual([]);
  });
});
