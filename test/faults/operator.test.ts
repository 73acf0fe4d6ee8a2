// An operator under the template alone: tenants with new keys, and keys that a customer registers.
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreLocation } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { kmsAt } from '../support/double/clients.ts';
import { doubleDeployment, everythingIn, policyTemplate } from '../support/double/deployment.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { composeDeployment, type Deployment, minuteSignal } from '../support/fault-deployment.ts';

let double: Double;
let deployment: Deployment;
let place: StoreLocation;
let sql: SqliteFile.Database;

beforeAll(async () => {
  double = await startDouble();
  ({ deployment, place } = await doubleDeployment(double, 'OPERATOR'));
  await double.policy('OPERATOR', policyTemplate('operator', place));
  await (await composeDeployment(deployment)).close();
  sql = new SqliteFile(deployment.database, { readonly: true });
});
afterAll(async () => {
  sql?.close();
  await deployment?.remove();
  await double?.close();
});

describe('an operator', () => {
  const by = operatorActor('op-1');
  const create = async (keyId: string | undefined) => {
    const { vault, close } = await composeDeployment(deployment);
    const who = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 0 };
    const what = { name: 'Yunhai Travel', country: 'CN', defaultBasis: 'consent', ...who, keyId } as const;
    try {
      return await createTenant(vault, by, what, minuteSignal());
    } finally {
      await close();
    }
  };
  const keyIn = async (region: string): Promise<string> => {
    const kms = kmsAt(double, { region });
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    kms.destroy();
    return KeyMetadata?.Arn ?? '';
  };
  const rowsOf = (key: string) => sql.prepare('select state from tenant where key_id = ?').pluck().all(key) as string[];

  it('creates a tenant with a new key, under the template alone', async () => {
    const { tenant } = await create(undefined);
    expect(await everythingIn(double, place)).toContain(`${place.prefix}/t/${tenant}/tenant.json`);
    expect((await double.calls()).filter(({ code }) => code?.startsWith('AccessDenied'))).toEqual([]);
  });

  it('creates another key for a tenant, points its alias to it and rotates it, under the template alone', async () => {
    const { tenant } = await create(undefined);
    await double.forgetCalls();
    const { vault, close } = await composeDeployment(deployment);
    const key = await vault.keys.createKey(tenant, 2, minuteSignal());
    await vault.keys.nameKey(tenant, key, minuteSignal());
    await vault.keys.rotate(key, minuteSignal());
    await close();
    const calls = (await double.calls()).filter(({ caller }) => caller === 'OPERATOR');
    expect(calls.filter(({ code }) => code?.startsWith('AccessDenied'))).toEqual([]);
    const did = new Set(calls.map(({ operation }) => operation));
    for (const operation of ['CreateKey', 'CreateAlias', 'UpdateAlias', 'RotateKeyOnDemand'])
      expect(did).toContain(operation);
  });

  it.each([
    ['aws', 'us-east-1'],
    ['aws-cn', 'cn-north-1'],
  ])('registers a key of %s by challenge, once', async (partition, region) => {
    const key = await keyIn(region);
    expect(key.startsWith(`arn:${partition}:kms:${region}:`)).toBe(true);
    const statements = [policyTemplate('operator', place), policyTemplate('operator', place, partition, region)];
    await double.policy('OPERATOR', { Statement: statements.flatMap(({ Statement }) => [Statement].flat()) });
    await create(key);
    expect(rowsOf(key)).toEqual(['ACTIVE']);
    const asked = (await double.calls()).filter(({ keyId, caller }) => keyId === key && caller === 'OPERATOR');
    expect(asked.map(({ operation, context }) => `${operation} ${context['vault:use']}`)).toEqual([
      'GenerateDataKey challenge',
      'Decrypt challenge',
      'GenerateDataKey metadata',
      'Decrypt metadata',
    ]);
    await expect(create(key)).rejects.toMatchObject({ code: 'conflict' });
    expect(rowsOf(key)).toEqual(['ACTIVE']);
    await double.policy('OPERATOR', policyTemplate('operator', place));
  });

  it.each(['kms:GenerateDataKey', 'kms:Decrypt'])('registers no key whose challenge is denied: %s', async (action) => {
    const key = await keyIn('us-east-1');
    await double.deny({ action, context: { 'vault:use': 'challenge' } });
    await expect(create(key)).rejects.toMatchObject({ code: 'key_refused', message: `access denied: ${action}` });
    await double.deny();
    expect(rowsOf(key)).toEqual([]);
    await create(key);
    expect(rowsOf(key)).toEqual(['ACTIVE']);
  });
});
