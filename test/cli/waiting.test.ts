// Commands that wait for the second person: until the decision, until a signal, or not at all.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOP } from '../docs/documents.ts';
import { builtBin } from '../support/built.ts';
import { type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
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
    env = {
      CALLVAULT_ORIGIN: 'vault.example',
      CALLVAULT_URL: URL_OF_WORLD,
      CALLVAULT_DATABASE: `sqlite:${join(folder, 'vault.db')}`,
      CALLVAULT_STORE: `folder:${join(folder, 'store')}`,
      CALLVAULT_KEYS: `keyring:${join(folder, 'keyring.json')}`,
      CALLVAULT_KEYRING_ROOT: join(folder, 'root', 'root.key'),
      CALLVAULT_OPERATOR: 'night-shift',
    };
  }, 300_000);
  afterAll(() => world?.end());

  /** A command that waits: the change that it opened, its process, and what it printed in the end. */
  const waiting = async (...args: string[]) => {
    const whole = { PATH: process.env['PATH'] ?? '', ...env };
    const child = spawn(process.execPath, [builtBin(), ...args], { cwd: TOP, env: whole, stdio: 'pipe' });
    const said = outputOf(child);
    while (!said.out.includes('\n')) await delay(20);
    const change = String(jsonLines(said)[0]?.['change']);
    const ended = async () => ({ code: (await once(child, 'close'))[0] as number | null, ...said });
    return { child, change, ended: ended() };
  };

  it('waits until it is applied', { timeout: 60_000 }, async () => {
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

  it('prints why it was rejected, and exits with 1', { timeout: 60_000 }, async () => {
    const { change, ended } = await waiting(...people);
    await stepUp(admin);
    const json = { reason: 'no such vacancy' };
    expect((await admin.browser.call('POST', `/v1/changes/${change}/refuse`, { json })).status).toBe(200);
    const { code, out } = await ended;
    expect([code, jsonLines({ out })[1]]).toMatchObject([1, { id: change, state: 'refused', reason: json.reason }]);
  });

  it('exits with 1 once it is withdrawn', { timeout: 60_000 }, async () => {
    const { change, ended } = await waiting(...people);
    expect(await runCallvault(env, 'changes', 'withdraw', change)).toMatchObject({ code: 0 });
    const { code, out } = await ended;
    expect([code, jsonLines({ out })[1]]).toMatchObject([1, { id: change, state: 'withdrawn' }]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves the change open after %s', { timeout: 60_000 }, async (signal) => {
    const { child, change, ended } = await waiting(...people);
    // The first line is printed before the wait has its handlers.
    await delay(500);
    child.kill(signal);
    const { code, out, err } = await ended;
    expect([code, jsonLines({ out })]).toMatchObject([130, [{ change, state: 'open' }]]);
    expect(err).toContain(`the change stays open: go on with: callvault changes wait ${change}\n`);
    const again = runCallvault(env, 'changes', 'wait', change);
    expect(await Promise.race([again, delay(2_000, 'waits')])).toBe('waits');
    expect((await admin.browser.call('POST', `/v1/changes/${change}/approve`)).status).toBe(200);
    expect(await again).toMatchObject({ code: 0 });
  });

  it('exits at once with --no-wait', { timeout: 60_000 }, async () => {
    const { code, out } = await runCallvault(env, ...people, '--no-wait');
    expect([code, jsonLines({ out })]).toMatchObject([0, [{ state: 'open' }]]);
  });
});

function outputOf(child: ChildProcessWithoutNullStreams) {
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  return said;
}
