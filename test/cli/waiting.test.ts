// Commands that wait for the second person: until the decision, until a signal, or not at all.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { nightShift, startWaiting } from '../support/waiting-command.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';

describe('a command that opened a change', () => {
  let world: World;
  let admin: SteppingUp;
  let env: Record<string, string> = {};
  let people: string[] = [];
  beforeAll(async () => {
    world = await makeWorld();
    const { folder, harbour } = world;
    await world.deposited(harbour, 'call-1', wav(1000));
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    people = ['people', 'add', 'Mo', '--tenant', harbour.tenant, '--role', 'reviewer'];
    env = nightShift(folder);
  }, 300_000);
  afterAll(() => world?.end());

  const waiting = (...args: string[]) => startWaiting(env, ...args);

  it('waits until it is applied', async () => {
    const { change, ended } = await waiting(...people);
    expect(await Promise.race([ended, delay(3_000, 'waits')])).toBe('waits');
    expect((await admin.browser.call('POST', `/v1/changes/${change}/approve`)).status).toBe(200);
    const { code, out, err } = await ended;
    const decided = expect.stringMatching(/Z$/);
    expect([code, jsonLines({ out })]).toMatchObject([
      0,
      [
        { change, state: 'open' },
        { id: change, state: 'applied' },
      ],
    ]);
    expect(jsonLines({ out })[1]).toEqual({ id: change, state: 'applied', decided });
    expect(err).toContain(`an admin of the tenant must confirm ${change} at ${URL_OF_WORLD}/changes/${change}`);
  });

  it('prints why it was rejected, and exits with 1', async () => {
    const { change, ended } = await waiting(...people);
    await stepUp(admin);
    const json = { reason: 'no such vacancy' };
    expect((await admin.browser.call('POST', `/v1/changes/${change}/refuse`, { json })).status).toBe(200);
    const { code, out } = await ended;
    expect([code, jsonLines({ out })[1]]).toMatchObject([1, { id: change, state: 'refused', reason: json.reason }]);
  });

  it('exits with 1 once it is withdrawn', async () => {
    const { change, ended } = await waiting(...people);
    expect(await runCallvault(env, 'changes', 'withdraw', change)).toMatchObject({ code: 0 });
    const { code, out } = await ended;
    expect([code, jsonLines({ out })[1]]).toMatchObject([1, { id: change, state: 'withdrawn' }]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves the change open after %s', async (signal) => {
    const { child, change, ended } = await waiting(...people);
    child.kill(signal);
    const { code, out, err } = await ended;
    expect([code, jsonLines({ out })]).toMatchObject([130, [{ change, state: 'open' }]]);
    expect(err).toContain(`the change stays open: go on with: callvault changes wait ${change}\n`);
    const again = runCallvault(env, 'changes', 'wait', change);
    expect(await Promise.race([again, delay(2_000, 'waits')])).toBe('waits');
    expect((await admin.browser.call('POST', `/v1/changes/${change}/approve`)).status).toBe(200);
    expect(await again).toMatchObject({ code: 0 });
  });

  it('exits at once with --no-wait', async () => {
    const { code, out } = await runCallvault(env, ...people, '--no-wait');
    expect([code, jsonLines({ out })]).toMatchObject([0, [{ state: 'open' }]]);
  });
});
