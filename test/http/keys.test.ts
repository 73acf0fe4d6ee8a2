// Keys over HTTP: the overview of all tenants, and the plan for one.
import { beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import { type Browser, signInBrowser } from '../support/browser.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { sharedWorld } from '../support/worlds.ts';

type Left = { readonly data_keys: number; readonly envelopes: number };
type Keys = {
  readonly tenant: string;
  readonly name: string;
  readonly generation: number;
  readonly left: Left;
  readonly generations: readonly { readonly generation: number; readonly keys: number }[];
  readonly running: object | null;
};
type Page = { readonly data: readonly Keys[]; readonly next_cursor: string | null };
type Plan = { readonly next: string; readonly command: string; readonly left: Left; readonly after_rotation: Left };

const op = operatorActor('op-1');
const request = () => ({ signal: AbortSignal.timeout(600_000) });
const world = sharedWorld();
let operator: Browser;
beforeAll(async () => {
  operator = await signInBrowser(world, 'deployment', await world.operator('ops-7'));
  await seedDeposits(world.vault, world.harbour.tenant, 12, request());
});

const read = async (query = ''): Promise<Page> => {
  const reply = await operator.call('GET', `/v1/keys${query}`);
  expect(reply.status).toBe(200);
  return (await reply.json()) as Page;
};
const harbour = async (): Promise<Keys | undefined> =>
  (await read()).data.find(({ tenant }) => tenant === world.harbour.tenant);
const plan = async (): Promise<Plan> => {
  const reply = await operator.call('GET', `/v1/keys/${world.harbour.tenant}/plan`);
  expect(reply.status).toBe(200);
  return (await reply.json()) as Plan;
};

describe('an operator', () => {
  it('sees every tenant’s key, its generations and their counts', async () => {
    const { data, next_cursor } = await read();
    expect(next_cursor).toBeNull();
    expect(data.map(({ name }) => name)).toEqual(['Harbour Bank', 'Yunhai Travel']);
    expect(data[0]).toMatchObject({
      state: 'active',
      key_scheme: 'keyring',
      key_state: 'usable',
      key_reason: 'enabled',
      volume: false,
      generation: 1,
      minimum_generation: 1,
      generations: [{ generation: 1, keys: 12, under_way: 0, envelopes_behind: 0, tenant_keks: 0, ingest_keys: 0 }],
      left: { data_keys: 0, under_way: 0, envelopes: 0, metadata_key: false, tenant_json: false, ingest_keys: 0 },
      last_rotation: null,
      running: null,
    });
  });

  it('pages through tenants', async () => {
    const first = await read('?limit=1');
    expect(first.data.map(({ name }) => name)).toEqual(['Harbour Bank']);
    const second = await read(`?limit=1&cursor=${first.next_cursor}`);
    expect(second.data.map(({ name }) => name)).toEqual(['Yunhai Travel']);
    expect(second.next_cursor).toBeNull();
  });

  it('plans a rotation, then its remaining work, then retiring', async () => {
    const { tenant } = world.harbour;
    expect(await plan()).toMatchObject({
      next: 'rotate',
      command: `callvault keys rotate ${tenant}`,
      left: { data_keys: 0 },
      after_rotation: { data_keys: 12, envelopes: 12, kms_calls: 0, kms_dollars: 0, seconds: 1 },
    });
    await raiseGeneration(world.vault, op, tenant, request());
    expect(await harbour()).toMatchObject({
      generation: 2,
      generations: [
        { generation: 2, keys: 0 },
        { generation: 1, keys: 12 },
      ],
      left: { data_keys: 12, metadata_key: true },
      last_rotation: { how: 'raise', by: 'op-1' },
      running: null,
    });
    expect(await plan()).toMatchObject({ next: 'rewrap', command: `callvault keys rewrap ${tenant}` });
    const options = { rate: 1000, concurrency: 4, sample: 0 };
    await rewrapTenant(world.vault, op, tenant, options, () => undefined, request());
    world.forward(1_000);
    expect(await harbour()).toMatchObject({
      generations: [{ generation: 2, keys: 12, envelopes_behind: 0 }],
      left: { data_keys: 0, envelopes: 0, metadata_key: false },
      running: null,
    });
    expect(await plan()).toMatchObject({ next: 'retire', command: `callvault keys retire ${tenant}` });
  });

  it('causes one event per five minutes of watching, in the deployment’s log and no tenant’s', async () => {
    for (let n = 0; n < 3; n++) await read();
    const all = world.sql.prepare('select log, cast(leaf as text) as leaf from audit_event').all();
    const rows = (all as { log: string; leaf: string }[]).filter(({ leaf }) => leaf.includes('"key.read"'));
    expect(rows.length).toBeLessThanOrEqual(2);
    expect(new Set(rows.map(({ log }) => log))).toEqual(new Set(['deployment']));
    expect(rows[0]?.leaf).toContain('"auth":"sign-in"');
  });
});
