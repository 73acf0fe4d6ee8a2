// The keys of all tenants as operators watch them: counts that cost little, states that are asked for seldom, progress.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { Caller } from '../../src/model/principal.ts';
import type { KeyState } from '../../src/ports/key-service.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { type KeyView, keyOverview } from '../../src/vault/keys/overview/overview.ts';
import { progressOf } from '../../src/vault/keys/overview/progress.ts';
import { planAfterTurn, planOf } from '../../src/vault/keys/plan.ts';
import { raiseGeneration } from '../../src/vault/keys/raise.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { tenant as row } from '../support/more-fixture-rows.ts';
import { needs } from '../support/needs.ts';
import { makeDeposits } from '../support/seed-deposits.ts';
import { openTestVault, type TestVault } from '../support/vault.ts';

const op = operatorActor('op-1');
const by: Caller = {
  tenant: 'deployment',
  principal: 'usr_00000000000000000000000000',
  kind: 'person',
  roles: [],
  scopes: [],
  auth: 'sign-in',
  humans: [],
};
const ENGINES = [
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...needs('postgresql') },
] as const;

describe.each(ENGINES)('the overview on $engine $reason', ({ engine, present }) => {
  const suite = it.skipIf(!present);
  let test: TestVault;
  let [ahead, asked, counts] = [0, 0, 0];
  beforeEach(async () => {
    if (present) test = await openTestVault(engine);
    [ahead, asked, counts] = [0, 0, 0];
  });
  afterEach(async () => {
    if (present) await test.close();
  });

  /** The overview over a vault whose clock is set forward, whose counts are counted, and whose keys are in a state. */
  const over = (state: () => Promise<KeyState> = async () => 'enabled', now = () => Date.now() + ahead) => {
    const { vault } = test;
    const keys: Vault['keys'] = {
      ...vault.keys,
      describe: () => {
        asked++;
        return state();
      },
    };
    const db: Vault['db'] = {
      ...vault.db,
      read: (work, wait) =>
        vault.db.read((rows) => {
          const census: typeof rows.wrappedKeys.census = (id) => {
            counts++;
            return rows.wrappedKeys.census(id);
          };
          return work({ ...rows, wrappedKeys: { ...rows.wrappedKeys, census } });
        }, wait),
    };
    const overview = keyOverview({ ...vault, db, keys, clock: { ...vault.clock, now } });
    const one = async (): Promise<KeyView> => {
      const [view] = await overview.page(by, '', 10, test.request);
      if (view === undefined) throw new Error('no tenant');
      return view;
    };
    return { ...overview, one };
  };
  const rewrap = (told = () => undefined) =>
    rewrapTenant(test.vault, op, test.tenant, { rate: 1000, concurrency: 8, sample: 0 }, told, test.request);

  suite('counts anew when a generation rises, and otherwise no more often than it should', async () => {
    await makeDeposits(test.vault, test.tenant, 30, test.request);
    const overview = over(undefined, () => ahead); // Stands still, however slow the machine.
    expect(await overview.one()).toMatchObject({ left: { dataKeys: 0 }, turned: null, running: null });
    await overview.one();
    expect([counts, asked]).toEqual([1, 1]);
    await raiseGeneration(test.vault, op, test.tenant, test.request);
    const turned = await overview.one();
    expect(turned).toMatchObject({ tenant: { wrap: 2 }, left: { dataKeys: 30 }, running: null });
    expect(turned.turned).toMatchObject({ how: 'raise', by: 'op-1' });
    await overview.one();
    expect([counts, asked]).toEqual([2, 1]);
    ahead += 1_000;
    await overview.one();
    expect([counts, asked]).toEqual([3, 1]);
    ahead += 30_000;
    await overview.one();
    expect([counts, asked]).toEqual([4, 2]);
  });

  suite('those who ask at once wait for one count and one answer', async () => {
    const overview = over();
    await Promise.all(Array.from({ length: 5 }, () => overview.one()));
    expect([counts, asked]).toEqual([1, 1]);
  });

  suite('follows a re-wrap, wherever it runs, and says when it is over', async () => {
    await makeDeposits(test.vault, test.tenant, 450, test.request);
    await raiseGeneration(test.vault, op, test.tenant, test.request);
    const overview = over();
    const seen: (KeyView | null)[] = [];
    let look = Promise.resolve();
    await rewrapTenant(
      test.vault,
      op,
      test.tenant,
      { rate: 1000, concurrency: 3, sample: 0 },
      () => {
        look = look.then(async () => {
          ahead += 1_000;
          seen.push(await overview.one());
        });
      },
      test.request,
    );
    await look;
    const running = seen.flatMap((view) => view?.running ?? []);
    expect(running.length).toBeGreaterThan(0);
    expect(running[0]).toMatchObject({ by: 'op-1', since: expect.stringMatching(/^20.*Z$/) });
    for (const { done, left } of running) expect(done + left).toBe(450);
    ahead += 1_000;
    expect(await overview.one()).toMatchObject({ left: { dataKeys: 0, envelopes: 0 }, running: null });
  });

  suite('a re-wrap that stopped is not under way', async () => {
    await makeDeposits(test.vault, test.tenant, 900, test.request);
    await raiseGeneration(test.vault, op, test.tenant, test.request);
    const stopped = new Error('stopped');
    const told = () => {
      throw stopped;
    };
    await expect(rewrap(told)).rejects.toThrow(stopped);
    const overview = over();
    expect((await overview.one()).running).toMatchObject({ step: 'keys', by: 'op-1' });
    ahead += 25_000;
    const { left, running } = await overview.one();
    expect(left.dataKeys).toBeGreaterThan(0);
    expect(running).toBeNull();
  });

  suite('tells a key that is off from a service that does not answer', async () => {
    let state: () => Promise<KeyState> = async () => 'disabled';
    const overview = over(() => state());
    expect((await overview.one()).standing).toEqual({ state: 'refused', why: 'disabled' });
    const cases: [() => Promise<KeyState>, object][] = [
      [async () => 'updating', { state: 'away', why: 'updating' }],
      [() => Promise.reject(new VaultError('key_refused', 'x')), { state: 'away', why: 'denied' }],
      [() => Promise.reject(new VaultError('key_service_unavailable', 'x')), { state: 'away', why: 'no-answer' }],
      [async () => 'enabled', { state: 'usable', why: 'enabled' }],
    ];
    for (const [next, standing] of cases) {
      state = next;
      ahead += 30_000;
      expect((await overview.one()).standing).toEqual(standing);
    }
  });

  suite('has tenants page by page, and a plan of each', async () => {
    await makeDeposits(test.vault, test.tenant, 3, test.request);
    const people = { admin: 'Ada', approvers: ['Sue'], approverAgeHours: 0 };
    const what = { name: 'Yunhai Travel', country: 'CN', defaultBasis: 'consent', ...people } as const;
    const other = await createTenant(test.vault, op, what, test.request);
    const overview = over();
    const ids = async (after: string, limit: number) =>
      (await overview.page(by, after, limit, test.request)).map(({ tenant }) => tenant.tenant);
    expect(await ids('', 1)).toEqual([test.tenant]);
    expect(await ids(test.tenant, 1)).toEqual([other.tenant]);
    expect(await ids(other.tenant, 1)).toEqual([]);
    const plan = await overview.plan(by, test.tenant, test.request);
    expect(plan.now).toMatchObject({ left: { dataKeys: 0 }, envelopes: 0, seconds: 0 });
    expect(plan.afterTurn).toMatchObject({ left: { dataKeys: 3, metadataKey: true }, envelopes: 3, calls: 0 });
    await expect(overview.plan(by, 'ten_00000000000000000000000000', test.request)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('a plan', () => {
  const line = { scheme: 'kms', keyId: 'k', wrap: 1, state: 'AVAILABLE', keys: 18_000, envelopesBehind: 0 } as const;
  const tenant = { ...row, keyScheme: 'kms', wrap: 1, metadataWrap: 1 } as const;

  it('counts calls, money, and a time that neither the pace nor the work shortens', () => {
    expect(planOf({ tenant, lines: [line] }, 50)).toMatchObject({ calls: 0, paced: null, seconds: 0, dollars: 0 });
    const after = planAfterTurn({ tenant, lines: [line] }, 50);
    expect(after).toMatchObject({ calls: 18_002, paced: 361, seconds: 361, dollars: 0.06, envelopes: 18_000 });
    expect(planAfterTurn({ tenant, lines: [line] }, 100_000).seconds).toBe(30);
  });

  it('asks nobody for keys under a tenant KEK but for the metadata key', () => {
    const lines = [{ ...line, scheme: 'tenant-kek' } as const];
    expect(planAfterTurn({ tenant: { ...tenant, volume: 1 }, lines }, 50).calls).toBe(2);
  });
});

describe('progress', () => {
  const now = Date.parse('2026-11-25T12:00:00.000Z');
  const at = (seconds: number) => now - seconds * 1000;
  const tenant = { ...row, wrap: 2 };
  const lines = [
    { scheme: 'kms', keyId: 'k', wrap: 1, state: 'AVAILABLE', keys: 40, envelopesBehind: 0 },
    { scheme: 'kms', keyId: 'k', wrap: 2, state: 'AVAILABLE', keys: 60, envelopesBehind: 60 },
  ] as const;
  const none = { dataKeys: 0, underway: 0, envelopes: 0, metadataKey: false, tenantBlob: false };
  const run = (last: number) => ({
    run: 'r',
    by: 'op-1',
    wrap: 2,
    since: new Date(at(50)).toISOString(),
    last: new Date(at(last)).toISOString(),
    batches: [
      { at: at(30), keys: 500 },
      { at: at(last), keys: 200 },
    ],
  });

  it('of keys is told by the events of the last seconds', () => {
    const left = { ...none, dataKeys: 40, envelopes: 60 };
    const done = { step: 'keys', since: run(1).since, by: 'op-1', done: 60, left: 40 };
    expect(progressOf({ tenant, lines }, left, run(1), [], now)).toEqual({ ...done, ratePerSecond: 20 });
    expect(progressOf({ tenant, lines }, left, run(15), [], now)).toEqual({ ...done, ratePerSecond: 0 });
    expect(progressOf({ tenant, lines }, left, run(21), [], now)).toBeNull();
    expect(progressOf({ tenant, lines }, left, { ...run(1), wrap: 1 }, [], now)).toBeNull();
    // An erasure makes them fewer too.
    const fewer = [
      { at: at(5), left: 110 },
      { at: at(1), left: 100 },
    ];
    expect(progressOf({ tenant, lines }, left, null, fewer, now)).toBeNull();
  });

  it('of envelopes by what is left of them', () => {
    const left = { ...none, envelopes: 60 };
    const samples = [
      { at: at(60), left: 1000 },
      { at: at(10), left: 100 },
      { at: at(0), left: 60 },
    ];
    const done = { step: 'envelopes', since: null, by: null, done: 40, left: 60, ratePerSecond: 4 };
    expect(progressOf({ tenant, lines }, left, null, samples, now)).toEqual(done);
    expect(progressOf({ tenant, lines }, left, null, samples.slice(-1), now)).toBeNull();
    expect(progressOf({ tenant, lines }, left, null, [...samples.slice(2), { at: now, left: 90 }], now)).toBeNull();
  });
});
