// Windows of counted events that end: one event with the count, by any process.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { leafHash, logName, type NewEvent } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import { closeWindows } from '../../src/vault/core/events/close-windows.ts';
import { countEvent } from '../../src/vault/core/events/count-events.ts';
import { actorOf } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { ENGINES } from '../support/engines.ts';
import { openTestVault, type TestVault } from '../support/vault.ts';

const WINDOW_MS = 300_000;

describe.each(ENGINES)('a window of counted events on $engine $reason', ({ engine, present }) => {
  const closes = it.runIf(present);
  let test: TestVault;
  let past: number;

  beforeEach(async () => {
    if (!present) return;
    test = await openTestVault(engine);
    past = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS - 3 * WINDOW_MS;
  });
  afterEach(async () => {
    if (present) await test.close();
  });

  /** Reads the list so many times, in the window that began so many windows after the first. */
  const read = async (times: number, windows = 0, vault: Vault = test.vault): Promise<void> => {
    const clock = { ...vault.clock, now: () => past + windows * WINDOW_MS + 1 };
    const what = { tenant: test.tenant, actor: actorOf(test.uploader), action: 'catalogue.read' } as const;
    for (let n = 0; n < times; n++)
      await countEvent({ db: vault.db, clock }, { ...what, object: { id: test.tenant } }, test.request);
  };
  const events = async () => {
    const stored = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 1000), test.request);
    expect(checkLog(logName('vault.example', test.tenant), stored, leafHash)).toEqual([]);
    const leaves = stored.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
    return leaves.filter(({ action }) => action === 'catalogue.read').map(({ actor, object }) => ({ actor, object }));
  };
  const start = (windows = 0) => new Date(past + windows * WINDOW_MS).toISOString();

  closes('gets one event with its count when it ends, however many processes close it', async () => {
    await read(40);
    const other = await test.another();
    const closed = await Promise.all(
      [test.vault, other, test.vault, other].map((vault) => closeWindows(vault, test.request)),
    );
    expect(closed.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await closeWindows(test.vault, test.request)).toBe(0);
    const actor = { type: 'service', id: test.uploader.principal, auth: 'api-key' };
    const object = { type: 'catalogue', id: test.tenant };
    expect(await events()).toEqual([
      { actor, object },
      { actor, object: { ...object, window: start(), counted: 40 } },
    ]);
    // The next is as the first.
    await read(2, 1);
    expect(await closeWindows(test.vault, test.request)).toBe(1);
    expect((await events()).at(-1)?.object).toMatchObject({ window: start(1), counted: 2 });
  });

  closes('gets none where nothing was repeated, and stays while it lasts', async () => {
    await read(1);
    await read(3, 4);
    expect(await closeWindows(test.vault, test.request)).toBe(0);
    expect(await events()).toHaveLength(2);
  });

  closes('is closed by the first event of the next one where no background work did', async () => {
    await read(3);
    await read(1, 1);
    expect((await events()).map(({ object }) => object['counted'])).toEqual([undefined, 3, undefined]);
    expect(await closeWindows(test.vault, test.request)).toBe(0);
  });

  closes('keeps its count where its event cannot be written', async () => {
    await read(5);
    const failing = {
      db: { ...test.vault.db, change: () => Promise.reject(new Error('the log is held')) },
    } as unknown as Vault;
    await expect(closeWindows(failing, test.request)).rejects.toThrow('the log is held');
    expect(await closeWindows(test.vault, test.request)).toBe(1);
    expect((await events()).at(-1)?.object).toMatchObject({ counted: 5 });
  });

  closes('writes nothing for a row that is not of a counted event', async () => {
    await read(2);
    const { db } = test.vault;
    const name = { tenant: test.tenant, action: 'access.approved', subject: 'usr_x', target: 'req_x', start: start() };
    const actor = { type: 'person', id: 'usr_x', auth: 'sign-in' };
    const forged = (action: string, object: object) => ({
      ...{ ...name, action, ends: start(1), first: JSON.stringify({ actor, outcome: 'ok', object }) },
    });
    const rows = [
      forged('access.approved', { type: 'request', id: 'req_x', grant: 'grt_x' }),
      forged('access.read', { type: 'recording', id: 'rec_x', grant: 'grt_x' }),
    ];
    for (const row of rows) {
      await db.change(async (tx) => {
        await tx.windows.open(row);
        await tx.windows.set(row, 9);
        return { result: null, events: [eventOf(test)] };
      }, test.request);
    }
    const before = (await events()).length;
    await expect(closeWindows(test.vault, test.request)).rejects.toMatchObject({ code: 'integrity' });
    expect(await events()).toHaveLength(before + 1);
  });
});

function eventOf({ tenant, uploader }: TestVault): NewEvent {
  const object = { type: 'catalogue', id: tenant };
  return { log: tenant, id: newId('evt'), action: 'catalogue.read', outcome: 'ok', actor: actorOf(uploader), object };
}
