// The key overview for operators: cheap counts, key states that are asked for seldom, progress.
import { beforeEach, describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { Caller } from '../../src/model/principal.ts';
import type { KeyState } from '../../src/ports/key-service.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { type KeyView, keyOverview } from '../../src/vault/keys/overview/overview.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { ENGINES } from '../support/engines.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { freshVault } from '../support/vaults.ts';

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
describe.each(ENGINES)('the overview on $engine $reason', ({ engine, present }) => {
  const suite = it.skipIf(!present);
  const test = freshVault(engine);
  let [ahead, asked, counts] = [0, 0, 0];
  beforeEach(async () => {
    [ahead, asked, counts] = [0, 0, 0];
  });

  /** The overview over a vault whose clock is ahead, whose counts are counted, and whose keys have a given state. */
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
          const countUnsettled: typeof rows.wrappedKeys.countUnsettled = (id) => {
            counts++;
            return rows.wrappedKeys.countUnsettled(id);
          };
          return work({ ...rows, wrappedKeys: { ...rows.wrappedKeys, countUnsettled } });
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

  suite('counts again when a generation rises, and otherwise no more often than it should', async () => {
    await seedDeposits(test.vault, test.tenant, 30, test.request);
    const overview = over(undefined, () => ahead); // Does not advance, however slow the machine.
    expect(await overview.one()).toMatchObject({ backlog: { dataKeys: 0 }, lastRotation: null, rewrap: null });
    await overview.one();
    expect([counts, asked]).toEqual([1, 1]);
    await raiseGeneration(test.vault, op, test.tenant, test.request);
    const turned = await overview.one();
    expect(turned).toMatchObject({ tenant: { wrap: 2 }, backlog: { dataKeys: 30 }, rewrap: null });
    expect(turned.lastRotation).toMatchObject({ how: 'raise', by: 'op-1' });
    await overview.one();
    expect([counts, asked]).toEqual([2, 1]);
    ahead += 1_000;
    await overview.one();
    expect([counts, asked]).toEqual([3, 1]);
    ahead += 30_000;
    await overview.one();
    expect([counts, asked]).toEqual([4, 2]);
  });

  suite('shares one count and one answer between concurrent callers', async () => {
    const overview = over();
    await Promise.all(Array.from({ length: 5 }, () => overview.one()));
    expect([counts, asked]).toEqual([1, 1]);
  });

  suite('follows a re-wrap, wherever it runs, and reports its end', async () => {
    await seedDeposits(test.vault, test.tenant, 450, test.request);
    await raiseGeneration(test.vault, op, test.tenant, test.request);
    const overview = over();
    const seen: (KeyView | null)[] = [];
    // A key that is re-wrapped during a count may count twice: each change and each look waits for the one before.
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const result = turn.then(work);
      turn = result.catch(() => undefined);
      return result;
    };
    const { db } = test.vault;
    const looks: Promise<void>[] = [];
    await rewrapTenant(
      { ...test.vault, db: { ...db, change: (...args) => inTurn(() => db.change(...args)) } },
      op,
      test.tenant,
      { rate: 1000, concurrency: 3, sample: 0 },
      () => {
        const look = inTurn(async () => {
          ahead += 1_000;
          seen.push(await overview.one());
        });
        looks.push(look);
      },
      test.request,
    );
    await Promise.all(looks);
    const running = seen.flatMap((view) => view?.rewrap ?? []);
    expect(running.length).toBeGreaterThan(0);
    expect(running[0]).toMatchObject({ by: 'op-1', since: expect.stringMatching(/^20.*Z$/) });
    for (const { done, left } of running) expect(done + left).toBe(450);
    ahead += 1_000;
    expect(await overview.one()).toMatchObject({ backlog: { dataKeys: 0, envelopes: 0 }, rewrap: null });
  });

  suite('shows no re-wrap once it has stopped', async () => {
    await seedDeposits(test.vault, test.tenant, 900, test.request);
    await raiseGeneration(test.vault, op, test.tenant, test.request);
    const stopped = new Error('stopped');
    const told = () => {
      throw stopped;
    };
    await expect(rewrap(told)).rejects.toThrow(stopped);
    const overview = over();
    expect((await overview.one()).rewrap).toMatchObject({ step: 'keys', by: 'op-1' });
    ahead += 25_000;
    const { backlog: left, rewrap: running } = await overview.one();
    expect(left.dataKeys).toBeGreaterThan(0);
    expect(running).toBeNull();
  });

  suite('distinguishes a disabled key from a service that does not answer', async () => {
    let state: () => Promise<KeyState> = async () => 'disabled';
    const overview = over(() => state());
    expect((await overview.one()).availability).toEqual({ state: 'refused', why: 'disabled' });
    const cases: [() => Promise<KeyState>, object][] = [
      [async () => 'updating', { state: 'away', why: 'updating' }],
      [() => Promise.reject(new VaultError('key_refused', 'x')), { state: 'away', why: 'denied' }],
      [() => Promise.reject(new VaultError('key_service_unavailable', 'x')), { state: 'away', why: 'no-answer' }],
      [async () => 'enabled', { state: 'usable', why: 'enabled' }],
    ];
    for (const [next, standing] of cases) {
      state = next;
      ahead += 30_000;
      expect((await overview.one()).availability).toEqual(standing);
    }
  });

  suite('lists tenants page by page, and a plan for each', async () => {
    await seedDeposits(test.vault, test.tenant, 3, test.request);
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
    expect(plan.now).toMatchObject({ backlog: { dataKeys: 0 }, envelopes: 0, seconds: 0 });
    expect(plan.afterTurn).toMatchObject({ backlog: { dataKeys: 3, metadataKey: true }, envelopes: 3, calls: 0 });
    await expect(overview.plan(by, 'ten_00000000000000000000000000', test.request)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
