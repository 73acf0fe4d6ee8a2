// The clock of a process over a vault: it reads and changes nothing by a clock that cannot be used, and is trusted for age
// only after a while.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { event, systemActor } from '../../src/vault/core/events/events.ts';
import { byClock, processClock } from '../../src/vault/core/time/process-clock.ts';
import { clockBeater, requireClockAtStart, trustForAge, waitsForClock } from '../../src/vault/core/trusted-for-age.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();
const NOON = Date.parse('2026-12-01T12:00:00.000Z');
const MINUTE = 60_000;
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

/** A clock whose two hands a test moves. */
function hands() {
  const at = { wall: NOON, steady: 5_000 };
  return {
    at,
    now: () => at.wall,
    steady: () => at.steady,
    run: (milliseconds: number) => {
      at.wall += milliseconds;
      at.steady += milliseconds;
    },
  };
}

it('reads and changes nothing once the clock was set back, and says so once', async () => {
  const clock = hands();
  const falls: number[] = [];
  const own = processClock(clock, (fellMs) => falls.push(fellMs));
  const db = byClock(world.vault.db, own);
  const read = () => db.read(async () => 'read', wait());
  const change = () => db.change(async () => ({ result: 'changed', unchanged: true }), wait());
  expect([await read(), (await change()).result]).toEqual(['read', 'changed']);
  clock.at.wall -= 2 * MINUTE;
  for (const use of [read, change])
    await expect(use()).rejects.toMatchObject({ code: 'clock_differs', retryAfter: 60 });
  // Also after the clock was put right: the process exits.
  clock.at.wall += 2 * MINUTE;
  await expect(read()).rejects.toMatchObject({ code: 'clock_differs' });
  expect(falls).toEqual([2 * MINUTE]);
});

it('is rejected by most witnesses: at once before they ever agreed, and later after a minute', () => {
  const clock = hands();
  const own = processClock(clock);
  own.hear('store', NOON - 2 * MINUTE);
  expect(own.require).toThrow(expect.objectContaining({ code: 'clock_differs' }));
  own.hear('keys', NOON);
  expect(own.require).not.toThrow();
  const both = () => {
    for (const witness of ['store', 'keys']) own.hear(witness, clock.at.wall + 2 * MINUTE);
  };
  for (let passed = 0; passed < 60; passed += 10) {
    both();
    expect(own.require).not.toThrow();
    clock.run(10_000);
  }
  both();
  expect(own.require).toThrow(expect.objectContaining({ code: 'clock_differs' }));
  // One that is right again is half of them.
  own.hear('keys', clock.at.wall);
  expect(own.require).not.toThrow();
  // No person heard lately says nothing.
  both();
  clock.run(10 * MINUTE);
  expect(own.require).not.toThrow();
});

it('is trusted for age after ten minutes, beats only then, and not again for a while after it rose', async () => {
  const { vault } = world;
  const clock = hands();
  clock.at.wall = vault.clock.now() + 10 * MINUTE;
  const own = { ...vault, clock: { ...vault.clock, ...clock }, processClock: processClock(clock) };
  const seen: (number | null)[] = [];
  const beat = clockBeater(own, (seconds) => seen.push(seconds));
  const newest = () => vault.db.read(({ clocks }) => clocks.newestBeat(), wait());
  const waits = (erases: boolean) => vault.db.read((rows) => waitsForClock(rows, own, erases), wait());
  const inMinutes = (minutes: number) => new Date(clock.at.wall + minutes * MINUTE).toISOString();
  expect(await waits(true)).toEqual({ lastTrusted: null, until: inMinutes(10) });
  expect(await waits(false)).toEqual({ lastTrusted: null, until: null });
  await beat(wait());
  // The first is the time of the newest event: this clock may go wrong before it is trusted.
  const first = await newest();
  expect(first).toBe(await vault.db.read(({ clocks }) => clocks.newestEvent(), wait()));
  expect(await waits(true)).toEqual({ lastTrusted: first, until: inMinutes(10) });
  expect(await waits(false)).toEqual({ lastTrusted: first, until: null });
  clock.run(10 * MINUTE);
  await beat(wait());
  const beatAt = await newest();
  expect(beatAt).toBe(inMinutes(0));
  expect([await waits(true), await waits(false)]).toEqual([null, null]);
  clock.at.wall += 30 * MINUTE;
  // Another process goes by the last beat; this one knows that its own clock rose.
  expect(await waits(true)).toEqual({ lastTrusted: beatAt, until: inMinutes(30) });
  expect(await waits(false)).toEqual({ lastTrusted: beatAt, until: null });
  expect(await trustForAge(own, wait())).toMatchObject({ state: 'waiting', gapMs: 30 * MINUTE });
  await beat(wait());
  clock.at.wall += 100 * 60 * MINUTE;
  await beat(wait());
  expect(seen).toEqual([600, 0, 1_800, null]);
  expect(await trustForAge(own, wait())).toMatchObject({ state: 'unconfirmed' });
});

