// Commands that say what time it is, where two operators have passkeys: they wait until the other confirms.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effectsInLog, eventsOf, type SteppingUp, signChange, withPasskey } from '../support/changes.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { nightShift, startWaiting } from '../support/waiting-command.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const AHEAD_MS = 20 * 86_400_000;

describe('callvault clock', () => {
  let world: World;
  let [night, day]: [SteppingUp, SteppingUp] | [] = [];
  let env: Record<string, string> = {};
  beforeAll(async () => {
    world = await makeWorld();
    const [first, second] = [await world.operator('night-shift'), await world.operator('day-shift')];
    night = await withPasskey(world, 'deployment', first);
    day = await withPasskey(world, 'deployment', second);
    env = nightShift(world.folder);
  }, 300_000);
  afterAll(() => world?.end());

  const confirmed = async (...args: string[]) => {
    const { change, ended } = await startWaiting(env, ...args);
    if (night === undefined || day === undefined) throw new Error('no operators');
    await signChange(night.browser, night.key, change);
    const seen = (await (await day.browser.call('GET', `/v1/changes/${change}`)).json()) as { facts: object[] };
    expect((await day.browser.call('POST', `/v1/changes/${change}/approve`)).status).toBe(200);
    return { change, facts: seen.facts, ...(await ended) };
  };
  const proposed = async (change: string) =>
    (await eventsOf(world, 'deployment')).find(
      ({ action, object }) => action === 'change.proposed' && object['id'] === change,
    );

  it('exits with 1 where nothing is ahead, and no process waited for days', async () => {
    const right = await runCallvault(env, 'clock', 'correct');
    expect([right.code, right.out, right.err]).toEqual([1, '', expect.stringContaining('more than a minute ahead')]);
    expect(await runCallvault(env, 'clock', 'confirm')).toMatchObject({ code: 1, out: '' });
  });

  it('puts the logs of tenants right once another operator confirms', async () => {
    const { harbour, yunhai, vault, folder } = world;
    world.forward(AHEAD_MS);
    for (const cast of [harbour, yunhai]) await world.deposited(cast, 'call-1', wav(1000));
    await vault.db.note(({ clocks }) => clocks.beat('node-1', new Date(vault.clock.now()).toISOString()), WAIT());
    world.forward(-AHEAD_MS);
    const blocked = await runCallvault(env, 'operators', 'add', 'ops-3', '--no-wait');
    expect([blocked.code, blocked.err]).toEqual([1, expect.stringContaining('callvault clock correct')]);

    const file = join(folder, 'erased.csv');
    const done = await confirmed('clock', 'correct', '--erased', file);
    const logs = [harbour.tenant, yunhai.tenant].sort();
    expect([done.code, done.out]).toEqual([0, expect.stringContaining(`✓ ${logs[0]}: was at`)]);
    expect(done.facts).toMatchObject([
      { name: 'how', value: 'correct' },
      { name: 'clock' },
      { name: 'logs', value: logs.map((log) => expect.stringContaining(`${log} `)) },
      { name: 'erased', value: 0 },
    ]);
    expect(readFileSync(file, 'utf8')).toBe('tenant,recording,erased_at,reason\n');
    const marked = (await eventsOf(world, 'deployment')).filter(({ object }) => object['change'] === done.change);
    expect(marked.map(({ action, object }) => [action, object['id']])).toEqual(
      logs.map((log) => ['clock.corrected', log]),
    );
    expect((await proposed(done.change))?.object['effects']).toBe(await effectsInLog(world, 'deployment', done.change));
    for (const cast of [harbour, yunhai]) expect((await world.ingest(cast, 'call-2', wav(1000))).status).toBe(201);
    expect(await runCallvault(env, 'clock', 'correct')).toMatchObject({ code: 1, out: '' });
  });

  it('confirms the clock after a long gap, and the gap ends', async () => {
    const { vault } = world;
    const old = new Date(Date.now() - 96 * 3_600_000).toISOString();
    await vault.db.note(({ clocks }) => clocks.beat('node-1', old), WAIT());
    const done = await confirmed('clock', 'confirm', '--json');
    expect([done.code, jsonLines(done).at(-1)]).toMatchObject([0, { newest: old }]);
    expect(done.facts).toMatchObject([
      { name: 'how', value: 'confirm' },
      { name: 'clock' },
      { name: 'node' },
      { name: 'newest', value: old },
    ]);
    const made = (await eventsOf(world, 'deployment')).findLast(({ action }) => action === 'clock.confirmed');
    expect(made?.object).toMatchObject({ from: old, change: done.change });
    const newest = await vault.db.read(({ clocks }) => clocks.newestBeat(), WAIT());
    expect(Date.now() - Date.parse(newest ?? '')).toBeLessThan(600_000);
    expect(await runCallvault(env, 'clock', 'confirm')).toMatchObject({ code: 1, out: '' });
  });
});
