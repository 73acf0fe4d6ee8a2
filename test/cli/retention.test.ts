// The commands about retention: packs, rules as a file and as a table, a preview, a proposal, and the state of expiry.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { rulesApplier } from '../../src/vault/retention/apply-to-recordings.ts';
import { type SteppingUp, withPasskey } from '../support/changes.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { nightShift } from '../support/waiting-command.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';

describe('callvault retention', () => {
  let recording = '';
  let world: World;
  let admin: SteppingUp;
  let env: Record<string, string> = {};
  let file = '';
  beforeAll(async () => {
    world = await makeWorld();
    const { folder, harbour } = world;
    recording = await world.deposited(harbour, 'call-1', wav(1000), { 'vault-meta-direction': 'outbound' });
    await world.deposited(harbour, 'call-2', wav(1000));
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    file = join(folder, 'rules.json');
    env = nightShift(folder);
  }, 300_000);
  afterAll(() => world?.end());

  const run = (...args: string[]) => runCallvault(env, ...args);
  const ofTenant = (...args: string[]) => run(...args, '--tenant', world.harbour.tenant);
  const withFile = async (command: string, content: unknown, ...more: string[]) => {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return ofTenant('retention', command, file, ...more);
  };
  const status = async () => jsonLines(await ofTenant('expiry', 'status'))[0];

  it('print packs, and one as a file in either language', { timeout: 300_000 }, async () => {
    const listed = jsonLines(await run('retention', 'packs', '--language', 'en')) as { id: string; title: string }[];
    expect(listed[0]).toMatchObject({ id: 'cn-call-centre', title: 'China: call centre' });
    const { out } = await run('retention', 'packs', 'cn-call-centre', '--language', 'zh-CN');
    expect(JSON.parse(out)).toMatchObject({
      base: null,
      rules: { v: 1, keep: [{ id: 'outbound', name: '呼出电话' }] },
    });
    expect(await run('retention', 'packs', 'mars')).toMatchObject({
      code: 1,
      err: expect.stringContaining('the pack must be one of cn-call-centre, '),
    });
  });

  it('say where to start for a tenant without rules', { timeout: 300_000 }, async () => {
    expect(await ofTenant('retention', 'show')).toMatchObject({
      code: 1,
      err: expect.stringContaining('has no retention rules'),
    });
    expect(await status()).toEqual({
      ...{ tenant: world.harbour.tenant, state: 'no_rules', since: null, by: null },
      ...{ applying: null, due: 0, erased_today: 0, waits_for_clock: { last_trusted: null } },
    });
  });

  it('preview and propose a file, which is shown once a second person approved', { timeout: 300_000 }, async () => {
    const pack = JSON.parse((await run('retention', 'packs', 'cn-call-centre', '--language', 'en')).out) as object;
    expect(jsonLines(await withFile('preview', pack))).toMatchObject([
      { tenant: world.harbour.tenant, base: null, difference: [], preview: { recordings: 2, earlier: 2, later: 0 } },
    ]);
    const [line] = jsonLines(await withFile('propose', pack, '--reason', 'the law', '--no-wait')) as [
      Record<string, string>,
    ];
    expect(line).toMatchObject({
      ...{ retention: expect.stringMatching(/^ret_/), change: expect.stringMatching(/^chg_/), state: 'open' },
      ...{ confirmed_by: 'admin', url: `${URL_OF_WORLD}/changes/${line['change']}` },
    });
    expect((await ofTenant('retention', 'show')).code).toBe(1);
    const approved = await admin.browser.call('POST', `/v1/changes/${line['change']}/approve`);
    expect(approved.status).toBe(200);
    expect(await status()).toMatchObject({ state: 'running', applying: line['retention'], due: 0 });
    await rulesApplier(world.vault)({ signal: AbortSignal.timeout(60_000) });
    expect(await status()).toMatchObject({ state: 'running', applying: null });
    const shown = JSON.parse((await ofTenant('retention', 'show')).out) as { base: string; rules: { erase: object[] } };
    expect(shown.base).toBe(line['retention']);
    const longer = { ...shown, rules: { ...shown.rules, erase: [{ ...shown.rules.erase[0], for: 'P1Y' }] } };
    expect(jsonLines(await withFile('preview', longer))).toMatchObject([
      { difference: [{ list: 'erase', rule: 'rest', name: 'for', effect: 'longer' }], preview: { later: 2 } },
    ]);
  });

  it('print each rule with its clause and how many recordings it decides', { timeout: 300_000 }, async () => {
    const { out } = await ofTenant('retention', 'show', '--clauses', '--language', 'en');
    const lines = out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(lines[0]).toEqual(['RULE', 'NAME', 'DECIDES', 'CLAUSE', 'RECORDINGS', 'WHAT IT DOES']);
    expect(lines[1]?.slice(0, 4)).toEqual(['outbound', 'Outbound calls', '1', 'MIIT (2020) 81']);
    expect(lines[2]?.slice(0, 3)).toEqual(['rest', 'All calls (PIPL 19)', '2']);
    const chinese = (await ofTenant('retention', 'show', '--clauses', '--language', 'zh-CN')).out;
    expect(chinese).toMatch(/^规则 +名称 +决定的录音数 +依据条款/);
  });

  it('print how long a recording stays, why, and what keeps it', { timeout: 300_000 }, async () => {
    const lifetime = (language: string, id = recording) =>
      ofTenant('recordings', 'lifetime', id, '--language', language);
    expect((await lifetime('en')).out).toMatch(
      /^Kept until \d{4}-\d\d-\d\d, because of “Outbound calls” \(MIIT \(2020\) 81\)\.\nExpires \d{4}-\d\d-\d\d, because of “All calls \(PIPL 19\)”\.\n$/,
    );
    const placed = await world.call('POST', '/v1/holds', {
      key: world.harbour.privacy.key,
      json: { reference: 'HB-1', title: 'Case', review: '2030-01-01T00:00:00Z', recordings: [recording] },
    });
    expect(placed.status, await placed.clone().text()).toBe(201);
    const chinese = (await lifetime('zh-CN')).out.trimEnd().split('\n');
    expect(chinese[0]).toMatch(/^保留至 \d{4}-\d\d-\d\d，因为“/);
    expect(chinese.at(-1)).toBe('受 1 项法律保全，不销毁。');
    expect(await lifetime('en', newId('rec'))).toEqual({
      code: 1,
      out: '',
      err: 'callvault: there is no such recording\n',
    });
    expect(await lifetime('en', 'call-1')).toMatchObject({ code: 1, err: expect.stringContaining('rec_…') });
  });

  it('pause expiry at once, and resume it once a second person approved', { timeout: 300_000 }, async () => {
    const resume = (...more: string[]) => ofTenant('expiry', 'resume', ...more);
    expect(await resume('--no-wait')).toEqual({ code: 1, out: '', err: 'callvault: expiry runs already\n' });
    expect(jsonLines(await ofTenant('expiry', 'pause'))).toMatchObject([
      { tenant: world.harbour.tenant, state: 'paused', since: expect.any(String), due: 0 },
    ]);
    expect(await ofTenant('expiry', 'pause')).toEqual({
      ...{ code: 1, out: '', err: 'callvault: expiry is paused already\n' },
    });
    const [line] = jsonLines(await resume('--no-wait', '--reason', 'the rules are right')) as [Record<string, string>];
    expect(line).toMatchObject({ was: 'paused', due: 0, state: 'open', confirmed_by: 'admin' });
    expect(await status()).toMatchObject({ state: 'paused' });
    const approved = await admin.browser.call('POST', `/v1/changes/${line['change']}/approve`);
    expect(approved.status, await approved.clone().text()).toBe(200);
    expect(await status()).toMatchObject({ state: 'running', since: null });
  });

  it('name the faults of a file, and change nothing', { timeout: 300_000 }, async () => {
    const start = 'print rules to start from with: retention show --tenant ten_…, or retention packs ID';
    const rules = { v: 1, grace: 'P7D', keep: [], erase: [] };
    for (const [wrong, problem] of [
      ['{', `the file is not JSON: ${start}`],
      [{ rules }, `the file must have base and rules: ${start}`],
      [{ base: null, rules, note: 'x' }, `the file must have base and rules: ${start}`],
      [{ base: null, rules }, 'another version of the retention rules is in force: start from that one'],
    ] as const)
      expect(await withFile('propose', wrong, '--alone')).toEqual({ code: 1, out: '', err: `callvault: ${problem}\n` });
  });
});
