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

  /** Takes a list of a source; each look at the clock takes so many milliseconds. */
  const take = async (source: string, step: number, list = listOf(source, LINES), db = world.vault.db) => {
    const { harbour } = world;
    const vault = { ...world.vault, db };
    const { tenant, uploader } = harbour;
    const service = { kind: 'service', roles: ['uploader'], scopes: ['ingest'], auth: 'api-key' } as const;
    const by: Caller = { tenant, principal: uploader.id, ...service, humans: [] };
    let now = vault.clock.now();
    const clock = { ...vault.clock, now: () => (now += step) };
    const before = (await world.leaves(tenant)).length;
    const { counted, result } = await countedTake(() =>
      takeCallList({ ...vault, clock }, by, { source, bytes: inPieces(list) }, request()),
    );
    const leaves = (await world.leaves(tenant)).slice(before);
    const listed = leaves.filter(({ action }) => action === 'recording.listed').map(({ object }) => object);
    return { result, writes: counted.writes, listed };
  };
  const EVENTS = [200, 200, 200, 200, 200, 150];

  it.skipIf(!present)('is stored in two transactions, with an event for each 200 lines', async () => {
    const { result, writes, listed } = await take('quick', 0);
    expect(result).toMatchObject({ lines: LINES, created: LINES, rejected: 0 });
    expect(writes).toBe(2);
    expect(listed.map(({ rows }) => rows)).toEqual(EVENTS);
    expect(listed.map(({ recordings }) => String(recordings).split(',').length)).toEqual(EVENTS);
    // The receipt is that of the last one.
    const last = (await world.leaves(world.harbour.tenant)).findLastIndex(
      ({ action }) => action === 'recording.listed',
    );
    expect(result.receipt?.seq).toBe(last);
  });

  it.skipIf(!present)('holds up other writes no longer than 200 lines where they take long', async () => {
    const { result, writes, listed } = await take('slow', 1_000);
    expect(result).toMatchObject({ lines: LINES, created: LINES });
    expect(writes).toBe(EVENTS.length);
    expect(listed.map(({ rows }) => rows)).toEqual(EVENTS);
  });

  it.skipIf(!present)('that stops being UTF-8 is right once it is sent whole', async () => {
    const list = listOf('cut', 3_000);
    const broken = Buffer.concat([list.subarray(0, 100_000), Buffer.from([0xb0, 0xa2]), list.subarray(100_000)]);
    await expect(take('cut', 0, broken)).rejects.toThrow('not UTF-8');
    const none = { updated: 0, amended: 0, differing: 0, rejected: 0 };
    expect((await take('cut', 0, list)).result).toMatchObject({
      ...{ lines: 3_000, created: 2_000, unchanged: 1_000 },
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
    expect(locked).toEqual([1_000, 200, 800, 150]);
    expect(result).toMatchObject({ lines: LINES, created: LINES });
    expect(listed.map(({ rows }) => rows)).toEqual(EVENTS);
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
