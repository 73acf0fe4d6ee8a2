// Output that operators read: errors with their reason, and nothing else on stderr.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOP } from '../docs/documents.ts';
import { needsCloud, openCloud } from '../support/cloud.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';

const top = mkdtempSync(join(tmpdir(), 'callvault-operators-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

function embedded(name: string): Record<string, string> {
  const folder = join(top, name);
  mkdirSync(folder);
  return {
    CALLVAULT_ORIGIN: 'vault.example',
    CALLVAULT_DATABASE: `sqlite:${join(folder, 'vault.db')}`,
    CALLVAULT_STORE: `folder:${join(folder, 'store')}`,
    CALLVAULT_KEYS: `keyring:${join(folder, 'keyring.json')}`,
    CALLVAULT_KEYRING_ROOT: join(folder, 'root.key'),
    CALLVAULT_OPERATOR: 'op-17',
  };
}

const CREATE = ['tenants', 'create', 'Harbour Bank', '--country', 'GB', '--admin', 'Ann', '--approver', 'Sue'];
type Made = { readonly tenant: string; readonly admin: string };
const SILENCE = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

describe('a command', () => {
  it('does its work for a reader that has seen enough', async () => {
    // Runs the bin of the checkout from its sources; all other tests run the build.
    const child = spawn(process.execPath, ['scripts/callvault.js', 'help'], { cwd: TOP, stdio: 'pipe' });
    child.stdout.destroy();
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const [code] = await once(child, 'close');
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('says which legal bases there are', async () => {
    const { code, err } = await runCallvault(embedded('basis'), ...CREATE, '--default-basis', 'consnt');
    expect(err).toMatch(/^callvault: the legal basis must be one of consent, .*, none\n$/);
    expect(code).toBe(1);
  });

  it('rejects a table of people that is not UTF-8', async () => {
    const env = embedded('encoding');
    const file = join(top, 'people.csv');
    // “姓名,角色”, and a reviewer, in GBK.
    writeFileSync(file, Buffer.from('d0d5c3fb2cbdc7c9ab0ac0eec4c82c7265766965776572', 'hex'));
    const { code, err } = await runCallvault(env, 'people', 'import', '--tenant', 'ten_x', '--file', file);
    expect(err).toBe(
      'callvault: the table is not UTF-8: save it as UTF-8 (in Excel: “CSV UTF-8”) and import it again\n',
    );
    expect(code).toBe(1);
  });

  it('marks required options in the help, and names all missing ones', async () => {
    const env = embedded('usage');
    const help = await runCallvault(env, 'people', 'add', '--help');
    expect(help.out).toMatch(/--tenant <id> +id of the tenant \(required\)\n/);
    expect(help.out).toMatch(/--alone +(?!.*required)/);
    expect(await runCallvault(env, 'people', 'add', 'Ann')).toEqual({
      code: 2,
      out: '',
      err: 'callvault: missing required options: --tenant <id>, --role <role...>\n',
    });
    const one = await runCallvault(env, 'people', 'add', 'Ann', '--role', 'admin');
    expect(one.err).toBe('callvault: missing required option: --tenant <id>\n');
    expect((await runCallvault(env, 'people', 'list', '--tenant', 'x', '--all')).err).toBe(
      "callvault: unknown option '--all'\n",
    );
  });

  it('revokes grants of a person or on a recording, and says what it needs', async () => {
    const env = embedded('grants');
    const [made] = jsonLines(await runCallvault(env, ...CREATE, '--default-basis', 'consent'));
    const { tenant, admin } = made as Made;
    const revoke = (...options: readonly string[]) =>
      runCallvault(env, 'grants', 'revoke', '--tenant', tenant, '--reason', 'left the firm', ...options);
    const either = { code: 1, out: '', err: 'callvault: give either --person or --recording\n' };
    expect(await revoke()).toEqual(either);
    expect(await revoke('--person', admin, '--recording', 'rec_x')).toEqual(either);
    expect((await revoke('--person', admin, '--reason', ' x ')).err).toBe(
      'callvault: --reason must have 3 to 500 characters\n',
    );
    expect((await revoke('--person', 'usr_x')).err).toBe('callvault: there is no such person\n');
    // None is no error.
    expect(await revoke('--person', admin)).toEqual({ code: 0, out: '', err: '' });
  });

  it('says which roles there are, and that an empty CALLVAULT_OPERATOR is not set', async () => {
    const env = embedded('roles');
    const made = jsonLines(await runCallvault(env, ...CREATE, '--default-basis', 'consent'));
    const { tenant } = made[0] as Made;
    const add = ['people', 'add', 'Bob', '--tenant', tenant, '--role', 'boss'];
    expect((await runCallvault(env, ...add)).err).toMatch(/there is no such role: the roles are .*admin/);
    const settings = ['tenants', 'settings', tenant, '--reason', 'a test of wrong values'];
    expect((await runCallvault(env, ...settings, '--time-zone', 'Europe/Nowhere')).err).toBe(
      'callvault: --time-zone must be an IANA name, such as Europe/London, or country\n',
    );
    expect((await runCallvault(env, ...settings, '--searchable', 'Bad Name')).err).toMatch(
      /must be at most 32 names of fields, each of 1 to 32 characters a-z 0-9 -, the first a letter\n$/,
    );
    expect((await runCallvault({ ...env, CALLVAULT_OPERATOR: '' }, ...add)).err).toMatch(
      /^callvault: CALLVAULT_OPERATOR is not set: /,
    );
  });

  it('allows and disallows decisions by API key, and reports a setting that is already so', {
    timeout: 300_000,
  }, async () => {
    const env = embedded('decisions');
    const made = jsonLines(await runCallvault(env, ...CREATE, '--default-basis', 'consent', '--api-key-decisions'));
    const { tenant } = made[0] as Made;
    const set = (setting: string) => runCallvault(env, 'tenants', 'api-key-decisions', tenant, setting);
    expect(await set('on')).toMatchObject({ code: 1, err: 'callvault: API key decisions are on already\n' });
    const off = await set('off');
    expect(off).toMatchObject({ code: 0, err: '' });
    expect(jsonLines(off)).toEqual([{ tenant, api_key_decisions: 'off', policy: expect.stringMatching(/^pol_/) }]);
    const wrong = await set('of');
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/^callvault: the setting must be on or off/);
  });

  it('skips the keys step without a tenant, and runs it with one', async () => {
    const env = embedded('doctor');
    const before = await runCallvault(env, 'doctor');
    expect(before).toMatchObject({ code: 0, err: '' });
    expect(before.out).toMatch(/^· keys .*not tried/m);
    expect((await runCallvault(env, ...CREATE, '--default-basis', 'consent')).code).toBe(0);
    const after = await runCallvault(env, 'doctor');
    expect(after.out).not.toMatch(/^· keys/m);
    expect(after.out).toMatch(/^✓ .*open the metadata key/m);
  });

  it('reports a problem in Chinese first on a Chinese system', async () => {
    const env = { ...embedded('chinese'), LC_ALL: 'zh_CN.UTF-8' };
    const { code, err } = await runCallvault(env, ...CREATE, '--default-basis', 'consnt');
    expect(err).toMatch(/^callvault: 请求格式不正确（the legal basis must be one of consent, .*, none）\n$/);
    expect(code).toBe(1);
  });

  it('creates sign-in links for people and operators once CALLVAULT_URL is set, and deactivates them', async () => {
    const env: Record<string, string> = embedded('people');
    const { tenant, admin } = jsonLines(await runCallvault(env, ...CREATE, '--default-basis', 'consent'))[0] as Made;
    const link = ['people', 'link', admin, '--tenant', tenant];
    expect(await runCallvault(env, ...link)).toMatchObject({ code: 1, err: expect.stringMatching(/CALLVAULT_URL/) });
    env['CALLVAULT_URL'] = 'https://vault.example';
    const [made] = jsonLines(await runCallvault(env, ...link, '--minutes', '30'));
    expect(made?.['link']).toMatch(/^https:\/\/vault\.example\/sign-in#cvl_[0-9a-z]{26}_[\w-]{43}$/);
    const listed = jsonLines(await runCallvault(env, 'people', 'list', '--tenant', tenant));
    expect(listed).toMatchObject([
      { id: admin, name: 'Ann', roles: 'admin' },
      { name: 'Sue', state: 'ACTIVE' },
    ]);
    const nowhere = await runCallvault(env, 'people', 'list', '--tenant', 'ten_nope');
    expect(nowhere).toEqual({ code: 1, out: '', err: 'callvault: there is no such tenant\n' });
    const [operator] = jsonLines(await runCallvault(env, 'operators', 'add', 'ops-7'));
    expect(await runCallvault(env, 'operators', 'add', 'ops-7')).toMatchObject({ code: 1 });
    expect(await runCallvault(env, 'operators', 'add', 'Olivia Smith')).toMatchObject({ code: 1 });
    const operators = ['people', 'link', String(operator?.['id']), '--tenant', 'deployment'];
    expect((await runCallvault(env, ...operators)).code).toBe(0);
    const off = ['people', 'off', admin, '--tenant', tenant];
    expect(jsonLines(await runCallvault(env, ...off))).toEqual([{ id: admin, state: 'OFF', sign_ins_ended: 0 }]);
    expect(await runCallvault(env, ...off)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/already deactivated/),
    });
    expect(await runCallvault(env, ...link)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no such active person/),
    });
  });

  it('prints no notice of the SDK', async () => {
    const env = { ...embedded('notice'), CALLVAULT_KEYS: 'kms:', AWS_REGION: 'eu-central-1' };
    expect(await runCallvault(env, 'tenants', 'list')).toEqual({ code: 0, out: '', err: '' });
    // The notice itself is still available to anyone who enables it.
    const { err } = await runCallvault({ ...env, [SILENCE]: 'false' }, 'tenants', 'list');
    if (Number(process.versions.node.split('.')[0]) < 22) expect(err).toContain('NodeVersionSupportWarning');
  });
});

