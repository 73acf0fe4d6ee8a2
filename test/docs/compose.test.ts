// The compose file: read by docker-compose, and its configuration tried on this machine.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, unknownInEnvironment } from '../../src/config.ts';
import { composeFile } from '../support/compose-file.ts';
import { needs } from '../support/needs.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { postgresPrograms } from '../support/servers/postgres.ts';
import { signerFile } from '../support/signer-file.ts';
import { environmentOf } from '../support/vault.ts';
import { TOP, textOf } from './documents.ts';

const compose = needs('docker-compose');
const GIVEN = { CALLVAULT_ORIGIN: 'vault.example', CALLVAULT_URL: 'https://vault.example' };

describe.skipIf(!compose.present)(`compose.yaml ${compose.reason}`, () => {
  it('is accepted by docker-compose, and rejected without its required variables', () => {
    const { services } = composeFile('compose.yaml', GIVEN);
    expect(Object.keys(services).sort()).toEqual(['database', 'vault']);
    expect(services['vault']).toMatchObject({ read_only: true, environment: { CALLVAULT_ORIGIN: 'vault.example' } });
    expect(services['vault']?.ports).toMatchObject([{ host_ip: '127.0.0.1', published: '8787' }]);
    expect(services['database']?.ports).toBeUndefined();
    for (const name of Object.keys(GIVEN))
      expect(() => composeFile('compose.yaml', { ...GIVEN, [name]: '' })).toThrow(name);
  });

  it('gives each container no capability, no swap and separate limits, and the database a network without external access', () => {
    const { services, networks } = composeFile('compose.yaml', GIVEN);
    for (const [name, service] of Object.entries(services)) {
      expect([name, service]).toMatchObject([
        name,
        { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
      ]);
      expect([name, service.cap_add]).toEqual([name, undefined]);
      expect([name, Number(service.mem_limit)]).toEqual([name, Number(service.memswap_limit)]);
      expect(Number(service.mem_limit)).toBeGreaterThanOrEqual(2 ** 30);
      expect(service.pids_limit).toBeGreaterThan(0);
    }
    expect(services['database']?.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(Object.keys(services['database']?.networks ?? {})).toEqual(['database']);
    expect(networks?.['database']?.internal).toBe(true);
    expect(services['database']?.environment).toMatchObject({
      POSTGRES_HOST_AUTH_METHOD: 'scram-sha-256',
      POSTGRES_INITDB_ARGS: expect.stringMatching(/--auth-host=scram-sha-256 --auth-local=scram-sha-256/),
    });
  });

  it('configures a vault that people can sign in to, whose logs are sealed, and metrics for one network', async () => {
    const { services, networks } = composeFile('compose.yaml', GIVEN);
    const { environment = {}, networks: joined = {}, ports } = services['vault'] ?? {};
    const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value ?? '']));
    expect(unknownInEnvironment(env)).toEqual([]);
    const config = readConfig(env);
    expect(config).toMatchObject({ url: GIVEN.CALLVAULT_URL, metricsListen: { host: '0.0.0.0', port: 9464 } });
    expect(config.trustedProxies).toEqual(networks?.['front']?.ipam?.config?.map(({ gateway }) => gateway));
    expect(config.signer).toEqual(['/run/secrets/signer']);
    expect(Object.keys(joined).sort()).toEqual(['database', 'front', 'metrics']);
    expect([networks?.['metrics']?.internal, ports?.length]).toEqual([true, 1]);
    // The same variables over files of this machine: a person gets a link.
    const folder = mkdtempSync(join(tmpdir(), 'callvault-compose-'));
    const local = { ...environmentOf(folder), CALLVAULT_SIGNER: signerFile(join(folder, 'signer.pem')) };
    const run = (...args: string[]) => runCallvault({ ...env, ...local, CALLVAULT_OPERATOR: 'op-17' }, ...args);
    const people = ['--country', 'GB', '--default-basis', 'consent', '--admin', 'Ann', '--approver', 'Sue'];
    const [made] = jsonLines(await run('tenants', 'create', 'Harbour Bank', ...people));
    const link = await run('people', 'link', String(made?.['admin']), '--tenant', String(made?.['tenant']));
    expect(link).toMatchObject({ code: 0, out: expect.stringContaining(`${GIVEN.CALLVAULT_URL}/sign-in#cvl_`) });
    rmSync(folder, { recursive: true });
  }, 300_000);

  it('runs the PostgreSQL that the tests run on, which the pages name', () => {
    const { services } = composeFile('compose.yaml', GIVEN);
    const [, version, major = ''] =
      /^postgres:((\d+)\.\d+)(?:@sha256:[0-9a-f]{64})?$/.exec(services['database']?.image ?? '') ?? [];
    expect(version).toBeDefined();
    for (const [page, words] of [
      ['docs/operations/running.md', `Tested with ${major}.`],
      ['docs/limits.md', `PostgreSQL ${major},`],
      ['docs/zh-CN/limits.md', `PostgreSQL ${major} `],
      ['docs/operations/sizing.md', `PostgreSQL ${major} |`],
    ] as const)
      expect([page, textOf(page).includes(words)]).toEqual([page, true]);
    const folder = postgresPrograms();
    if (folder === null) return;
    const { stdout } = spawnSync(join(folder, 'initdb'), ['--version'], { encoding: 'utf8' });
    expect(stdout).toMatch(new RegExp(`PostgreSQL\\) ${major}\\.`));
  });

  it('has every secret in a file that git ignores', () => {
    const file = composeFile('compose.yaml', GIVEN);
    const files = Object.values(file.secrets ?? {}).map((secret) => secret.file);
    expect(files.length).toBe(4);
    expect(files.filter((path) => dirname(path) !== join(TOP, 'secrets'))).toEqual([]);
    expect(textOf('.gitignore').split('\n')).toContain('secrets/');
    expect(JSON.stringify(file.services)).not.toMatch(/password"?[:=]"?[^/]|:[^/@]+@/i);
  });
});
