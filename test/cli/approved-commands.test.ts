// Commands that act once their change is approved: while they wait, resumed with --change, and what they then print.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { nightShift, startWaiting } from '../support/waiting-command.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

describe('a command that another person approves', () => {
  let world: World;
  let admin: SteppingUp;
  let env: Record<string, string> = {};
  let [tenant, reviewer]: [string[], string] = [[], ''];
  beforeAll(async () => {
    world = await makeWorld();
    const { folder, harbour } = world;
    await world.deposited(harbour, 'call-1', wav(1000));
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    tenant = ['--tenant', harbour.tenant];
    reviewer = harbour.reviewer.id;
    env = nightShift(folder);
  }, 300_000);
  afterAll(() => world?.end());

  const waiting = async (...args: string[]) => {
    const { ended, ...one } = await startWaiting(env, ...args);
    return { ...one, ended: ended.then((done) => ({ ...done, lines: jsonLines(done) })) };
  };
  const approve = async (id: string) =>
    expect((await admin.browser.call('POST', `/v1/changes/${id}/approve`)).status).toBe(200);
  const links = (person: string) =>
    world.vault.db.read((rows) => rows.signIns.openLinks(world.harbour.tenant, person), {
      signal: AbortSignal.timeout(60_000),
    });

  it('prints its result once it was approved', async () => {
    const { change, ended } = await waiting('api-keys', 'create', ...tenant, '--principal', reviewer, '--days', '7');
    await approve(change);
    const { code, lines } = await ended;
    const [opened, created] = lines as [Record<string, string>, Record<string, string>];
    expect([code, lines.length, opened['state'], created['id']]).toEqual([0, 2, 'open', opened['id']]);
    const me = await world.call('GET', '/v1/me', { key: created['secret'] ?? '' });
    expect(me.status).toBe(200);
  });

  it('does nothing after a rejection, and exits with 1', async () => {
    const { change, ended } = await waiting('people', 'link', reviewer, ...tenant);
    await stepUp(admin);
    const json = { reason: 'call her first' };
    expect((await admin.browser.call('POST', `/v1/changes/${change}/refuse`, { json })).status).toBe(200);
    const { code, lines } = await ended;
    expect([code, lines[1]]).toMatchObject([1, { id: change, state: 'refused', reason: 'call her first' }]);
    expect(await links(reviewer)).toEqual([]);
  });

  it('goes on with --change after it was killed between approval and act', async () => {
    const link = ['people', 'link', reviewer, ...tenant, '--minutes', '20'];
    const { child, change, ended } = await waiting(...link);
    child.kill('SIGKILL');
    await ended;
    await approve(change);
    const waited = await runCallvault(env, 'changes', 'wait', change);
    expect([waited.code, jsonLines(waited)]).toMatchObject([0, [{ id: change, state: 'approved' }]]);
    expect(waited.err).toContain(`run its command again with --change ${change}`);
    const wrong = await runCallvault(env, ...link.with(-1, '21'), '--change', change);
    expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining('was approved for something else') });
    const acted = await runCallvault(env, ...link, '--change', change);
    expect([acted.code, jsonLines(acted)]).toMatchObject([0, [{ link: expect.stringContaining('#cvl_') }]]);
    const again = await runCallvault(env, ...link, '--change', change);
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`${change} is applied`) });
  });

  it('acts in one of two processes', async () => {
    const link = ['people', 'link', reviewer, ...tenant];
    const opened = await runCallvault(env, ...link, '--no-wait');
    expect([opened.code, opened.err]).toMatchObject([0, expect.stringContaining('run the same command with --change')]);
    const change = String(jsonLines(opened)[0]?.['change']);
    await approve(change);
    const both = await Promise.all([1, 2].map(() => runCallvault(env, ...link, '--change', change)));
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(await links(reviewer)).toHaveLength(1);
  });

  it('erases on a change, and alone if it is asked to', async () => {
    const [one, two] = [
      await world.deposited(world.harbour, 'call-2', wav(1000)),
      await world.deposited(world.harbour, 'call-3', wav(1000)),
    ];
    const erase = ['recordings', 'erase', ...tenant, '--reason', 'request'];
    const { change, ended } = await waiting(...erase, one, '--note', 'asked by phone');
    const listed = await runCallvault(env, 'changes', 'list', ...tenant, '--state', 'open');
    expect(jsonLines(listed)).toMatchObject([{ id: change, kind: 'erase', note: 'asked by phone', recordings: [one] }]);
    await approve(change);
    const { code, lines } = await ended;
    expect([code, lines[1]]).toMatchObject([0, { recording: one, state: 'ERASING', audit: expect.any(String) }]);
    const alone = await runCallvault(env, ...erase, two, '--alone');
    expect([alone.code, jsonLines(alone)]).toMatchObject([0, [{ recording: two, state: 'ERASING' }]]);
  });
});
