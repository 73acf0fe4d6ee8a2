// Yesterday's database put back: restored pauses expiry, brings back what came since, and says how far the backup was behind.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LEAST_RUN_MS } from '../../../src/model/time/age-trust.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { holdContinuer } from '../../../src/vault/holds/continue-holds.ts';
import { type RestoreVaultOptions, restoreVault } from '../../../src/vault/restored/restore-vault.ts';
import { expirer } from '../../../src/vault/retention/expire.ts';
import { resumeExpiry } from '../../../src/vault/retention/resume.ts';
import { ENGINES } from '../../support/engines.ts';
import { requestAndOpen } from '../../support/fault-client.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { needs } from '../../support/needs.ts';
import { outcomeOf } from '../../support/rebuilt-tenant.ts';
import { settled, stateOf } from '../../support/replayed-calls.ts';
import { startUp } from '../../support/restorable.ts';
import { applyToAll } from '../../support/retention-rules.ts';
import { eventsIn, sealAll, verified } from '../../support/sealed-deployment.ts';
import { newestEvent, type Yesterday, yesterday } from '../../support/yesterday.ts';

const by = operatorActor('op-9');
const python = needs('python-cryptography');
const FAR = '2999-01-01T00:00:00.000Z';

describe.each(ENGINES)('a restored database on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  let day: Yesterday | undefined;
  afterEach(async () => day?.of.end());

  const options = ({ key }: Yesterday, more: Partial<RestoreVaultOptions> = {}): RestoreVaultOptions => ({
    keys: [key],
    alone: false,
    isCopy: false,
    save: () => async (events) => {
      for await (const one of events) expect(one).toBeUndefined();
    },
    confirmed: async () => false,
    restored: () => undefined,
    problem: () => undefined,
    ...more,
  });
  const restored = (vault: Vault, more: Partial<RestoreVaultOptions> = {}) =>
    restoreVault(vault, by, options(day as Yesterday, more), minuteSignal());

  it('has all of the day, erases nothing, and says the gap', async () => {
    day = await yesterday(engine);
    const { of, tenant, calls, hold, rules } = day;
    await of.restore();
    const run = await of.start();
    const vault = settled(run.vault);
    const seen: string[] = [];
    const done = await restored(vault, { restored: (log, { from }) => seen.push(`${log} ${from !== null}`) });
    expect(done.steps.problems).toEqual([]);
    expect(seen).toEqual(['deployment true', `${tenant} true`]);
    expect(done).toMatchObject({
      nothing: false,
      logs: 2,
      paused: [tenant],
      backup: day.backup,
      lastEvent: day.lastEvent,
    });
    expect(done.tenants).toMatchObject([{ tenant, withoutRows: 1 }]);
    const since = Date.parse(done.newestBlob ?? '');
    expect(since).toBeGreaterThan(Date.parse(day.backup) + 2_000);
    const gap = Math.max(Date.parse(day.lastEvent), since) - Date.parse(day.backup);
    expect(done.rpo).toBe(Math.round(gap / 1000));
    expect(done.rpo).toBeGreaterThanOrEqual(2);
    const state = await vault.db.read(
      async (rows) => ({
        erased: (await rows.recordings.find(tenant, calls.erased))?.state,
        keys: await Promise.all(
          (await rows.deposits.ofRecording(tenant, calls.erased)).map(({ id }) => rows.wrappedKeys.find(tenant, id)),
        ),
        hold: await rows.legalHolds.recordings(tenant, hold, '', 10),
        rules: (await rows.tenants.find(tenant))?.retention,
        notices: (await rows.consent.notices(tenant)).map(({ id }) => id),
        withdrawal: (await rows.consent.withdrawal(tenant, (day as Yesterday).withdrawal))?.id,
        expiry: (await rows.retention.expiry(tenant))?.state,
      }),
      minuteSignal(),
    );
    expect(['ERASING', 'ERASED']).toContain(state.erased);
    expect(state.keys.every((one) => one === null)).toBe(true);
    expect(state).toMatchObject({ hold: [{ recording: calls.held, lifted: false }], rules, expiry: 'PAUSED' });
    expect(state).toMatchObject({ notices: [day.notice], withdrawal: day.withdrawal });
    expect((await stateOf(vault, tenant, calls.restricted))?.restricted).toEqual(expect.any(String));
    expect(await outcomeOf(requestAndOpen(run.url, of.people, calls.erased, 'again'))).not.toBe('done');
    // A second run has nothing to do, and writes nothing.
    const sizes = async () => [(await eventsIn(vault, tenant)).length, (await eventsIn(vault, 'deployment')).length];
    const before = await sizes();
    expect(await restored(vault)).toMatchObject({ nothing: true, logs: 0, paused: [] });
    expect(await sizes()).toEqual(before);
    const last = (await eventsIn(vault, 'deployment')).filter(({ action }) => action.startsWith('vault.'));
    expect(last).toMatchObject([
      { action: 'vault.restoring', object: { backup: day.backup } },
      { action: 'vault.restored', object: { id: tenant, rpo: done.rpo, problems: 0, without_rows: 1 } },
    ]);
    expect((await eventsIn(vault, tenant)).at(-1)).toMatchObject({ action: 'vault.restored' });
    expect(await startUp(vault)).toEqual([]);
    await sealAll(vault);
    if (!python.present) return;
    // The rules of the fixture come without a change.
    const { findings } = await verified(vault, tenant);
    expect(findings.filter(({ id }) => id !== rules)).toEqual([]);
    expect((await verified(vault, 'deployment')).findings).toEqual([]);
  }, 600_000);

  it('expires nothing that is due until two people resume', async () => {
    day = await yesterday(engine);
    const { of, tenant, calls } = day;
    await of.restore();
    const { vault: running } = await of.start();
    const vault = settled(running);
    await restored(vault);
    await startUp(vault);
    const due = async () => vault.db.read((rows) => rows.retention.countDue(tenant, FAR, 10), minuteSignal());
    expect(await due()).toBeGreaterThan(0);
    await holdContinuer(vault)(minuteSignal());
    await applyToAll({ vault });
    const later = inAThousandYears(vault);
    const round = expirer(later, () => undefined);
    expect(await round(minuteSignal())).toBe(0);
    expect((await vault.db.read((rows) => rows.recordings.find(tenant, calls.held), minuteSignal()))?.state).toBe(
      'AVAILABLE',
    );
    await vault.db.change(async (tx) => {
      const body = { v: 1, kind: 'resume', was: 'PAUSED', due: 1, at: await tx.now() } as const;
      const events = await resumeExpiry(tx, tenant, body, { by, marks: {}, request: {} });
      return { result: null, events };
    }, minuteSignal());
    expect(await round(minuteSignal())).toBe(1);
    expect(await stateIn(vault, tenant, calls.plain)).toBe('ERASING');
    expect(await stateIn(vault, tenant, calls.held)).toBe('AVAILABLE');
  }, 600_000);

  it('goes on after it ended at any step, with the time of the same backup', async () => {
    day = await yesterday(engine);
    const { of, tenant } = day;
    await of.restore();
    const { vault } = await of.start();
    let [changes, stopped] = [0, 0];
    const dying = (after: number): Vault => {
      const left = { n: after };
      const dies =
        <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
        async (...args: A): Promise<T> => {
          if (left.n-- <= 0) throw new Error('killed');
          return work(...args);
        };
      return {
        ...settled(vault),
        db: { ...vault.db, change: dies(vault.db.change), repair: dies(vault.db.repair) } as Vault['db'],
      };
    };
    for (let done = false; !done; changes++) {
      try {
        const result = await restored(dying(1 + (changes % 3)));
        done = result.steps.problems.length === 0;
        expect(result).toMatchObject({ backup: day.backup });
      } catch (error) {
        expect(String(error)).toContain('killed');
        stopped++;
      }
      expect(changes).toBeLessThan(100);
    }
    expect(stopped).toBeGreaterThan(3);
    const all = (await eventsIn(vault, 'deployment')).filter(({ action }) => action === 'vault.restored');
    expect(all).toMatchObject([{ object: { id: tenant } }]);
    expect(await newestEvent(vault, [tenant])).not.toBe(day.lastEvent);
  }, 600_000);

  it('names a damaged entry and a key that is not trusted, and goes on with the rest', async () => {
    day = await yesterday(engine);
    const { of, tenant, calls } = day;
    await of.restore();
    const { vault: running } = await of.start();
    const vault = settled(running);
    const folder = join(of.deployment.store, `t/${tenant}/a`);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const file = join(folder, files.find((name) => name.includes(calls.restricted)) ?? '');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, -2));
    const strange = await restored(vault, { keys: ['another'] });
    expect(strange.steps.problems).toMatchObject([{ step: 'keys', log: tenant, code: 'key_refused' }]);
    // The log has erased it again: that needs no key.
    expect(strange.tenants).toMatchObject([{ erased: 1, entries: 0 }]);
    const damaged = await restored(vault);
    expect(damaged.steps.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(new RegExp(`amendment_damaged: entry \\d+ of ${calls.restricted}`)),
    ]);
    expect(damaged.tenants[0]?.entries).toBeGreaterThan(2);
    expect((await eventsIn(vault, tenant)).at(-1)).toMatchObject({ action: 'vault.restored', object: { problems: 1 } });
    writeFileSync(file, whole);
    const mended = await restored(vault);
    expect(mended.steps.problems).toEqual([]);
    expect((await stateOf(vault, tenant, calls.restricted))?.restricted).toEqual(expect.any(String));
  }, 600_000);
});

/** The same vault, a thousand years later: what no one holds is due. */
function inAThousandYears(vault: Vault): Vault {
  const now = async () => FAR;
  const db: Vault['db'] = {
    ...vault.db,
    read: (work, wait) => vault.db.read((rows) => work({ ...rows, now }), wait),
    change: (work, wait) => vault.db.change((tx) => work({ ...tx, now }), wait),
  };
  // Its clock has run for long enough to be trusted for age.
  const judged = () => ({ started: vault.clock.now(), ran: LEAST_RUN_MS, gapMs: 0 });
  return {
    ...vault,
    db,
    processClock: { ...vault.processClock, judged },
    settings: { ...vault.settings, erasePerMinute: 6_000_000 },
  };
}

async function stateIn({ db }: Vault, tenant: string, id: string): Promise<string | undefined> {
  return (await db.read((rows) => rows.recordings.find(tenant, id), minuteSignal()))?.state;
}
