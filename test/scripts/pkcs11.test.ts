// A deployment whose keys are in an HSM, by its commands: set up, upload, hear, rotate, re-wrap, retire, take over a customer's key.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CKA } from '../../src/adapters/pkcs11/cryptoki.ts';
import type { HsmSettings } from '../../src/adapters/pkcs11/pkcs11.ts';
import { versionNumber } from '../../src/adapters/pkcs11/wrapped-key.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import { TOP } from '../docs/documents.ts';
import { builtBin } from '../support/built.ts';
import { listenToCall, openSignInLink } from '../support/first-deployment.ts';
import { needs } from '../support/needs.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { freePort } from '../support/servers/process.ts';
import { type Administrator, administratorOf, type SoftHsm, softHsm, USER_PIN } from '../support/softhsm.ts';
import { until } from '../support/until.ts';

const { present, reason } = needs('softhsm2');
const python = needs('python-cryptography');
const SAMPLE = readFileSync(join(TOP, 'scripts/samples/harbour-1-lost-card.wav'));

describe.skipIf(!present)(`a deployment on an HSM ${reason}`.trim(), () => {
  let hsm: SoftHsm;
  let settings: HsmSettings;
  let owner: Administrator;
  let env: Readonly<Record<string, string>>;
  let folder: string;
  let port: number;
  let tenant: string;
  let service: ChildProcess | undefined;
  let printed = '';
  let said = '';

  /** A command over the deployment's own env file; the PIN is in the environment alone. */
  const run = async (...args: readonly string[]) => {
    const ended = await runCallvault(env, '--env-file', join(folder, 'callvault.env'), ...args);
    said += ended.out + ended.err;
    return ended;
  };
  const ok = async (...args: readonly string[]) => {
    const ended = await run(...args);
    expect(ended, args.join(' ')).toMatchObject({ code: 0 });
    return ended;
  };
  const key = async (): Promise<KeyReference> => {
    const [{ key: id } = {}] = jsonLines(await ok('keys', 'census', '--json'));
    return { scheme: 'pkcs11', id: String(id) };
  };
  const numbersOf = (of: KeyReference): readonly number[] =>
    owner
      .versions(of)
      .map(({ id }) => versionNumber(id))
      .sort();
  const base = (): string => `http://localhost:${port}`;

  beforeAll(async () => {
    hsm = softHsm();
    settings = hsm.token('callvault hsm');
    owner = administratorOf(settings);
    folder = join(hsm.folder, 'deployment');
    port = await freePort();
    env = { ...hsm.environment, CALLVAULT_PKCS11_MODULE: settings.module, CALLVAULT_PKCS11_PIN: USER_PIN };
  });
  afterAll(async () => {
    if (service?.exitCode === null) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    hsm.remove();
  });

  it('is set up, and its env file does not hold the PIN', async () => {
    const names = ['--tenant', 'Harbour Bank', '--country', 'GB', '--default-basis', 'consent', '--admin', 'Ann'];
    const people = ['--approver', 'Sue', '--reviewer', 'Rea', '--service', 'FreeSWITCH', '--url', base()];
    const keys = ['--keys', 'pkcs11:token=callvault%20hsm', '--announcement', 'This call is recorded.'];
    const made = await runCallvault(env, 'init', folder, ...names, ...people, ...keys);
    expect(made).toMatchObject({ code: 0, err: '' });
    printed = made.out;
    expect(printed).toContain('Back up the token of the HSM');
    expect(printed).not.toContain('root key');
    const file = readFileSync(join(folder, 'callvault.env'), 'utf8');
    expect(file).toContain(settings.module);
    expect(file).not.toContain(USER_PIN);
    expect(file).not.toContain('KEYRING');
    tenant = String(jsonLines(await ok('tenants', 'list'))[0]?.['tenant']);
    expect(await key()).toEqual({ scheme: 'pkcs11', id: `pkcs11:token=callvault%20hsm;object=callvault-${tenant}-1` });
    expect(numbersOf(await key())).toEqual([1]);
  });

  it('passes the doctor in all that a process and its commands do', async () => {
    for (const args of [[], ['--new-key'], ['--operator'], ['--rewrap']]) {
      const { out } = await ok('doctor', ...args);
      expect(out).toContain('pkcs11:token=callvault hsm');
      expect(out).toMatch(/✓ key service +log in +as its user/);
      expect(out).not.toContain('✗');
    }
  });

  it('takes a call that its reviewer hears', async () => {
    const environment = { PATH: process.env['PATH'], ...env, CALLVAULT_METRICS_LISTEN: 'off' };
    const args = [builtBin(), 'serve', '--env-file', join(folder, 'callvault.env')];
    service = spawn(process.execPath, args, { cwd: TOP, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [service.stdout, service.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    const ready = () =>
      fetch(`${base()}/readyz`).then(
        ({ ok: is }) => is,
        () => false,
      );
    await until('the service is ready', async () => service?.exitCode !== null || (await ready()), {
      seen: () => said,
    });
    const [, bearer = ''] = /Bearer (\S+)"/.exec(readFileSync(join(folder, 'uploader.curl'), 'utf8')) ?? [];
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'audio/wav' };
    const stored = await fetch(`${base()}/v1/ingest/pbx/one`, { method: 'PUT', headers, body: SAMPLE });
    expect(stored.status).toBe(201);
    const [reviewer, approver] = [
      await openSignInLink(printed, 'Rea', base()),
      await openSignInLink(printed, 'Sue', base()),
    ];
    await listenToCall(reviewer, approver);
  });

  it('gives its key new material, brings every data key to it, and needs the old material no more', async () => {
    const before = await key();
    await ok('keys', 'rotate', tenant);
    expect(await key()).toEqual(before);
    expect(numbersOf(before)).toEqual([1, 2]);
    const plan = await ok('keys', 'rewrap', tenant, '--dry-run');
    expect(plan.out).toContain('at most 2000 calls per second: at least 1 s\n');
    const done = await ok('keys', 'rewrap', tenant, '--json');
    expect(jsonLines(done).at(-1)).toMatchObject({
      keys: 1,
      lent: true,
      complete: true,
      sample: { taken: 1, opened: 1 },
    });
    expect((await ok('keys', 'retire', tenant)).out).toContain('generations below 2 no longer open');
    const old = owner.versions(before).find(({ id }) => versionNumber(id) === 1);
    if (old === undefined) throw new Error('there is no first version');
    owner.destroy(old.handle);
    expect((await ok('doctor', '--operator')).out).not.toContain('✗');
    await ok('verify', '--tenant', tenant);
  });

  it('moves to a new key, and to one that the customer made in the token', async () => {
    const first = await key();
    await ok('keys', 'rotate', tenant, '--new-key');
    const second = await key();
    expect(second.id).toBe(first.id.replace(/-1$/, '-3'));
    owner.make('Harbour 2026', {
      [CKA.SENSITIVE]: true,
      [CKA.EXTRACTABLE]: false,
      [CKA.ID]: Buffer.from('2026', 'hex'),
    });
    const theirs = 'pkcs11:token=callvault%20hsm;object=Harbour%202026';
    expect(await run('keys', 'rotate', tenant, '--key', 'arn:aws:kms:x')).toMatchObject({
      code: 1,
      err: 'callvault: a key is named by token and label: pkcs11:token=TOKEN;object=LABEL\n',
    });
    await ok('keys', 'rotate', tenant, '--key', theirs);
    expect((await key()).id).toBe(theirs);
    expect(jsonLines(await ok('keys', 'rewrap', tenant, '--json')).at(-1)).toMatchObject({ keys: 1, complete: true });
    await ok('keys', 'retire', tenant);
    for (const old of [first, second]) for (const { handle } of owner.versions(old)) owner.destroy(handle);

    // Without a database and without a service: by the store, the HSM and the operator's word.
    const [recording = ''] =
      /rec_[0-9a-z]{26}/.exec(
        (await ok('exposure', '--tenant', tenant, '--since', '2020-01-01', '--key', theirs, '--json')).out,
      ) ?? [];
    const out = join(hsm.folder, 'out');
    const which = ['--tenant', tenant, '--recording', recording, '--out', out, '--key', theirs, '--minimum-wrap', '1'];
    await ok('decrypt-offline', ...which);
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).map((path) => join(out, path));
    const audio = files.find((path) => path.endsWith('/audio')) ?? '';
    expect(readFileSync(audio).equals(SAMPLE)).toBe(true);
  });

  it.skipIf(!python.present)(`is left by a page of Python and pkcs11-tool ${python.reason}`.trim(), async () => {
    const { id } = await key();
    const store = join(folder, 'data/store');
    const page = (args: readonly string[], pin = USER_PIN) =>
      spawnSync('/usr/bin/python3', [join(TOP, 'docs/leave.py'), '--store', store, ...args], {
        env: { PATH: process.env['PATH'], ...hsm.environment, PKCS11_PIN: pin },
        encoding: 'utf8',
      });
    const [envelope = ''] = page(['--list', tenant]).stdout.split('\n');
    const out = join(hsm.folder, 'left.wav');
    const args = ['--pkcs11', settings.module, '--envelope', envelope, '--object', 'audio', '--out', out];
    expect(page([...args, '--accept-key', `${id}x`]).stderr).toMatch(/is not one you vouch for/);
    expect(page([...args, '--accept-key', id], '999999')).toMatchObject({
      status: 1,
      stderr: 'leave: the HSM does not open the key in this context\n',
    });
    expect(page([...args, '--accept-key', id])).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(out).equals(SAMPLE)).toBe(true);
  });

  it('says what is wrong with its token and its PIN, and the PIN nowhere', async () => {
    const file = join(folder, 'callvault.env');
    const wrong = await runCallvault({ ...env, CALLVAULT_PKCS11_PIN: 'wrong-77123' }, 'doctor', '--env-file', file);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.out).toMatch(/✗ key service +log in +the token rejects the PIN \(CKR_PIN_INCORRECT\)\n/);
    expect(wrong.out + wrong.err).not.toContain('wrong-77123');
    const { CALLVAULT_PKCS11_PIN: _, ...without } = env;
    expect(await runCallvault(without, 'doctor', '--env-file', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        'CALLVAULT_PKCS11_PIN_FILE or CALLVAULT_PKCS11_PIN must give the PIN, and one alone',
      ),
    });
    expect(said).not.toContain(USER_PIN);
  });
});
