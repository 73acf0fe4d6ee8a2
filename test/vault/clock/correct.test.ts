// A clock that was wrong for a while by weeks, put right: what was made then ends, and both logs say so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { createLogCheck } from '../../../src/model/log/check.ts';
import { correctClockByCommand } from '../../../src/vault/commands/clock.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { replayTombstones } from '../../../src/vault/erasure/replay-tombstones.ts';
import { checkLog } from '../../../src/vault/verify/check-log.ts';
import { checkPeople } from '../../../src/vault/verify/check-people.ts';
import { eventsOf } from '../../support/changes.ts';
import { ENGINES } from '../../support/engines.ts';
import { freshDatabase } from '../../support/servers/postgres.ts';
import { serverOf } from '../../support/servers/servers.ts';
import { wav } from '../../support/wav.ts';
import { makeWorld, type World } from '../../support/world.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const AHEAD_MS = 20 * 86_400_000;
const OPERATOR = operatorActor('op-1');
const AT_ONCE = { note: '', alone: false, change: null };

describe('a clock that was weeks ahead', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  }, 300_000);
  afterAll(() => world?.end());

  const correct = (save = async (all: AsyncIterable<unknown>): Promise<void> => void (await drained(all))) =>
    correctClockByCommand(world.vault, OPERATOR, save, AT_ONCE, WAIT());

  it('does nothing while the clock is right', async () => {
    await expect(correct()).rejects.toMatchObject({ code: 'clock_right' });
  });

  it('ends what was made in the wrong time, keeps what was made before, and goes on', async () => {
    const { harbour, vault } = world;
    const recording = await world.deposited(harbour, 'call-1', wav(1000));
    const before = await world.grant(harbour, recording, { minutes: 60 });
    world.forward(AHEAD_MS);
    const later = await world.deposited(harbour, 'call-2', wav(1000));
    await world.keyOf(harbour.tenant, harbour.reviewer.id, null, 10);
    const grant = await world.grant(harbour, later, { minutes: 1 });
    const session = await world.session(harbour, grant);
    await vault.db.note(({ clocks }) => clocks.beat('node-1', new Date(vault.clock.now()).toISOString()), WAIT());
    const asked = { recording: later, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
    expect((await world.call('POST', '/v1/access-requests', { key: harbour.reviewer.key, json: asked })).status).toBe(
      201,
    );
    world.forward(-AHEAD_MS);

    const done = await correct();
    if (!done.done) throw new Error('not done');
    const { corrected } = done.result;
    expect(corrected.map(({ log }) => log)).toEqual(['deployment', harbour.tenant]);
    expect(corrected[1]?.ended).toMatchObject({ api_keys: 1, grants: 1, sessions: 1, requests: 1 });
    expect(await vault.db.read(({ clocks }) => clocks.newestBeat(), WAIT())).toBeNull();

    const live = await vault.db.read(({ sessions }) => sessions.find(harbour.tenant, session), WAIT());
    expect(live).toMatchObject({ state: 'ENDED', reason: 'revoked' });
    const grants = await vault.db.read(
      async ({ access }) => [await access.grant(harbour.tenant, before), await access.grant(harbour.tenant, grant)],
      WAIT(),
    );
    expect(grants).toMatchObject([{ state: 'APPROVED' }, { state: 'REVOKED' }]);
    // Time goes on, by the clock.
    const third = await world.deposited(harbour, 'call-3', wav(1000));
    const events = await eventsOf(world, harbour.tenant);
    const last = events.findLast(({ object }) => object['recording'] === third);
    expect(Math.abs(Date.parse(last?.ts ?? '') - Date.now())).toBeLessThan(60_000);
    expect(await world.session(harbour, before)).toMatch(/^ses_/);
    await expect(correct()).rejects.toMatchObject({ code: 'clock_right' });
  });

  it('leaves logs in which the check finds nothing, and says what the wrong time left', async () => {
    const deployment = await checkOf('deployment');
    const own = await checkOf(world.harbour.tenant, deployment.operators);
    expect([deployment.checked().findings, own.checked().findings]).toEqual([[], []]);
    const notices = own.checked().notices.map(({ code, count }) => [code, count]);
    expect(notices).toContainEqual(['clock_corrected', 1]);
    // An approval and a session.
    expect(notices).toContainEqual(['wrong_time', 2]);
    expect(deployment.checked().notices.map(({ code }) => code)).toContain('clock_corrected');
  });

  const checkOf = async (log: string, deployment?: ReturnType<typeof createLogCheck>['operators']) => {
    const check = createLogCheck(
      `vault.example/${log}`,
      'whole',
      undefined,
      deployment === undefined ? {} : { deployment },
    );
    const all = await world.vault.db.read((rows) => rows.log.events(log, 0, 10_000), WAIT());
    for (const event of all) check.add(event, leafHash(event.leaf));
    return check;
  };
});