it('waits for its whole gap while another process beats by a clock that is 100 hours behind, and no longer by the same', async () => {
  const { vault } = world;
  const clock = hands();
  const from = vault.clock.now() + 30 * 24 * 60 * MINUTE;
  clock.at.wall = from + 100 * 60 * MINUTE;
  const own = { ...vault, clock: { ...vault.clock, ...clock }, processClock: processClock(clock) };
  const beatBehind = (hours: number) => {
    const at = new Date(clock.at.wall - hours * 60 * MINUTE).toISOString();
    return vault.db.note(({ clocks }) => clocks.beat('another', at), wait());
  };
  for (let hours = 0; hours < 150; hours += 10) {
    await beatBehind(100);
    expect(await trustForAge(own, wait())).toMatchObject({ state: 'unconfirmed', gapMs: 100 * 60 * MINUTE });
    clock.run(10 * 60 * MINUTE);
  }
  await beatBehind(0);
  expect(await trustForAge(own, wait())).toMatchObject({ state: 'trusted' });
  await vault.db.change(async ({ clocks }) => {
    await clocks.deleteBeatsAfter('');
    return { result: null, events: [event('deployment', systemActor(vault.settings), 'log.read', { id: 'x' }, {})] };
  }, wait());
});

it('does not begin more than a minute behind a beat', async () => {
  const { vault } = world;
  const at = vault.clock.now() + 10 * 60 * MINUTE;
  await vault.db.note(({ clocks }) => clocks.beat('another', new Date(at).toISOString()), wait());
  await expect(requireClockAtStart(vault, wait())).rejects.toMatchObject({ code: 'clock_differs' });
  await requireClockAtStart({ ...vault, clock: { ...vault.clock, now: () => at - MINUTE } }, wait());
});

it('is judged by the newest event where nothing beat before, and not by what a wrong clock writes', async () => {
  const { vault, harbour } = world;
  await vault.db.change(async ({ clocks }) => {
    await clocks.deleteBeatsAfter('');
    return {
      result: null,
      events: [event('deployment', systemActor(vault.settings), 'log.read', { id: 'deployment' }, {})],
    };
  }, wait());
  const [before] = await vault.db.read(async ({ clocks }) => [await clocks.newestEvent()], wait());
  const wrong = hands();
  wrong.at.wall = vault.clock.now() + 2_200 * 24 * 60 * MINUTE;
  const own = { ...vault, clock: { ...vault.clock, ...wrong }, processClock: processClock(wrong) };
  await requireClockAtStart(own, wait());
  expect(await vault.db.read(({ clocks }) => clocks.newestBeat(), wait())).toBe(before);
  // The log of a tenant goes years ahead, by this process or one before it that had the same clock.
  const ahead = await openSqlite(join(world.folder, 'vault.db'), {
    ...{ clock: own.clock, identity: { origin: vault.settings.origin, node: 'node-2' } },
    fatal: (error) => {
      throw error;
    },
  });
  const read = event(harbour.tenant, systemActor(vault.settings), 'log.read', { id: harbour.tenant }, {});
  await ahead.change(async () => ({ result: null, events: [read] }), { ...wait(), tenant: harbour.tenant });
  await ahead.close();
  for (let hours = 0; hours < 100; hours += 20) {
    expect(await trustForAge(own, wait())).toMatchObject({ state: 'unconfirmed' });
    wrong.run(20 * 60 * MINUTE);
  }
  const again = { ...own, processClock: processClock(wrong) };
  await requireClockAtStart(again, wait());
  expect(await trustForAge(again, wait())).toMatchObject({ state: 'unconfirmed' });
});
