// A re-wrap over S3 and KMS under its template alone, in both modes; and the attack that the template prevents.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Composed } from '../../src/compose.ts';
import { keyContext } from '../../src/envelope/key-context.ts';
import { keyOf, type StoreLocation } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { moveToNewKey } from '../../src/vault/keys/move-key.ts';
import { retireKeys } from '../../src/vault/keys/retire.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { setVolumeMode } from '../../src/vault/keys/rotation.ts';
import { textOf } from '../docs/documents.ts';
import { type Role, template } from '../docs/iam-table.ts';
import { withKeks } from '../docs/iam-volume.ts';
import { actAsCaller, doubleDeployment, fillPolicy } from '../support/double/deployment.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { composeDeployment, createStaffedTenant, type Deployment, minuteSignal } from '../support/fault-deployment.ts';
import type { Policy, Statement } from '../support/iam.ts';
import { callAudio, wavOf } from '../support/vault.ts';
import { tenantOf } from '../support/volume.ts';

const by = operatorActor('op-1');
let double: Double;
let deployment: Deployment;
let place: StoreLocation;
let open: Composed | null = null;
let tenant: string;

beforeAll(async () => {
  double = await startDouble();
  ({ deployment, place } = await doubleDeployment(double, 'MAKER'));
  const vault = await as('MAKER');
  ({ tenant } = await createStaffedTenant(vault, 'Harbour Bank'));
  await put(vault, 'a');
  await put(vault, 'b');
});
afterAll(async () => {
  await open?.close();
  await deployment?.remove();
  await double?.close();
});

/** The vault of a caller, under this policy if given. */
async function as(caller: string, policy?: Policy): Promise<Vault> {
  await open?.close();
  actAsCaller(caller);
  open = await composeDeployment(deployment);
  if (policy !== undefined) await double.policy(caller, fillPolicy(JSON.stringify(policy), place));
  await double.forgetCalls();
  return open.vault;
}

async function put(vault: Vault, callId: string): Promise<void> {
  const principal = 'svc_00000000000000000000000000';
  const who = { tenant, principal, kind: 'service', roles: ['uploader'], scopes: ['ingest'], auth: 'api-key' } as const;
  const what = callAudio(callId, wavOf(20_000));
  await deposit(vault, { ...who, humans: [] }, what, minuteSignal());
}

const rewrap = (vault: Vault, sample = 0) =>
  rewrapTenant(vault, by, tenant, { rate: 1000, concurrency: 4, sample }, () => undefined, minuteSignal());
const retire = (vault: Vault) => retireKeys(vault, by, tenant, () => undefined, minuteSignal());

/** The distinct KMS calls; none may have been denied. */
async function asked(): Promise<string[]> {
  const calls = await double.calls();
  expect(calls.filter(({ code }) => code?.startsWith('AccessDenied'))).toEqual([]);
  const used = calls.filter(({ context }) => context['vault:use'] !== undefined);
  return [...new Set(used.map(({ operation, context }) => `${operation} ${context['vault:use']}`))].sort();
}

/** The page's statement for reading back a sample, with `object` no longer denied, and for more actions where given. */
function opening(policy: Policy, ...more: readonly string[]): Policy {
  const found = /```json\n(\{\n {2}"Sid": "ReadBackASample".*?)```/s.exec(textOf('docs/operations/iam.md'))?.[1];
  const statement = JSON.parse(found ?? '') as Statement;
  const lifted = JSON.stringify(policy)
    .replace('["object","kek"]', '["kek"]')
    .replace('"kms:EncryptionContext:vault:use":["object"]', '"kms:EncryptionContext:vault:use":["nothing"]');
  const { Statement, ...rest } = JSON.parse(lifted) as Policy;
  return { ...rest, Statement: [...Statement, { ...statement, Action: ['kms:Decrypt', ...more] }] };
}

const turned = async (role: Role, turn: (vault: Vault) => Promise<unknown>, policy = template(role)) =>
  turn(await as(role.toUpperCase(), policy));

