// Background work over many items: a failure does not stop the others, is reported, and is tried again.
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { Database, Transaction } from '../../src/ports/database.ts';
import { runAll } from '../../src/vault/core/concurrency.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { expireAccess } from '../../src/vault/listening/expire-access.ts';
import { keyWatcher } from '../../src/vault/listening/watch-keys.ts';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';
import { freshWorld } from '../support/worlds.ts';

const world = freshWorld();

const request = () => ({ signal: AbortSignal.timeout(600_000) });

/** A session on a new recording, with its key in memory. */
async function listen(cast: Cast, callId: string): Promise<{ readonly grant: string; readonly session: string }> {
  const recording = await world.deposited(cast, callId, wav(1000));
  const grant = await world.grant(cast, recording);
  const session = await world.session(cast, grant);
  const heard = await world.call('GET', `/v1/sessions/${session}/media`, { key: cast.reviewer.key });
  expect((await heard.arrayBuffer()).byteLength).toBe(wav(1000).length);
  return { grant, session };
}

/** The vault, except that changing the row with this id fails. */
function failingAt(id: string): Vault {
  const { db } = world.vault;
  const guard = <T extends object>(rows: T): T =>
    new Proxy(rows, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: readonly unknown[]) => {
          if ((args[0] as { id?: string } | undefined)?.id === id) throw new VaultError('database_busy', `at ${id}`);
          return Reflect.apply(method, target, args) as unknown;
        };
      },
    });
  const change: Database['change'] = (work, wait) =>
    db.change((tx) => work({ ...tx, sessions: guard(tx.sessions), access: guard(tx.access) } as Transaction), wait);
  return { ...world.vault, db: { ...db, change } };
}

const states = (table: string): Record<string, string> =>
  Object.fromEntries(world.sql.prepare(`select id, state from ${table}`).raw().all() as [string, string][]);

describe('what has expired', () => {
  it.each(['session', 'grant', 'request'] as const)('ends although one %s cannot be ended', async (kind) => {
    const { harbour } = world;
    const first = await listen(harbour, 'a');
    const second = await listen(harbour, 'b');
    const open: string[] = [];
    for (let n = 0; n < 2; n++) {
      const recording = await world.deposited(harbour, `open-${n}`, wav(10));
      const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
      const asked = await world.call('POST', '/v1/access-requests', { key: harbour.reviewer.key, json });
      open.push(((await asked.json()) as { id: string }).id);
    }
    world.forward(73 * 3_600_000);
    const bad = { session: first.session, grant: first.grant, request: open[0] ?? '' }[kind];
    await expect(expireAccess(failingAt(bad), request())).rejects.toMatchObject({ code: 'database_busy' });
    const after = { ...states('session'), ...states('access_grant'), ...states('access_request') };
    const ids = [first.session, second.session, first.grant, second.grant, ...open];
    const still = ids.filter((id) => ['LIVE', 'APPROVED', 'REQUESTED'].includes(after[id] ?? ''));
    expect(still).toEqual([bad]);
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
    expect(await expireAccess(world.vault, request())).toBe(1);
    expect(await expireAccess(world.vault, request())).toBe(0);
  });
});

describe('the watch of keys', () => {
  const refusing = (vault: Vault): Vault => ({
    ...vault,
    keys: { ...vault.keys, unwrap: () => Promise.reject(new VaultError('key_refused', 'planted')) },
  });

  it('ends the other sessions where one fails, and that one in its next round', async () => {
    const [first, second] = [await listen(world.harbour, 'a'), await listen(world.harbour, 'b')];
    let vault = refusing(failingAt(first.session));
    const round = keyWatcher({
      ...vault,
      get db() {
        return vault.db;
      },
    });
    await expect(round(request())).rejects.toMatchObject({ code: 'database_busy' });
    expect(states('session')).toEqual({ [first.session]: 'LIVE', [second.session]: 'ENDED' });
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
    vault = refusing(world.vault);
    expect(await round(request())).toBe(1);
    expect(states('session')).toEqual({ [first.session]: 'ENDED', [second.session]: 'ENDED' });
    expect(await round(request())).toBe(0);
  });

  it('checks the other tenants where one fails', async () => {
    const [ours, theirs] = [await listen(world.harbour, 'a'), await listen(world.yunhai, 'b')];
    const { db } = world.vault;
    const read: Database['read'] = (work, wait) =>
      db.read((rows) => {
        const find: typeof rows.tenants.find = (id) => {
          if (id === world.harbour.tenant) throw new VaultError('database_busy', 'planted');
          return rows.tenants.find(id);
        };
        return work({ ...rows, tenants: { ...rows.tenants, find } });
      }, wait);
    const round = keyWatcher(refusing({ ...world.vault, db: { ...db, read } }));
    await expect(round(request())).rejects.toMatchObject({ code: 'database_busy' });
    expect(states('session')).toEqual({ [ours.session]: 'LIVE', [theirs.session]: 'ENDED' });
    expect(world.vault.sessionKeys.sessions().map(({ id }) => id)).toEqual([ours.session]);
  });
});

describe('runAll', () => {
  it('runs all, counts, and throws the first error', async () => {
    const turns: number[] = [];
    const work = (n: number) => async () => {
      turns.push(n);
      if (n % 2 === 0) throw new Error(`no ${n}`);
      return n === 3;
    };
    expect(await runAll([work(1), work(3), work(5)])).toBe(1);
    await expect(runAll([1, 2, 3, 4].map(work))).rejects.toThrow('no 2');
    expect(turns).toEqual([1, 3, 5, 1, 2, 3, 4]);
  });
});
