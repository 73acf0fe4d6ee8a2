// Call lists of many lines: how many share a transaction, and the events that say so.
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { Caller } from '../../src/model/principal.ts';
import { takeCallList } from '../../src/vault/completeness/take-list.ts';
import { ENGINES } from '../support/engines.ts';
import { freshErasureWorld } from '../support/erasure-world.ts';
import { countQueries } from '../support/query-counts.ts';

const LINES = 1_150;
const request = () => ({ signal: AbortSignal.timeout(600_000) });

describe.each(ENGINES)('a list of 1,150 lines over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);

  /** Takes a list of a source; each look at the steady clock takes so many milliseconds. */
  const take = async (source: string, step: number, list = listOf(source, LINES), db = world.vault.db) => {
    const { harbour } = world;
    const vault = { ...world.vault, db };
    const { tenant, uploader } = harbour;
    const service = { kind: 'service', roles: ['uploader'], scopes: ['ingest'], auth: 'api-key' } as const;
    const by: Caller = { tenant, principal: uploader.id, ...service, humans: [] };
    let now = vault.clock.steady();
    const clock = { ...vault.clock, steady: () => (now += step) };
    const before = (await world.leaves(tenant)).length;
    const { counted, result } = await countedTake(() =>
      takeCallList({ ...vault, clock }, by, { source, bytes: inPieces(list) }, request()),
    );
    const leaves = (await world.leaves(tenant)).slice(before);
    const listed = leaves.filter(({ action }) => action === 'recording.listed').map(({ object }) => object);
    return { result, writes: counted.writes, listed };
  };
  const EVENTS = [200, 200, 200, 200, 200, 150];

  it.skipIf(!present)('is stored 200 lines a transaction, with an event for each', async () => {
    const { result, writes, listed } = await take('quick', 0);
    expect(result).toMatchObject({ lines: LINES, created: LINES, rejected: 0 });
    expect(writes).toBe(EVENTS.length);
    expect(listed.map(({ rows }) => rows)).toEqual(EVENTS);
    expect(listed.map(({ recordings }) => String(recordings).split(',').length)).toEqual(EVENTS);
    // The receipt is that of the last one.
    const last = (await world.leaves(world.harbour.tenant)).findLastIndex(
      ({ action }) => action === 'recording.listed',
    );
    expect(result.receipt?.seq).toBe(last);
  });

  it.skipIf(!present)('holds up other writes no longer than 20 lines where they take long', async () => {
    const { result, writes, listed } = await take('slow', 1_000, listOf('slow', 50));
    expect(result).toMatchObject({ lines: 50, created: 50 });
    expect(listed.map(({ rows }) => rows)).toEqual([20, 20, 10]);
    expect(writes).toBe(listed.length);
  });

  it.skipIf(!present)('that stops being UTF-8 is right once it is sent whole', async () => {
    const list = listOf('cut', 3_000);
    const broken = Buffer.concat([list.subarray(0, 100_000), Buffer.from([0xb0, 0xa2]), list.subarray(100_000)]);
    await expect(take('cut', 0, broken)).rejects.toThrow('not UTF-8');
    const none = { updated: 0, amended: 0, differing: 0, rejected: 0 };
    expect((await take('cut', 0, list)).result).toMatchObject({
      ...{ lines: 3_000, created: 1_400, unchanged: 1_600 },
      ...none,
    });
    const again = await take('cut', 0, list);
    expect(again.result).toMatchObject({ lines: 3_000, created: 0, unchanged: 3_000, ...none });
    expect(again.listed).toEqual([]);
  });

  it.skipIf(!present)('locks fewer lines once uploads have created some of their calls meanwhile', async () => {
    const locked: number[] = [];
    const { db } = world.vault;
    const change: typeof db.change = (work, request) =>
      db.change(
        (tx) =>
          work({
            ...tx,
            recordings: {
              ...tx.recordings,
              lockNaturals: (tenant, naturals) => {
                locked.push(naturals.length);
                return tx.recordings.lockNaturals(tenant, naturals);
              },
              insertMany: (rows) =>
                locked.length === 1
                  ? Promise.reject(new VaultError('conflict', 'another upload was first'))
                  : tx.recordings.insertMany(rows),
            },
          }),
        request,
      );
    const { result, listed } = await take('busy', 0, listOf('busy', LINES), { ...db, change });
    expect(locked).toEqual([200, 50, 150, 200, 200, 200, 200, 150]);
    expect(result).toMatchObject({ lines: LINES, created: LINES });
    expect(listed.map(({ rows }) => rows)).toEqual([50, 150, ...EVENTS.slice(1)]);
  });

  it.skipIf(!present)('ends after 1,000 lines that cannot be read, and says what it took', async () => {
    const bad = (n: number) => (n % 2 === 0 ? 'a"b' : `x,${'never'}`);
    const some = Array.from({ length: 3_000 }, (_, n) => (n < 5 ? `bad-${n},` : bad(n)));
    const list = Buffer.from(`call_id,started_at\n${some.join('\n')}\nlast,\n`);
    const { result, listed } = await take('bad', 0, list);
    expect(result).toMatchObject({ lines: 1_005, created: 5, rejected: 1_000, endedAt: 1_006, unchanged: 0 });
    expect(result.errors).toHaveLength(100);
    expect(listed.map(({ rows }) => rows)).toEqual([5]);
    expect((await take('bad', 0, listOf('bad', 5))).result.endedAt).toBeNull();
  });

  it.skipIf(!present)('counts and names lines of one call, wherever they are in it', async () => {
    const lines = [...Array(500).keys()].map((n) => `twice-${n % 450},`);
    const { result } = await take('twice', 0, Buffer.from(`call_id,started_at\n${lines.join('\n')}`));
    expect(result).toMatchObject({ lines: 500, created: 450, unchanged: 50, repeated: 50 });
    expect(result.repeats.slice(0, 2)).toEqual([
      { line: 452, first: 2 },
      { line: 453, first: 3 },
    ]);
  });
});

const PIECE = 65_536;
const FROM = Date.parse('2026-11-20T06:00:00Z');

function listOf(source: string, length: number): Buffer {
  const lines = Array.from({ length }, (_, n) => `${source}-${n},${new Date(FROM + n * 1000).toISOString()},Otto`);
  return Buffer.from(`call_id,started_at,agent\n${lines.join('\n')}`);
}

async function* inPieces(list: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < list.length; at += PIECE) yield list.subarray(at, at + PIECE);
}

async function countedTake<T>(work: () => Promise<T>) {
  let result: T | undefined;
  const { counted } = await countQueries(async () => {
    result = await work();
  });
  return { counted, result: result as T };
}
