// A restore practised on a copy: the store is only read, and the live database gets one kind of event.
import { copyFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Composed, composeCopy } from '../../../src/compose.ts';
import { readDatabase } from '../../../src/config/database.ts';
import { readConfig } from '../../../src/config.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { drillRestore } from '../../../src/vault/restored/drill.ts';
import type { RestoreProblem } from '../../../src/vault/restored/steps.ts';
import { ENGINES } from '../../support/engines.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { eventsIn, sealAll } from '../../support/sealed-deployment.ts';
import { type Yesterday, yesterday } from '../../support/yesterday.ts';

const by = operatorActor('op-9');

describe.each(ENGINES)('a drill on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  let day: Yesterday | undefined;
  let copied: Composed | undefined;
  afterEach(async () => {
    await copied?.close();
    copied = undefined;
    await day?.of.end();
  });

  /** A second vault over the backup. */
  async function copyOf({ of }: Yesterday): Promise<Vault> {
    const config = readConfig(of.deployment.env);
    const named =
      engine === 'sqlite' ? `${of.deployment.database}.copy` : `${of.deployment.env['CALLVAULT_DATABASE']}_b`;
    if (engine === 'sqlite') await copyFile(`${of.deployment.database}.backup`, named);
    const database = readDatabase(named);
    if (database === null) throw new Error('no database');
    copied = await composeCopy(config, database, (error) => {
      throw error;
    });
    return copied.vault;
  }

  /** The same vault; whatever would change the store is noted. */
  function noting(vault: Vault): { readonly vault: Vault; readonly writes: string[] } {
    const writes: string[] = [];
    const store = Object.fromEntries(
      Object.entries(vault.store).map(([name, value]) => {
        const isRead = ['get', 'read', 'head', 'list', 'first', 'listUploads'].includes(name);
        if (typeof value !== 'function' || isRead) return [name, value];
        return [name, async () => void writes.push(name)];
      }),
    ) as Vault['store'];
    return { vault: { ...vault, store }, writes };
  }

  /** The same vault, a restore of whose logs has begun. */
  function restoring(vault: Vault): Vault {
    const read: Vault['db']['read'] = (work, wait) =>
      vault.db.read((rows) => {
        const state: typeof rows.log.state = async (log) => {
          const found = await rows.log.state(log);
          return found === null ? null : { ...found, restoring: 0 };
        };
        return work({ ...rows, log: { ...rows.log, state } });
      }, wait);
    return { ...vault, db: { ...vault.db, read } };
  }

  const drill = (live: Vault, copy: Vault, problems: RestoreProblem[] = []) =>
    drillRestore(
      live,
      copy,
      by,
      { sample: 200, restored: () => undefined, problem: (one) => void problems.push(one) },
      minuteSignal(),
    );

  it('brings the copy up, opens its recordings, and changes neither store nor live rows', async () => {
    day = await yesterday(engine);
    const { tenant, calls } = day;
    const { vault: live } = await day.of.start();
    const { vault: copy, writes } = noting(await copyOf(day));
    const logs = [tenant, 'deployment'];
    const before = await Promise.all(logs.map((log) => eventsIn(live, log)));
    const problems: RestoreProblem[] = [];
    const bookkeeping = async (): Promise<never> => {
      throw new Error('the live database is only read, and gets events');
    };
    const guarded = { ...live, db: { ...live.db, note: bookkeeping, repair: bookkeeping } };
    const done = await drill(guarded, copy, problems);
    expect(problems).toEqual([]);
    expect(writes).toEqual([]);
    // Not the one that was erased, and not the one that a rebuild brings back.
    expect(done).toMatchObject({ opened: 3, backup: day.backup, lastEvent: day.lastEvent, logs: 2 });
    expect(done.tenants).toMatchObject([{ tenant, withoutRows: 1 }]);
    expect(done.rpo).toBeGreaterThanOrEqual(2);
    expect(done.steps.took().map(({ step }) => step)).toEqual([
      ...['logs', 'expiry', 'keys', 'tombstones', 'entries', 'blobs', 'opening'],
    ]);
    expect(done.rto).toBe(done.steps.took().reduce((sum, { step, ms }) => sum + (step === 'opening' ? 0 : ms), 0));
    const row = await copy.db.read((rows) => rows.recordings.find(tenant, calls.erased), minuteSignal());
    expect(row?.facts).toBeNull();
    const after = await Promise.all(logs.map((log) => eventsIn(live, log)));
    for (const [at, events] of after.entries()) {
      expect(events.slice(0, -1)).toEqual(before[at]);
      expect(events.at(-1)).toMatchObject({ action: 'vault.drilled', object: { id: tenant, opened: 3, problems: 0 } });
    }
    const expiry = await live.db.read((rows) => rows.retention.expiry(tenant), minuteSignal());
    expect(expiry?.state).toBe('RUNNING');
  }, 600_000);

  it('rejects the database itself, and a copy that served', async () => {
    day = await yesterday(engine);
    const { vault: live } = await day.of.start();
    const config = readConfig(day.of.deployment.env);
    await expect(composeCopy(config, config.database, () => undefined)).rejects.toThrow(
      'is the database of this deployment',
    );
    const copy = await copyOf(day);
    await expect(drill(live, restoring(copy))).rejects.toThrow('this is no copy of an earlier time');
    await drill(live, copy);
    await sealAll(live);
    await expect(drill(live, copy)).rejects.toThrow('this is no copy of an earlier time');
  }, 600_000);

  it('names recordings that do not open', async () => {
    day = await yesterday(engine);
    const { tenant, calls } = day;
    const { vault: live } = await day.of.start();
    const { vault: copy } = noting(await copyOf(day));
    const store: Vault['store'] = {
      ...copy.store,
      head: async (place, path, wait) => (path.includes(calls.held) ? null : copy.store.head(place, path, wait)),
    };
    const problems: RestoreProblem[] = [];
    expect(await drill(live, { ...copy, store }, problems)).toMatchObject({ opened: 2 });
    expect(problems).toMatchObject([
      { step: 'opening', log: tenant, message: `${calls.held} does not open: blob_missing` },
    ]);
  }, 600_000);
});
