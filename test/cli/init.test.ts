// `callvault init`: its files, continuing after an interruption, and rejected options.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { completeAnswers, type Question } from '../../src/cli/init/answers.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';

const TOP = mkdtempSync(join(tmpdir(), 'callvault-init-'));
afterAll(() => rmSync(TOP, { recursive: true, force: true }));

const NAMES = ['--tenant', 'Harbour Bank', '--admin', 'Ann', '--approver', 'Sue', '--service', 'FreeSWITCH'];
const REST = ['--country', 'GB', '--default-basis', 'consent', '--reviewer', 'Rea'];

type Outcome = {
  readonly again: boolean;
  readonly env: string;
  readonly tenant: string;
  readonly principals: readonly { readonly as: string; readonly id: string }[];
  readonly key: { readonly file: string; readonly expires: string | null };
  readonly links: readonly { readonly as: string; readonly link: string | null }[];
};

const init = (folder: string, more: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  runCallvault(env, 'init', folder, ...NAMES, ...REST, '--json', ...more);

describe('init', () => {
  it('writes its files with mode 0600, and every secret except the links to a file', async () => {
    const folder = join(TOP, 'files');
    const ended = await init(folder);
    expect(ended).toMatchObject({ code: 0, err: '' });
    const [outcome] = jsonLines(ended) as unknown as [Outcome];
    for (const file of ['callvault.env', 'uploader.curl', 'data/keyring.json', 'data/vault.db'])
      expect(statSync(join(folder, file)).mode & 0o077, file).toBe(0);
    expect(statSync(join(folder, 'root/root.key')).mode & 0o777).toBe(0o400);
    expect(readFileSync(outcome.key.file, 'utf8')).toMatch(/^header = "Authorization: Bearer cv_\w{26}_[\w-]{43}"\n$/);
    expect(ended.out).not.toMatch(/cv_[0-9a-z]{26}_/);
    expect(outcome.principals.map(({ as }) => as)).toEqual(['admin', 'approver', 'reviewer', 'service']);
    expect(outcome.links.map(({ as }) => as)).toEqual(['admin', 'approver', 'reviewer']);
  });

  it('ignores variables of another deployment, and its file wins over them', async () => {
    const folder = join(TOP, 'other');
    const elsewhere = { CALLVAULT_DATABASE: `sqlite:${join(TOP, 'elsewhere.db')}`, CALLVAULT_ORIGIN: 'elsewhere' };
    expect(await init(folder, [], elsewhere)).toMatchObject({ code: 0, err: '' });
    expect(existsSync(join(TOP, 'elsewhere.db'))).toBe(false);
    for (const args of [
      ['--env-file', join(folder, 'callvault.env'), 'tenants', 'list'],
      ['tenants', 'list', '--env-file', join(folder, 'callvault.env')],
    ])
      expect(jsonLines(await runCallvault(elsewhere, ...args))).toMatchObject([
        { name: 'Harbour Bank', state: 'ACTIVE' },
      ]);
  });

  it('continues after an interrupted run: adds what is missing and creates new links', async () => {
    const folder = join(TOP, 'again');
    const [first] = jsonLines(await init(folder)) as unknown as [Outcome];
    rmSync(first.key.file);
    const [second] = jsonLines(await init(folder, ['--auditor', 'Aud'])) as unknown as [Outcome];
    expect(second).toMatchObject({ again: true, tenant: first.tenant });
    const ids = (one: Outcome) => one.principals.filter(({ as }) => as !== 'auditor').map(({ id }) => id);
    expect(ids(second)).toEqual(ids(first));
    expect(second.principals.map(({ as }) => as)).toContain('auditor');
    expect(readFileSync(second.key.file, 'utf8')).toMatch(/Bearer cv_/);
    const kept = readFileSync(second.key.file, 'utf8');
    const [third] = jsonLines(await init(folder)) as unknown as [Outcome];
    expect(third.key.expires).toBeNull();
    expect(readFileSync(third.key.file, 'utf8')).toBe(kept);
    const links = [first, second, third].map((one) => one.links[0]?.link);
    expect(new Set(links).size).toBe(3);
  });

  it('rejects an option that contradicts the file of an earlier run', async () => {
    const folder = join(TOP, 'contradicts');
    expect((await init(folder)).code).toBe(0);
    const before = readFileSync(join(folder, 'callvault.env'), 'utf8');
    const refused = await init(folder, ['--url', 'https://vault.example']);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('has a different CALLVAULT_URL; edit it, or choose another folder');
    expect(readFileSync(join(folder, 'callvault.env'), 'utf8')).toBe(before);
  });

  it('creates no second tenant in a folder that has one', async () => {
    const folder = join(TOP, 'second');
    expect((await init(folder)).code).toBe(0);
    const key = readFileSync(join(folder, 'uploader.curl'), 'utf8');
    const refused = await init(folder, ['--tenant', 'Another Bank']);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('has a tenant already, “Harbour Bank”: create another with tenants create');
    expect(readFileSync(join(folder, 'uploader.curl'), 'utf8')).toBe(key);
    const listed = await runCallvault({}, 'tenants', 'list', '--env-file', join(folder, 'callvault.env'));
    expect(jsonLines(listed)).toMatchObject([{ name: 'Harbour Bank' }]);
  });

  it('names every missing option without a terminal, and writes nothing', async () => {
    const folder = join(TOP, 'missing');
    const refused = await runCallvault({}, 'init', folder, ...NAMES);
    expect(refused).toEqual({
      code: 1,
      out: '',
      err: 'callvault: these options are missing: --country, --default-basis, --reviewer\n',
    });
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    [['--reviewer', 'Sue'], 'must be different people'],
    [['--privacy', 'Sue'], 'must be another person'],
    [['--default-basis', 'consnt'], 'the legal basis must be one of'],
    [['--country', 'XX'], 'country'],
    [['--url', 'vault.example'], '--url must be like https://vault.example'],
    [['--operator', 'Ann Smith'], 'CALLVAULT_OPERATOR'],
  ])('rejects %s', async (wrong, why) => {
    const refused = await init(mkdtempSync(join(TOP, 'wrong-')), wrong);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain(why);
  });

  it('trusts a proxy on this machine where browsers come by https', async () => {
    const folder = join(TOP, 'https');
    expect(await init(folder, ['--url', 'https://vault.example', '--origin', 'eu.vault.example'])).toMatchObject({
      code: 0,
    });
    const env = readFileSync(join(folder, 'callvault.env'), 'utf8');
    expect(env).toMatch(/^CALLVAULT_URL=https:\/\/vault\.example$/m);
    expect(env).toMatch(/^CALLVAULT_ORIGIN=eu\.vault\.example$/m);
    expect(env).toMatch(/^CALLVAULT_LISTEN=127\.0\.0\.1:8787$/m);
    expect(env).toMatch(/^CALLVAULT_TRUSTED_PROXIES=127\.0\.0\.1$/m);
  });

  it('works in a folder whose name needs quotes, in an env file that a shell reads too', async () => {
    const folder = join(TOP, '录音 vault');
    expect(await init(folder)).toMatchObject({ code: 0, err: '' });
    const listed = await runCallvault({}, 'tenants', 'list', '--env-file', join(folder, 'callvault.env'));
    expect(jsonLines(listed)).toMatchObject([{ name: 'Harbour Bank' }]);
  });

  it('makes a privacy officer, an anchor and a signer where options name them, and prints the verifier key', async () => {
    const folder = join(TOP, 'privacy');
    const [signer, anchor] = [join(folder, 'keys/signer.pem'), `folder:${join(folder, 'anchor')}`];
    const more = ['--privacy', 'Pia', '--signer', signer, '--anchor', anchor];
    const [outcome] = jsonLines(await init(folder, more)) as unknown as [Outcome];
    expect(outcome).toMatchObject({ anchored: true, verifiers: [expect.stringMatching(/^localhost\/deployment\+/)] });
    expect(outcome.links.map(({ as }) => as)).toEqual(['admin', 'approver', 'reviewer', 'privacy']);
    expect(statSync(signer).mode & 0o777).toBe(0o400);
    const env = readFileSync(join(folder, 'callvault.env'), 'utf8');
    expect(env).toContain(`\nCALLVAULT_SIGNER=${signer}\nCALLVAULT_ANCHOR=${anchor}\n`);
    const listed = await runCallvault({}, 'people', 'list', '--tenant', outcome.tenant, '--env-file', outcome.env);
    expect(jsonLines(listed)).toContainEqual(expect.objectContaining({ name: 'Pia', roles: 'privacy' }));
    const refused = await init(folder, ['--anchor', 'folder:/elsewhere']);
    expect(refused.err).toContain('has a different CALLVAULT_ANCHOR');
  });

  it('does not take the env file of others for its own', async () => {
    const folder = mkdtempSync(join(TOP, 'foreign-'));
    writeFileSync(join(folder, 'callvault.env'), 'CALLVAULT_ORIGIN=elsewhere\n');
    const refused = await init(folder);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('CALLVAULT_DATABASE is required');
  });
});

describe('the questions', () => {
  it('cover the missing options in order, and the answers are used', async () => {
    const asked: Question[] = [];
    const ask = async (question: Question): Promise<string> => {
      asked.push(question);
      if (/country/.test(question.message)) return ' uk ';
      return question.choices === undefined ? ` answer ${asked.length} ` : (question.choices[1]?.value ?? '');
    };
    const answers = await completeAnswers({ tenant: 'Harbour Bank', admin: 'Ann', service: 'pbx' }, ask);
    expect(asked.map(({ optional }) => optional ?? false)).toEqual([false, false, false, false, true]);
    expect(answers).toMatchObject({
      country: 'GB',
      defaultBasis: 'contract',
      approver: 'answer 3',
      privacy: 'answer 5',
    });
    const none = await completeAnswers({ ...answers, privacy: undefined }, () => Promise.resolve(' '));
    expect(none.privacy).toBeUndefined();
  });
});
