// A withdrawal that a process leaves halfway: another one carries it to its end, and changes nothing twice.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/model/principal.ts';
import { continueWithdrawals } from '../../../src/vault/consent/continue-withdrawals.ts';
import type { WithdrawalView } from '../../../src/vault/consent/withdraw.ts';
import { withdrawConsent } from '../../../src/vault/consent/withdraw.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { consentIn, NUMBER, REASON } from '../../support/consent.ts';
import { freshWorld } from '../../support/worlds.ts';

const CALLS = 120;
const MINUTE_MS = 60_000;
const request = () => ({ signal: AbortSignal.timeout(600_000) });

describe('a withdrawal of many calls', () => {
  const world = freshWorld();
  const of = consentIn(world);
  let by: Caller;

  beforeEach(async () => {
    const { privacy, tenant } = world.harbour;
    const who = { tenant, principal: privacy.id, kind: 'person', auth: 'api-key' } as const;
    by = { ...who, roles: ['privacy'], scopes: [], humans: [] };
    const started = new Date(world.vault.clock.now() - 5 * MINUTE_MS).toISOString();
    for (let n = 0; n < CALLS; n++) {
      const json = { started_at: started, numbers: { from: NUMBER } };
      await world.call('PATCH', `/v1/ingest/pbx/c-${n}`, { key: world.harbour.uploader.key, json });
    }
  });

  const withdraw = async (vault: Vault, signal = request().signal): Promise<WithdrawalView> =>
    (await withdrawConsent(vault, by, { number: NUMBER, purposes: [], reason: REASON }, { signal })).withdrawal;
  const counts = () => {
    const rows = world.sql.prepare('select leaf from audit_event where log = ?').pluck().all(world.harbour.tenant);
    const leaves = (rows as Buffer[]).map(
      (leaf) => JSON.parse(leaf.toString()) as { action: string; object: { id: string } },
    );
    const amended = leaves.filter(({ action }) => action === 'recording.amended').map(({ object }) => object.id);
    return { events: amended.length, recordings: new Set(amended).size };
  };
  const due = () =>
    world.sql.prepare('select due, reached from withdrawal').get() as { due: string | null; reached: string };
  /** The vault of a process that ends when it records how far it came for the n-th time. */
  const dyingAt = (n: number): Vault => {
    let left = n;
    const note: Vault['db']['note'] = (work, wait) => {
      left -= 1;
      if (left === 0) return Promise.reject(new Error('the process was killed'));
      return world.vault.db.note(work, wait);
    };
    return { ...world.vault, db: { ...world.vault.db, note } };
  };

  it('is done by the request that makes it', async () => {
    await withdraw(world.vault);
    expect([counts(), due().due]).toEqual([{ events: CALLS, recordings: CALLS }, null]);
    world.forward(60 * MINUTE_MS);
    expect(await of.continue()).toBe(0);
  });

  it.each([1, 2, 3])('goes on after a process that is killed after page %i', async (page) => {
    await withdraw(dyingAt(page));
    const done = Math.min(page * 50, CALLS);
    expect(counts()).toEqual({ events: done, recordings: done });
    // The killed process may be alive: another one waits until its time for a page has passed.
    expect(await of.continue()).toBe(0);
    world.forward(MINUTE_MS);
    expect(await of.continue()).toBe(CALLS - done);
    expect(counts()).toEqual({ events: CALLS, recordings: CALLS });
    // What a process before could not reach is looked at once more.
    world.forward(MINUTE_MS);
    expect(await of.continue()).toBe(0);
    expect(due().due).toBeNull();
  });

  it('goes on after a client that disconnects', async () => {
    const gone = new AbortController();
    const change: Vault['db']['change'] = async (work, wait) => {
      const done = await world.vault.db.change(work, wait);
      if (counts().events === 50) gone.abort();
      return done;
    };
    await withdraw({ ...world.vault, db: { ...world.vault.db, change } }, gone.signal);
    expect(counts().events).toBe(50);
    world.forward(MINUTE_MS);
    expect(await of.continue()).toBe(CALLS - 50);
  });

  it('is carried by two processes at once without changing anything twice', async () => {
    await withdraw(dyingAt(1));
    world.forward(MINUTE_MS);
    await Promise.all([of.continue(), of.continue(), of.continue()]);
    expect(counts()).toEqual({ events: CALLS, recordings: CALLS });
    world.forward(MINUTE_MS);
    expect(await of.continue()).toBe(0);
    expect(due().due).toBeNull();
  });

  it('waits for a suspended tenant, for a replay, and for recordings in quarantine', async () => {
    await withdraw(dyingAt(1));
    world.sql.prepare("update tenant set state = 'SUSPENDED' where tenant = ?").run(world.harbour.tenant);
    world.forward(MINUTE_MS);
    expect(await of.continue()).toBe(0);
    world.sql.prepare("update tenant set state = 'ACTIVE' where tenant = ?").run(world.harbour.tenant);
    const [aside] = world.sql
      .prepare('select id from recording where facts is not null order by id desc')
      .pluck()
      .all() as string[];
    world.sql.prepare("update recording set quarantine = 'integrity' where id = ?").run(aside);
    world.forward(15 * MINUTE_MS);
    const closed = { ...world.vault, replayGate: { ...world.vault.replayGate, isOpen: () => false } };
    expect(await continueWithdrawals(closed, request())).toBe(0);
    expect(await of.continue()).toBe(CALLS - 51);
    world.sql.prepare("update recording set quarantine = '' where id = ?").run(aside);
    expect(await of.continue()).toBe(0);
    world.forward(15 * MINUTE_MS);
    expect(await of.continue()).toBe(1);
    expect(counts()).toEqual({ events: CALLS, recordings: CALLS });
    expect(due().due).toBeNull();
  });

  it('leaves out a recording whose facts do not open, and reaches the others', async () => {
    const [damaged] = world.sql.prepare('select id from recording order by id').pluck().all() as string[];
    world.sql.prepare('update recording set facts = ? where id = ?').run(Buffer.alloc(64), damaged);
    await withdraw(world.vault);
    expect(counts()).toEqual({ events: CALLS - 1, recordings: CALLS - 1 });
    expect(due().due).not.toBeNull();
  });
});
