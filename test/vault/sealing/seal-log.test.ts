// Sealing a log: what is published of it, and what a database that does not continue it comes to.
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/bytes/digest.ts';
import { logName } from '../../../src/model/audit-event.ts';
import { readCheckpoint } from '../../../src/model/log/checkpoint.ts';
import { namedKey, openNote } from '../../../src/model/log/note.ts';
import { readSegment, segmentName, segmentSize } from '../../../src/model/log/segment.ts';
import { createEdge } from '../../../src/model/log/tree/edge.ts';
import { event, operatorActor } from '../../../src/vault/core/events/events.ts';
import { noteCrypto } from '../../../src/vault/core/proofs/note-crypto.ts';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { compareLogs } from '../../../src/vault/sealing/compare-logs.ts';
import { treeAt } from '../../../src/vault/sealing/log-tree.ts';
import { sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { type LogsState, logSealer } from '../../../src/vault/sealing/seal-logs.ts';
import { signatureError } from '../../../src/vault/sealing/signer-of-logs.ts';
import { ENGINES } from '../../support/engines.ts';
import { ORIGIN } from '../../support/fixture-rows.ts';
import { postgresDatabase } from '../../support/postgres-database.ts';
import { grow, LOG, request, type SealedLogWorld, type SealingDeps, sealedLog } from '../../support/sealing.ts';
import { sqliteDatabase } from '../../support/sqlite-database.ts';

const NAME = logName(ORIGIN, LOG);

const seal = (deps: SealingDeps, trees = new Map()) => sealLog(deps, trees, LOG, request());

const sizeOf = async ({ db }: SealingDeps): Promise<number> => await db.read((rows) => rows.log.size(LOG), request());

/** The leaves that the segments hold, by index; fails where two differ, a note is not signed, or a root is another. */
async function publishedLeaves(world: SealedLogWorld): Promise<Buffer[]> {
  const leaves: Buffer[] = [];
  const keys = world.deps.signer.keys.map((key) => namedKey(NAME, key, noteCrypto.sha256));
  for (const [name, bytes] of [...(await world.segments())].reverse()) {
    const segment = readSegment(bytes) ?? expect.fail('not a segment');
    const checkpoint = readCheckpoint(openNote(segment.note, keys, noteCrypto) ?? '') ?? expect.fail('not signed');
    expect(segmentSize(name)).toBe(checkpoint.size);
    for (const [n, leaf] of segment.leaves.entries()) {
      const index = checkpoint.size - segment.leaves.length + n;
      expect(index).toBeLessThanOrEqual(leaves.length);
      if (leaves[index] !== undefined) expect(leaves[index]).toEqual(Buffer.from(leaf));
      leaves[index] = Buffer.from(leaf);
    }
    const edge = createEdge(noteCrypto.sha256);
    for (const leaf of leaves.slice(0, checkpoint.size)) edge.add(sha256(Buffer.of(0), leaf));
    expect(Buffer.from(edge.root())).toEqual(Buffer.from(checkpoint.root));
  }
  return leaves;
}

describe.each(ENGINES)('sealing on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  let world: SealedLogWorld;
  beforeEach(async () => {
    world = await sealedLog(engine);
  });
  afterEach(() => world.end());

  const emptyDatabase = () => (engine === 'sqlite' ? sqliteDatabase() : postgresDatabase());

  it('publishes every event once, in the store and the anchor, with the adoption before the first seal', async () => {
    const { deps } = world;
    await grow(deps, 3);
    const trees = new Map();
    expect(await seal(deps, trees)).toEqual({ events: 4, segments: 1, foreign: [] });
    await grow(deps, 5);
    expect(await seal(deps, trees)).toMatchObject({ events: 5 });
    expect(await seal(deps, trees)).toMatchObject({ events: 0, segments: 0 });
    // Another process begins with what is in the database.
    await grow(deps, 2);
    expect(await seal(await world.another())).toMatchObject({ events: 2 });
    const leaves = await publishedLeaves(world);
    const stored = await deps.db.read((rows) => rows.log.events(LOG, 0, 100), request());
    expect(leaves).toEqual(stored.map(({ leaf }) => Buffer.from(leaf)));
    expect(JSON.parse(leaves[3]?.toString() ?? '')).toMatchObject({
      action: 'log.adopted',
      object: { id: LOG, size: 3, url: 'https://vault.example' },
    });
    expect([...(await world.anchored()).keys()]).toEqual([11, 9, 4].map(segmentName));
    const heads = await deps.db.read((rows) => rows.seals.heads(), request());
    expect(heads).toEqual([{ log: LOG, size: 11, sealed: 11, held: null }]);
  });

  it('keeps the tree in tiles: at every size the root is that of all leaves', async () => {
    const { deps } = world;
    const trees = new Map();
    for (const more of [255, 1, 1, 300, 511]) {
      await grow(deps, more);
      await seal(deps, trees);
    }
    const size = await sizeOf(deps);
    const events = await deps.db.read((rows) => rows.log.events(LOG, 0, 2_000), request());
    const edge = createEdge(noteCrypto.sha256);
    const sizes = new Set([1, 255, 256, 257, 512, 558, 768, 1_000, size]);
    for (const { seq, hash } of events) {
      edge.add(hash);
      if (!sizes.has(seq + 1)) continue;
      const tree = await deps.db.read((rows) => treeAt(rows, LOG, seq + 1), request());
      expect(Buffer.from(tree.edge.root()), `at ${seq + 1}`).toEqual(Buffer.from(edge.root()));
    }
    const last = await deps.db.read((rows) => rows.seals.lastTile(LOG, 1), request());
    expect(last).toMatchObject({ level: 1, tile: 0 });
    expect(last?.hashes).toHaveLength(Math.floor(size / 256) * 32);
  });

  it('writes more than 4,096 events into several segments', async () => {
    const { deps } = world;
    const events = Array.from({ length: 4_500 }, (_, n) => n);
    const made = events.map(() => event(LOG, operatorActor('op-1'), 'doctor.ran', { id: LOG }, {}));
    await deps.db.change(async () => ({ result: null, events: made }), request());
    expect(await seal(deps)).toMatchObject({ events: 4_501, segments: 2 });
    expect(await publishedLeaves(world)).toHaveLength(4_501);
  });

  it('does not seal a log whose database is empty, older, or newer with other events', async () => {
    const { deps } = world;
    await grow(deps, 5);
    await seal(deps);
    for (const [events, why] of [
      [0, 'behind'],
      [3, 'behind'],
      [9, 'fork'],
    ] as const) {
      const other = await world.over(await emptyDatabase());
      await grow(other, events);
      expect(await compareLog(other, LOG, request())).toMatchObject({ differs: why, published: { size: 6 } });
      await expect(compareLogs(other, request())).rejects.toMatchObject({ code: 'integrity' });
      // From then on it takes no events, and sealing publishes nothing of it.
      await expect(grow(other, 1)).rejects.toMatchObject({ code: 'audit_unavailable' });
      await expect(seal(other)).rejects.toMatchObject({ code: 'integrity' });
      const states: unknown[] = [];
      expect(await logSealer(other, (state) => states.push(state))(request())).toBe(0);
      expect(states).toMatchObject([{ held: 1, stopped: 0, unsealed: events }]);
      expect((await world.segments()).size).toBe(1);
    }
    expect(await compareLog(deps, LOG, request())).toMatchObject({ differs: null });
  });

  it('finds in the anchor what was taken out of the store', async () => {
    const { deps } = world;
    await grow(deps, 2);
    await seal(deps);
    await deps.store.deleteUnder(deps.settings.location, `${LOG}/l/`, request());
    const other = await world.over(await emptyDatabase());
    expect(await compareLog(other, LOG, request())).toMatchObject({ differs: 'behind' });
  });

  it('passes over junk, a copied segment and a strange signature, and reports them', async () => {
    const { deps } = world;
    await grow(deps, 2);
    await seal(deps);
    const [[, own] = []] = [...(await world.segments())];
    await world.putRaw('segments', segmentName(900), Buffer.from('junk'));
    await world.putRaw('segments', segmentName(800), own ?? Buffer.alloc(0));
    const strange = await world.signerOf('strange');
    const text = `${NAME}\n700\n${Buffer.alloc(32).toString('base64')}\n`;
    await world.putRaw('segments', segmentName(700), Buffer.from(`${strange.sign(NAME, text)}\0`));
    // A checkpoint of another log, by the right key.
    const foreign = `${ORIGIN}/ten_1\n600\n${Buffer.alloc(32).toString('base64')}\n`;
    await world.putRaw('segments', segmentName(600), Buffer.from(`${deps.signer.sign(NAME, foreign)}\0`));
    const compared = await compareLog(deps, LOG, request());
    expect(compared).toMatchObject({ differs: null, published: { size: 3 } });
    expect(compared.foreign.map((path) => segmentSize(path.split('/').at(-1) ?? ''))).toEqual([900, 800, 700, 600]);
    await grow(deps, 1);
    const states: unknown[] = [];
    expect(await logSealer(deps, (state) => states.push(state))(request())).toBe(1);
    expect(states).toEqual([{ held: 0, stopped: 0, otherSigner: 0, unsealed: 0, foreign: 4 }]);
  });

  it('does not begin where another root was published at a size, nor where an event was edited', async () => {
    const { deps, tested } = world;
    await grow(deps, 2);
    await seal(deps);
    await grow(deps, 1);
    const other = `${NAME}\n4\n${Buffer.alloc(32).toString('base64')}\n`;
    await world.putRaw('anchor', segmentName(4), Buffer.from(deps.signer.sign(NAME, other)));
    await expect(seal(deps)).rejects.toThrow('other events than were published');
    await deps.anchor?.store.deleteUnder(deps.anchor.location, `${NAME}/`, request());
    // The trigger is no guard against who owns the table.
    await tested.run(
      engine === 'sqlite' ? 'drop trigger audit_event_update' : 'drop trigger audit_event_only_grows on audit_event',
    );
    await tested.run('update audit_event set leaf = hash where seq = 3');
    await expect(seal(deps)).rejects.toMatchObject({ code: 'integrity' });
    expect((await world.segments()).size).toBe(1);
  });

  it('compares with a public key alone, and signs nothing with it', async () => {
    const { deps, folder } = world;
    await grow(deps, 2);
    await seal(deps);
    const publicPem = createPublicKey(readFileSync(join(folder, 'keys', 'first.pem'))).export({
      format: 'pem',
      type: 'spki',
    });
    writeFileSync(join(folder, 'keys', 'public.pem'), publicPem, { mode: 0o644 });
    const signer = await world.signerOf('public');
    expect(signer.keys).toEqual(deps.signer.keys);
    const other = { ...(await world.over(await emptyDatabase())), signer };
    expect(await compareLog(other, LOG, request())).toMatchObject({ differs: 'behind' });
    await grow(deps, 1);
    expect(await logSealer({ ...deps, signer }, () => undefined)(request())).toBe(0);
    expect(() => signer.sign(NAME, 'a\n')).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });

  it('replaces the key: both sign from the event on that names the new one', async () => {
    const { deps } = world;
    await grow(deps, 2);
    await seal(deps);
    const both = { ...deps, signer: await world.signerOf('first', 'second') };
    await grow(deps, 1);
    await seal(both);
    await grow(deps, 1);
    await seal(both);
    const added = (await publishedLeaves(world))
      .map((leaf) => JSON.parse(leaf.toString()) as { seq: number; action: string; object: { key: string } })
      .filter(({ action }) => action === 'signer.added');
    expect(added).toHaveLength(1);
    const raw = Buffer.from(added[0]?.object.key ?? '', 'base64');
    expect([raw[0], raw.subarray(1)]).toEqual([1, both.signer.keys[1]]);
    // From then on the new key alone is enough, and the old one alone too, for what it signed.
    const second = { ...deps, signer: await world.signerOf('second') };
    await grow(deps, 1);
    expect(await seal(second)).toMatchObject({ events: 1 });
    const stranger = { ...deps, signer: await world.signerOf('third') };
    await grow(deps, 1);
    await expect(seal(stranger)).rejects.toMatchObject({
      code: 'signer_differs',
      message: expect.stringMatching(/^this is not the signer of these logs: .* CALLVAULT_SIGNER/),
    });
    let state: LogsState | null = null;
    await expect(logSealer(stranger, (now) => (state = now))(request())).rejects.toThrow('not the signer');
    expect(state).toMatchObject({ stopped: 1, otherSigner: 1, unsealed: 1 });
    await expect(compareLogs(stranger, request())).rejects.toMatchObject({ code: 'signer_differs' });
    // A seal that was edited is not another signer's.
    const note = (await deps.db.read((rows) => rows.seals.newest(LOG), request()))?.note ?? '';
    const trust = { origin: ORIGIN, log: LOG, signer: second.signer };
    expect(signatureError(note.replace(/^(\d+)$/m, '9'), trust).code).toBe('integrity');
    expect(signatureError('no note', trust).code).toBe('integrity');
  });
});