const cloud = needsCloud();

describe.skipIf(!cloud.present)(`on real engines ${cloud.reason}`, () => {
  let env: Record<string, string>;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const opened = await openCloud();
    close = opened.close;
    env = {
      CALLVAULT_ORIGIN: 'vault.example',
      CALLVAULT_OPERATOR: 'op-17',
      ...opened.env,
    };
  });
  afterAll(() => close());

  it('doctor says what to change', async () => {
    const missing = { ...env, CALLVAULT_STORE: 's3://harbour-bank-nowhere' };
    const { code, out } = await runCallvault(missing, 'doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ store +create a blob +there is no such bucket: check its name and the Region$/m);
    const stranger = await runCallvault({ ...env, AWS_SECRET_ACCESS_KEY: 'not-the-one' }, 'doctor');
    expect(stranger.out).toMatch(/^✗ store +create a blob +.*(secret|signature|credentials)/im);
  });

  it('rejects a tenant in a missing bucket by its name, and leaves nothing', async () => {
    const { code, err } = await runCallvault(
      env,
      ...CREATE,
      '--default-basis',
      'consent',
      '--bucket',
      'nowhere-at-all',
    );
    expect(err).toMatch(/^callvault: there is no such bucket/);
    expect(code).toBe(1);
    expect(await runCallvault(env, 'tenants', 'list')).toEqual({ code: 0, out: '', err: '' });
  });
});
