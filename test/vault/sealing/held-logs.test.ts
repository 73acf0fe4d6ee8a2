// When a log is held, and when it is not: by every process that compares, before it writes, and only for what differs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VaultError } from '../../../src/errors.ts';
import type { ProcessRole } from '../../../src/model/duties.ts';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { compareLogs } from '../../../src/vault/sealing/compare-logs.ts';
import { sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { logSealer } from '../../../src/vault/sealing/seal-logs.ts';
import { restore } from '../../support/restoring.ts';
import { grow, LOG, request, type SealedLogWorld, type SealingDeps, sealedLog } from '../../support/sealing.ts';
import { sqliteDatabase } from '../../support/sqlite-database.ts';

const seal = (deps: SealingDeps) => sealLog(deps, new Map(), LOG, request());
const stateOf = ({ db }: SealingDeps) => db.read((rows) => rows.log.state(LOG), request());
const withRole = (deps: SealingDeps, role: ProcessRole): SealingDeps => ({
  ...deps,
  settings: { ...deps.settings, role },
});

describe('a log that differs from what was published', () => {
  let world: SealedLogWorld;
  beforeEach(async () => {
    world = await sealedLog();
    await grow(world.deps, 5);
    await seal(world.deps);
  });
  afterEach(() => world.end());

  it('is held by a sealing round, the metrics say so, and only a restore ends it', async () => {
    const other = await world.over(await sqliteDatabase());
    await grow(other, 9);
    const states: { held: number; stopped: number }[] = [];
    const round = logSealer(other, (state) => states.push(state));
    await expect(round(request())).rejects.toMatchObject({ code: 'integrity' });
    expect(await stateOf(other)).toMatchObject({ held: 'fork' });
    // What was published is deleted: the hold stays.
    await other.store.deleteUnder(other.settings.location, `${LOG}/l/`, request());
    await other.anchor?.store.deleteUnder(other.anchor.location, '', request());
    await expect(compareLogs(other, request())).rejects.toMatchObject({ code: 'integrity' });
    expect(await round(request())).toBe(0);
    expect(await stateOf(other)).toMatchObject({ held: 'fork', size: 9 });
    expect(states).toMatchObject([{ held: 1 }, { held: 1 }]);
  });

  it.each(['ingest', 'listen', 'console', 'work', 'all'] as const)('is held by a process of role %s', async (role) => {
    const other = withRole(await world.over(await sqliteDatabase()), role);
    await expect(compareLogs(other, request())).rejects.toMatchObject({ code: 'integrity' });
    expect(await stateOf(other)).toMatchObject({ held: 'behind', size: 0 });
  });

  it('is not held while the store is unavailable, and sealing continues once it answers', async () => {
    const dead = new VaultError('store_unavailable', 'no answer');
    const away = {
      ...world.deps.store,
      first: () => Promise.reject(dead),
      put: () => Promise.reject(dead),
    };
    const without = { ...world.deps, store: away };
    await grow(world.deps, 3);
    await expect(compareLogs(without, request())).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(logSealer(without, () => undefined)(request())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await stateOf(world.deps)).toMatchObject({ held: null });
    expect(await logSealer(world.deps, () => undefined)(request())).toBe(3);
  });

  it('is not held again by a comparison that began before it was restored', async () => {
    const other = await world.over(await sqliteDatabase());
    const slow = await compareLog(other, LOG, request());
    expect(slow).toMatchObject({ differs: 'behind', restored: -1 });
    await restore(other);
    expect(await other.db.note((notes) => notes.holds.hold(LOG, 'behind', slow.restored), request())).toBe(false);
    await grow(other, 1);
    expect(await stateOf(other)).toMatchObject({ held: null });
  });

  it('is held where events below the published size are missing', async () => {
    const { deps, tested } = world;
    await tested.run('drop trigger audit_event_delete');
    await tested.run('delete from audit_event where seq = 2');
    await expect(compareLogs(deps, request())).rejects.toMatchObject({ code: 'integrity' });
    expect(await stateOf(deps)).toMatchObject({ held: 'fork' });
  });
});
