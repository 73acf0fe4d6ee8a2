// Restoring a log: an older, empty or rewritten database gets the published events back, and nothing else. Long because each
// way in which a database or a store can be wrong is a case.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leafHash, logName, type StoredEvent } from '../../../src/model/audit-event.ts';
import { checkpointText } from '../../../src/model/log/checkpoint.ts';
import { segmentName, writeSegment } from '../../../src/model/log/segment.ts';
import { createEdge } from '../../../src/model/log/tree/edge.ts';
import { noteCrypto } from '../../../src/vault/core/proofs/note-crypto.ts';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { compareLogs } from '../../../src/vault/sealing/compare-logs.ts';
import { sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { ENGINES } from '../../support/engines.ts';
import { ORIGIN } from '../../support/fixture-rows.ts';
import { postgresDatabase } from '../../support/postgres-database.ts';
import { restore, type Saved } from '../../support/restoring.ts';
import { grow, LOG, request, type SealedLogWorld, type SealingDeps, sealedLog } from '../../support/sealing.ts';
import { sqliteDatabase } from '../../support/sqlite-database.ts';

const seal = (deps: SealingDeps, trees = new Map()) => sealLog(deps, trees, LOG, request());
const eventsOf = ({ db }: SealingDeps, from = 0): Promise<StoredEvent[]> =>
  db.read((rows) => rows.log.events(LOG, from, 10_000), request());
const stateOf = ({ db }: SealingDeps) => db.read((rows) => rows.log.state(LOG), request());
const parsed = ({ leaf }: StoredEvent) =>
  JSON.parse(Buffer.from(leaf).toString()) as { seq: number; action: string; ts: string; object: object };

describe.each(ENGINES)('restoring a log on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  let world: SealedLogWorld;
  beforeEach(async () => {
    world = await sealedLog(engine);
  });
  afterEach(() => world.end());

  const fresh = () => (engine === 'sqlite' ? sqliteDatabase() : postgresDatabase());
  const emptyDatabase = async (): Promise<SealingDeps> => world.over(await fresh());

  /** An older database of the same log: its first `size` events. */
  async function older(size: number): Promise<SealingDeps> {
    const events = await eventsOf(world.deps);
    const tested = await fresh();
    const deps = await world.over(tested);
    const rows = events.slice(0, size).map((one) => ({ ...one, id: `evt_${one.seq}` }));
    await tested.insert('audit_event', rows);
    await tested.insert('audit_head', [{ log: LOG, size, mark: parsed(events[size - 1] as StoredEvent).ts }]);
    return deps;
  }

  /** Rewrites an event of the database, with its hash, as an owner of the table can. */
  async function rewrite({ db }: SealingDeps, tested: SealedLogWorld['tested'], seq: number): Promise<void> {
    const [stored] = await db.read((rows) => rows.log.events(LOG, seq, 1), request());
    const leaf = Buffer.from(
      Buffer.from(stored?.leaf ?? '')
        .toString()
        .replace('op-1', 'op-2'),
    );
    const quote = (bytes: Uint8Array) => {
      const hex = Buffer.from(bytes).toString('hex');
      return engine === 'sqlite' ? `x'${hex}'` : `'\\x${hex}'::bytea`;
    };
    await tested.run(
      engine === 'sqlite'
        ? 'drop trigger if exists audit_event_update'
        : 'drop trigger if exists audit_event_only_grows on audit_event',
    );
    await tested.run(
      `update audit_event set leaf = ${quote(leaf)}, hash = ${quote(leafHash(leaf))} where seq = ${seq}`,
    );
  }

  it('brings back what an older or empty database lacks, and the log goes on from there', async () => {
    const { deps } = world;
    const trees = new Map();
    for (const more of [3, 300, 40]) {
      await grow(deps, more);
      await seal(deps, trees);
    }
    const before = await eventsOf(deps);
    for (const size of [0, 2, 4, 150]) {
      const other = size === 0 ? await emptyDatabase() : await older(size);
      const done = await restore(other);
      expect(done).toMatchObject({ was: 'behind', from: size, to: before.length - 1, removed: 0, foreign: [] });
      const after = await eventsOf(other);
      expect(after.slice(0, before.length)).toEqual(before);
      expect(after.slice(before.length).map(parsed)).toMatchObject([
        { action: 'log.restored', object: { id: LOG, from: size, to: before.length - 1 } },
      ]);
      expect(await stateOf(other)).toMatchObject({ held: null, restoring: null, restored: before.length });
      expect(await compareLog(other, LOG, request())).toMatchObject({ differs: null });
      // A second run has nothing to do.
      expect(await restore(other)).toMatchObject({ was: null, revoked: null, size: before.length + 1 });
      expect(await eventsOf(other)).toEqual(after);
      if (size !== 150) continue;
      await grow(other, 2);
      expect(await seal(other)).toMatchObject({ events: 3 });
    }
  });

  it('removes rewritten events, saves them first, and keeps the equal ones', async () => {
    const { deps, tested } = world;
    await grow(deps, 10);
    await seal(deps);
    const before = await eventsOf(deps);
    await grow(deps, 2);
    for (const seq of [4, 7]) await rewrite(deps, tested, seq);
    const forked = await eventsOf(deps);
    expect(await compareLog(deps, LOG, request())).toMatchObject({ differs: 'fork' });
    const saved: Saved = [];
    expect(await restore(deps, saved)).toMatchObject({ was: 'fork', from: 4, to: 10, removed: 4 });
    expect(saved).toEqual([4, 7, 11, 12].map((seq) => forked[seq]));
    expect((await eventsOf(deps)).slice(0, 11)).toEqual(before);
    expect((await eventsOf(deps, 11)).map(parsed)).toMatchObject([{ action: 'log.restored' }]);
    for (const statement of ['delete from audit_event', 'update audit_event set seq = seq'])
      await expect(tested.run(statement)).rejects.toThrow('the log only grows');
    await grow(deps, 1);
    expect(await seal(deps)).toMatchObject({ events: 2 });
    expect(await compareLog(deps, LOG, request())).toMatchObject({ differs: null, published: { size: 13 } });
  });

  it('ends a hold whose reason has ended, with the events that were not published yet', async () => {
    const { deps } = world;
    await grow(deps, 4);
    await seal(deps);
    await grow(deps, 2);
    const before = await eventsOf(deps);
    await deps.db.note((notes) => notes.holds.hold(LOG, 'fork', -1), request());
    const saved: Saved = [];
    expect(await restore(deps, saved)).toMatchObject({ was: 'fork', from: null, removed: 0 });
    expect(saved).toEqual([]);
    const after = await eventsOf(deps);
    expect(after.slice(0, 7)).toEqual(before);
    expect(after.slice(7).map(parsed)).toMatchObject([{ action: 'log.restored', seq: 7 }]);
    await grow(deps, 1);
    expect(await seal(deps)).toMatchObject({ events: 4 });
  });

  it('takes no index twice where a published row is missing, or rows are above the size', async () => {
    const { deps, tested } = world;
    await grow(deps, 4);
    await seal(deps);
    await grow(deps, 2);
    const before = await eventsOf(deps);
    await tested.run(
      engine === 'sqlite'
        ? 'drop trigger if exists audit_event_delete'
        : 'drop trigger if exists audit_event_only_grows on audit_event',
    );
    await tested.run('delete from audit_event where seq = 3');
    const saved: Saved = [];
    expect(await restore(deps, saved)).toMatchObject({ was: 'fork', from: 3, to: 4, removed: 2 });
    expect(saved).toEqual(before.slice(5));
    expect((await eventsOf(deps)).slice(0, 5)).toEqual(before.slice(0, 5));
    expect((await eventsOf(deps, 5)).map(parsed)).toMatchObject([{ action: 'log.restored', seq: 5 }]);
    await grow(deps, 3);
    await tested.run('update audit_head set size = 7');
    await deps.db.note((notes) => notes.holds.hold(LOG, 'behind', 5), request());
    expect(await restore(deps, saved)).toMatchObject({ removed: 2 });
    expect((await eventsOf(deps, 7)).map(parsed)).toMatchObject([{ action: 'log.restored', seq: 7 }]);
  });

  it('believes an older key only below what a key of the signer signed', async () => {
    const { deps } = world;
    const old = await world.signerOf('first');
    await grow(deps, 3);
    await seal(deps);
    const both = { ...deps, signer: await world.signerOf('first', 'second') };
    await grow(both, 1);
    await seal(both);
    const now = { ...deps, signer: await world.signerOf('second') };
    await grow(now, 1);
    await seal(now);
    const published = (await eventsOf(deps)).length;
    // Someone with the old key goes on with the log.
    await grow(deps, 1);
    const edge = createEdge(noteCrypto.sha256);
    for (const { leaf } of await eventsOf(deps)) edge.add(leafHash(leaf));
    const name = logName(ORIGIN, LOG);
    const note = old.sign(name, checkpointText({ log: name, size: edge.size(), root: edge.root() }));
    const forged = writeSegment({ note, leaves: (await eventsOf(deps, published)).map(({ leaf }) => leaf) });
    await world.putRaw('segments', segmentName(edge.size()), forged);
    const empty = { ...(await emptyDatabase()), signer: now.signer };
    const done = await restore(empty, [], { keys: old.keys });
    expect(done).toMatchObject({ from: 0, to: published - 1 });
    expect(done.foreign.map((path) => path.split('/').at(-1))).toEqual([segmentName(edge.size())]);
  });

  it('is held by its anchor whatever lies between the segments', async () => {
    const { deps } = world;
    await grow(deps, 4);
    await seal(deps);
    for (let n = 0; n < 300; n++) await world.putRaw('segments', String(n).padStart(15, '0'), Buffer.from('junk'));
    const empty = await emptyDatabase();
    expect(await compareLog(empty, LOG, request())).toMatchObject({ differs: 'behind' });
    await expect(compareLog(deps, LOG, request())).rejects.toMatchObject({ code: 'integrity' });
  });

  it('repairs a log whose tiles or size alone were edited', async () => {
    const { deps, tested } = world;
    await grow(deps, 600);
    await seal(deps);
    await tested.run(`update audit_tile set hashes = ${engine === 'sqlite' ? 'zeroblob(64)' : "'\\x00'"}`);
    await tested.run('update audit_head set size = 300');
    const before = await eventsOf(deps);
    expect(await restore(deps)).toMatchObject({ was: 'behind', from: 300, to: 600 });
    expect((await eventsOf(deps)).slice(0, 601)).toEqual(before);
    expect(await seal(deps)).toMatchObject({ events: 1 });
    expect(await compareLog(deps, LOG, request())).toMatchObject({ differs: null, published: { size: 602 } });
  });

  it('keeps the log held and changes nothing where a segment is missing, damaged or signed by a strange key', async () => {
    const { deps } = world;
    const trees = new Map();
    for (let n = 0; n < 4; n++) {
      await grow(deps, 3);
      await seal(deps, trees);
    }
    const place = deps.settings.location;
    const whole = await world.segments();
    const other = await older(4);
    const strange = await world.signerOf('strange');
    const own = whole.get(segmentName(7)) ?? Buffer.alloc(0);
    const text = own.subarray(0, own.indexOf(0)).toString().split('\n\n')[0];
    const bad: Record<string, Buffer | null> = {
      missing: null,
      junk: Buffer.from('junk'),
      copied: whole.get(segmentName(10)) ?? null,
      strange: Buffer.concat([
        Buffer.from(strange.sign(`${deps.settings.origin}/${LOG}`, `${text}\n`)),
        own.subarray(own.indexOf(0)),
      ]),
      edited: Buffer.from(own.toString('latin1').replace('op-1', 'op-2'), 'latin1'),
    };
    for (const [what, bytes] of Object.entries(bad)) {
      await deps.store.delete(place, `${LOG}/l/${segmentName(7)}`, request());
      if (bytes !== null) await world.putRaw('segments', segmentName(7), bytes);
      await expect(restore(other), what).rejects.toMatchObject({
        code: 'integrity',
        message: expect.stringContaining(segmentName(7)),
      });
      expect(await eventsOf(other)).toHaveLength(4);
    }
    // The strange key is an older one of the log: named, it counts.
    await world.putRaw('segments', segmentName(7), bad['strange'] ?? Buffer.alloc(0));
    const [raw = new Uint8Array()] = strange.keys;
    expect(await restore(other, [], { keys: [raw] })).toMatchObject({ was: 'behind', from: 4, to: 12 });
  });

  it('passes over junk and copies that it does not need', async () => {
    const { deps } = world;
    await grow(deps, 2);
    await seal(deps);
    const [[, own] = []] = [...(await world.segments())];
    await world.putRaw('segments', segmentName(900), Buffer.from('junk'));
    await world.putRaw('segments', segmentName(2), own ?? Buffer.alloc(0));
    await world.putRaw('segments', 'note', Buffer.from('junk'));
    const done = await restore(await emptyDatabase());
    expect(done).toMatchObject({ was: 'behind', from: 0, to: 2 });
    expect(done.foreign.map((path) => path.split('/').at(-1)).sort()).toEqual(
      [segmentName(900), 'note', segmentName(2)].sort(),
    );
  });

  it('says which events are lost where the anchor has more than the store, and goes on without them only if asked', async () => {
    const { deps } = world;
    const trees = new Map();
    await grow(deps, 3);
    await seal(deps, trees);
    await grow(deps, 5);
    await seal(deps, trees);
    await deps.store.delete(deps.settings.location, `${LOG}/l/${segmentName(9)}`, request());
    // The database that has them all has lost nothing.
    expect(await restore(deps)).toMatchObject({ was: null });
    const other = await older(2);
    await expect(restore(other)).rejects.toThrow('events 4 to 8 are lost');
    await expect(restore(other, [], { lost: 8 })).rejects.toThrow('--lost 9');
    expect(await restore(other, [], { lost: 9 })).toMatchObject({ was: 'behind', from: 2, to: 3 });
    expect((await eventsOf(other, 4)).map(parsed)).toMatchObject([{ object: { from: 2, to: 3, lost: 9 } }]);
    // Nor does it hold the log again after another restore, whose event names it too.
    await other.db.note((notes) => notes.holds.hold(LOG, 'fork', 4), request());
    expect(await restore(other)).toMatchObject({ was: 'fork', removed: 0 });
    expect((await eventsOf(other, 5)).map(parsed)).toMatchObject([{ action: 'log.restored', object: { lost: 9 } }]);
    // An accepted loss does not hold the log again, also once it has as many events.
    for (let n = 0; n < 7; n++) {
      expect(await compareLog(other, LOG, request())).toMatchObject({ differs: null });
      await seal(other);
      await grow(other, 1);
    }
    expect(await seal(other)).toMatchObject({ events: 1 });
  });

  it('goes on where the anchor alone has checkpoints: with all events, or without those that are lost', async () => {
    const { deps } = world;
    await grow(deps, 8);
    await seal(deps);
    await deps.store.deleteUnder(deps.settings.location, `${LOG}/l/`, request());
    // A newer copy of the database was put back meanwhile: it has all of them.
    await deps.db.note((notes) => notes.holds.hold(LOG, 'behind', -1), request());
    expect(await restore(deps)).toMatchObject({ was: 'behind', from: null, to: null, removed: 0 });
    expect(await compareLog(deps, LOG, request())).toMatchObject({ differs: null, published: { size: 9 } });
    for (const has of [5, 0]) {
      const other = has === 0 ? await emptyDatabase() : await older(has);
      await expect(compareLogs(other, request())).rejects.toMatchObject({ code: 'integrity' });
      await expect(restore(other)).rejects.toThrow(`events ${has} to 8 are lost`);
      expect(await restore(other, [], { lost: 9 })).toMatchObject({ was: 'behind', from: null, to: null, size: has });
      const object = { from: has, to: has - 1, lost: 9 };
      expect((await eventsOf(other, has)).map(parsed)).toMatchObject([{ action: 'log.restored', object }]);
      await grow(other, 1);
      await seal(other);
      expect(await compareLog(other, LOG, request())).toMatchObject({ differs: null });
      await deps.store.deleteUnder(deps.settings.location, `${LOG}/l/`, request());
    }
  });

  it('needs a signer, and something that was published', async () => {
    await grow(world.deps, 1);
    await expect(restore(world.deps)).rejects.toMatchObject({ code: 'not_found' });
    const without = { ...world.deps, signer: null as never };
    await expect(restore(without)).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('is done once where two restore at the same time', async () => {
    const { deps } = world;
    const trees = new Map();
    for (const more of [3, 30, 20]) {
      await grow(deps, more);
      await seal(deps, trees);
    }
    const before = await eventsOf(deps);
    const other = await older(2);
    const done = await Promise.all([restore(other), restore(other)]);
    expect(done.filter(({ revoked }) => revoked !== null)).toHaveLength(1);
    const after = await eventsOf(other);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after).toHaveLength(before.length + 1);
  });
});