describe('a re-wrap under its template', () => {
  it('moves everything to another key, and retires the old one, without opening a data key', async () => {
    await turned('operator', (vault) => moveToNewKey(vault, by, tenant, minuteSignal()));
    const vault = await as('REWRAP', template('rewrap'));
    expect(await rewrap(vault)).toMatchObject({ keys: 2, lent: false, metadataKey: true, complete: true });
    await retire(vault);
    expect(await asked()).toEqual(['Decrypt metadata', 'Encrypt metadata', 'ReEncrypt object']);
  });

  it('reads back a sample under the statement for it', async () => {
    const without = await rewrap(await as('REWRAP', template('rewrap')), 2);
    expect(without.sample).toMatchObject({ opened: 0 });
    const { sample } = await rewrap(await as('REWRAP', opening(template('rewrap'))), 2);
    expect(sample).toMatchObject({ failed: [] });
    expect(sample.opened).toBeGreaterThan(0);
    expect(await asked()).toEqual(['Decrypt object']);
  });

  it.each(['metadata', 'challenge'] as const)(
    'moves no data key to a context in which it could be opened: %s',
    async (use) => {
      const chain = async (vault: Vault): Promise<unknown> => {
        const [row] = await vault.db.read((rows) => rows.wrappedKeys.below(tenant, 9, '', 1), minuteSignal());
        if (row === undefined || row.scheme === 'tenant-kek') throw new Error('there is no key to try it with');
        const { recording, deposit: id, wrap } = row;
        const from = keyContext({ use: 'object', tenant, recording, deposit: id, wrap });
        const context = keyContext(use === 'metadata' ? { use, tenant, wrap } : { use, tenant, wrap: 0 });
        const key = keyOf(await tenantOf(vault, tenant));
        const source = { scheme: row.scheme, id: row.keyId, wrapped: row.wrapped };
        const moved = await vault.keys.rewrap(source, from, { key, context }, minuteSignal());
        (await vault.keys.unwrap({ ...key, wrapped: moved.wrapped }, context, minuteSignal())).zero();
        return 'opened';
      };
      const closed = await as('REWRAP', template('rewrap'));
      await expect(chain(closed)).rejects.toMatchObject({ message: 'access denied: kms:ReEncryptTo' });
      // As if the tenant's own keys had the same permission as data keys.
      const { Statement, ...rest } = template('rewrap');
      const wide: Statement = {
        Sid: 'Planted',
        Effect: 'Allow',
        Action: ['kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:Decrypt'],
        Resource: '*',
        Condition: { StringEquals: { 'kms:EncryptionContext:vault:use': ['metadata', 'kek', 'challenge'] } },
      };
      const unwalled = Statement.filter(({ Sid }) => Sid !== 'MovesDataKeysToNoOtherUse');
      expect(await chain(await as('REWRAP', { ...rest, Statement: [...unwalled, wide] }))).toBe('opened');
    },
  );
});

describe('volume mode', () => {
  const on = (vault: Vault) => setVolumeMode(vault, by, tenant, true, minuteSignal());

  it('is denied to an operator without the statements for it', async () => {
    await expect(turned('operator', on)).rejects.toMatchObject({ message: 'access denied: kms:GenerateDataKey' });
  });

  it('starts, rotates and ends under the statements', async () => {
    await turned('operator', on, withKeks('operator'));
    expect(await asked()).toContain('GenerateDataKey kek');
    let vault = await as('REWRAP', opening(withKeks('rewrap')));
    expect(await rewrap(vault)).toMatchObject({ keys: 2, lent: true, complete: true });
    await retire(vault);
    await asked();

    await expect(put(await as('INGEST', template('ingest')), 'c')).rejects.toMatchObject({
      message: 'access denied: kms:Decrypt',
    });
    await put(await as('INGEST', withKeks('ingest')), 'c');
    expect(await asked()).toEqual(['Decrypt kek', 'Decrypt metadata']);

    await turned('operator', (one) => moveToNewKey(one, by, tenant, minuteSignal()), withKeks('operator'));
    vault = await as('REWRAP', withKeks('rewrap'));
    expect(await rewrap(vault)).toMatchObject({ keys: 3, complete: true });
    await retire(vault);
    expect(await asked()).toEqual(['Decrypt kek', 'Decrypt metadata', 'Encrypt metadata']);

    await turned('operator', (one) => setVolumeMode(one, by, tenant, false, minuteSignal()));
    vault = await as('REWRAP', opening(withKeks('rewrap'), 'kms:Encrypt'));
    expect(await rewrap(vault)).toMatchObject({ keys: 3, complete: true });
    await retire(vault);
    expect(await asked()).toEqual(['Decrypt kek', 'Decrypt metadata', 'Encrypt metadata', 'Encrypt object']);
  });
});
