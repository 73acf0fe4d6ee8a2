// A clock that was wrong for a while by weeks, put right: what was made then ends, and both logs say so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { createLogCheck } from '../../../src/model/log/check.ts';
import { correctClockByCommand } from '../../../src/vault/commands/clock.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { eventsOf } from '../../support/changes.ts';
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

async function drained(all: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _one of all) count++;
  return count;
}