it('lists the store from its time on again, so that a restored backup gets what it lacks', async () => {
  const world = await makeWorld();
  try {
    const { vault, harbour } = world;
    const marks = () =>
      vault.db.read(
        async ({ erasures, replays }) => [
          await erasures.lastReplay(harbour.tenant),
          await replays.mark(harbour.tenant),
        ],
        WAIT(),
      );
    const ahead = (mark: string | null): boolean => mark !== null && Date.parse(mark) > Date.now() + AHEAD_MS / 2;
    world.forward(AHEAD_MS);
    await world.deposited(harbour, 'call-1', wav(1000));
    await replayTombstones(vault, WAIT());
    const [, mark = null] = await marks();
    const wrong = new Date(vault.clock.now()).toISOString();
    expect(await vault.db.note(({ replays }) => replays.moveMark(harbour.tenant, mark, wrong), WAIT())).toBe(true);
    expect((await marks()).map(ahead)).toEqual([true, true]);
    world.forward(-AHEAD_MS);
    const save = async (all: AsyncIterable<unknown>): Promise<void> => void (await drained(all));
    expect((await correctClockByCommand(vault, OPERATOR, save, AT_ONCE, WAIT())).done).toBe(true);
    expect((await marks()).map(ahead)).toEqual([false, false]);
  } finally {
    await world.end();
  }
});

async function drained(all: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _one of all) count++;
  return count;
}

describe.each(ENGINES)('a correction that was cut, on $engine $reason', ({ engine, present }) => {
  let world: World;
  beforeAll(async () => {
    if (!present) return;
    const database = engine === 'sqlite' ? {} : { postgres: await freshDatabase(await serverOf(engine)) };
    world = await makeWorld(database);
    world.forward(AHEAD_MS);
    for (const cast of [world.harbour, world.yunhai]) await world.deposited(cast, 'call-1', wav(1000));
    world.forward(-AHEAD_MS);
  }, 300_000);
  afterAll(() => world?.end());

  it.skipIf(!present)('goes on where it ended, and each log serves as soon as it is right', async () => {
    const { harbour, yunhai, vault } = world;
    const status = async (cast: typeof harbour, call: string) => (await world.ingest(cast, call, wav(1000))).status;
    expect([await status(harbour, 'call-2'), await status(yunhai, 'call-2')]).toEqual([503, 503]);
    let corrected = 0;
    const cut: typeof vault.db.correct = async (log, work, wait) => {
      if (log !== 'deployment' && corrected++ > 0) throw new Error('killed');
      return vault.db.correct(log, work, wait);
    };
    const dying = { ...vault, db: { ...vault.db, correct: cut } };
    const save = async (all: AsyncIterable<unknown>): Promise<void> => void (await drained(all));
    await expect(correctClockByCommand(dying, OPERATOR, save, AT_ONCE, WAIT())).rejects.toThrow('killed');
    const [first, second] = harbour.tenant < yunhai.tenant ? [harbour, yunhai] : [yunhai, harbour];
    expect([await status(first, 'call-3'), await status(second, 'call-3')]).toEqual([201, 503]);
    // What was decided is done, without another decision.
    const decisions = async () =>
      (await eventsOf(world, 'deployment')).filter(({ action }) => action === 'clock.corrected').length;
    const before = await decisions();
    const done = await correctClockByCommand(vault, OPERATOR, save, AT_ONCE, WAIT());
    expect(done.done && done.result.corrected.map(({ log }) => log)).toEqual([second.tenant]);
    expect([await status(second, 'call-3'), await decisions()]).toEqual([201, before]);
  });

  it.skipIf(!present)('does not touch a log that is not ahead, nor one that is held', async () => {
    const { harbour, vault } = world;
    const never = (): Promise<never> => Promise.reject(new Error('must not run'));
    await expect(vault.db.correct(harbour.tenant, never, WAIT())).rejects.toMatchObject({ code: 'clock_right' });
    await vault.db.note(({ holds }) => holds.hold(harbour.tenant, 'fork', -1), WAIT());
    await expect(vault.db.correct(harbour.tenant, never, WAIT())).rejects.toMatchObject({ code: 'audit_unavailable' });
  });
});

describe('the time in the head of a log', () => {
  it.each(['harbour', 'deployment'] as const)(
    'is found where it is not that of the newest event: %s',
    async (which) => {
      const world = await makeWorld();
      try {
        const log = which === 'deployment' ? which : world[which].tenant;
        const findings = async (): Promise<string[]> => {
          const found: string[] = [];
          const report = async (some: readonly { kind: string; tenant: string }[]): Promise<void> =>
            void found.push(...some.map(({ kind, tenant }) => `${kind} ${tenant}`));
          const tenant = await world.vault.db.read((rows) => rows.tenants.find(log), WAIT());
          if (tenant === null) await report(await checkPeople(world.vault, WAIT()));
          else await checkLog(world.vault, tenant, report, WAIT());
          return found.filter((one) => one.startsWith('mark_'));
        };
        expect(await findings()).toEqual([]);
        world.sql.prepare("update audit_head set mark = '2000-01-01T00:00:00.000Z' where log = ?").run(log);
        expect(await findings()).toEqual([`mark_differs ${log}`]);
      } finally {
        await world.end();
      }
    },
  );
});
