// The systemd unit: systemd verifies it, and it matches the page about running.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtBin } from '../support/built.ts';
import { needs } from '../support/needs.ts';
import { freePort, untilAnswers } from '../support/servers/process.ts';
import { blocks, TOP, textOf } from './documents.ts';

const unit = textOf('docs/operations/callvault.service');
const valuesOf = (name: string) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);

const systemd = needs('systemd-analyze');

describe.skipIf(!systemd.present)(`docs/operations/callvault.service ${systemd.reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-unit-'));
  const file = join(folder, 'callvault.service');
  const analyze = (...args: string[]) => spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' });

  beforeAll(() => {
    // The unit expects an installation under /opt, which this machine lacks.
    writeFileSync(file, unit.replace('/usr/bin/node /opt/callvault', `${process.execPath} ${TOP}`));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is verified by systemd without a warning', () => {
    expect(analyze('verify', '--man=no')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('has a low exposure level', () => {
    const { stdout } = analyze('security', '--offline=true', '--no-pager');
    const [, exposure] = /exposure level for callvault\.service: (\d+\.\d)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(1.5);
  });
});

describe('the unit', () => {
  it('dumps no core, is not swapped, and waits longer than the service needs to drain', () => {
    expect(valuesOf('LimitCORE')).toEqual(['0']);
    expect(valuesOf('MemorySwapMax')).toEqual(['0']);
    const [, drain] = /^const DRAIN_MS = ([\d_]+);$/m.exec(textOf('src/main.ts')) ?? [];
    const stop = Number(/^(\d+)s$/.exec(valuesOf('TimeoutStopSec')[0] ?? '')?.[1]) * 1000;
    expect(stop).toBeGreaterThan(Number(drain?.replaceAll('_', '')) + 5_000);
  });

  it('sets the same malloc variables as the image', () => {
    const malloc = (text: string) => [...text.matchAll(/MALLOC_[A-Z_]+=\d+/g)].map(([found]) => found);
    expect(malloc(unit).length).toBe(2);
    expect(malloc(unit)).toEqual(malloc(textOf('Dockerfile')));
  });

  it('receives root key and signer as credentials and contains no secret', () => {
    expect(valuesOf('LoadCredential')).toEqual([
      'root.key:/etc/callvault/root.key',
      'signer.pem:/etc/callvault/signer.pem',
    ]);
    // An EnvironmentFile wins over Environment, wherever it is.
    expect(valuesOf('Environment').filter((text) => text?.includes('CALLVAULT_'))).toEqual([]);
    expect(valuesOf('Environment').filter((text) => /password|secret|:\/\/[^/]*:/i.test(text ?? ''))).toEqual([]);
  });
});

describe('the path from init to the unit', () => {
  const root = mkdtempSync(join(tmpdir(), 'callvault-unit-root-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const [block = ''] = blocks(textOf('docs/operations/first-deployment.md'), 'sh first-deployment: systemd');

  /** A text of page or unit with the machine's folders under `root`, its user this one, and its programs those of the test. */
  const here = (text: string): string =>
    text
      .replaceAll(/(?<=^|[\s:=/])\/?(etc|run|var\/lib)\/callvault/g, `${root}/$1/callvault`)
      .replaceAll('runuser -u callvault -- ', '')
      .replaceAll(' -g callvault', '')
      .replaceAll(
        /(?:\/usr\/bin\/)?node (?:\/opt\/callvault\/)?scripts\/callvault\.js/g,
        `${process.execPath} ${builtBin()}`,
      )
      .replaceAll('cd /opt/callvault\n', '');

  it('ends with a service that runs on the environment file alone, its keys copied from where root keeps them', async () => {
    mkdirSync(join(root, 'run/callvault'), { recursive: true, mode: 0o700 });
    const set = spawnSync('sh', ['-eu'], { input: here(block), encoding: 'utf8', env: { PATH: process.env['PATH'] } });
    expect(set).toMatchObject({ status: 0, stderr: '' });
    expect(set.stdout).toContain('privacy');
    // A reboot: /run is empty again.
    rmSync(join(root, 'run/callvault'), { recursive: true });
    mkdirSync(join(root, 'run/callvault'), { mode: 0o700 });
    const credentials = join(root, 'credentials');
    mkdirSync(credentials);
    for (const credential of valuesOf('LoadCredential')) {
      const [name = '', path = ''] = (credential ?? '').split(':');
      cpSync(here(path), join(credentials, name));
    }
    const specified = (text: string): string => here(text.replaceAll('%d', credentials).replaceAll('%t/', '/run/'));
    for (const command of valuesOf('ExecStartPre'))
      expect(spawnSync('sh', ['-euc', specified(command ?? '')], { encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    for (const name of ['root.key', 'signer.pem'])
      expect(statSync(join(root, 'run/callvault', name)).mode & 0o777).toBe(0o400);
    // What systemd gives the process: Environment, and over it the file.
    const file = readFileSync(here(valuesOf('EnvironmentFile')[0] ?? ''), 'utf8');
    const ours = parseEnv(
      `${valuesOf('Environment')
        .flatMap((line) => line?.split(' ') ?? [])
        .join('\n')}\n${file}`,
    );
    expect([ours['CALLVAULT_KEYRING_ROOT'], ours['CALLVAULT_SIGNER']].map((path) => dirname(path ?? ''))).toEqual(
      Array(2).fill(join(root, 'run/callvault')),
    );
    expect(basename(ours['CALLVAULT_SIGNER'] ?? '')).toBe('signer.pem');
    const listen = `127.0.0.1:${await freePort()}`;
    const service = spawn('sh', ['-c', `exec ${specified(valuesOf('ExecStart')[0] ?? '')}`], {
      env: { PATH: process.env['PATH'], ...ours, CALLVAULT_LISTEN: listen, CALLVAULT_METRICS_LISTEN: 'off' },
      stdio: 'ignore',
    });
    try {
      await untilAnswers(`http://${listen}/readyz`, service);
    } finally {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
  }, 300_000);
});
