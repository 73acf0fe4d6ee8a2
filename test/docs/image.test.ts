// The image and the compose file are linted, and what the image starts starts: the build, with production packages alone.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as dockerfilelint from 'dockerfilelint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeFile } from '../support/compose-file.ts';
import { needs } from '../support/needs.ts';
import { freePort, untilAnswers } from '../support/servers/process.ts';
import { environmentOf } from '../support/vault.ts';
import { TOP, textOf } from './documents.ts';

const dockerfile = textOf('Dockerfile');
const words = (instruction: string) =>
  [...dockerfile.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].map(([, rest]) => (rest ?? '').split(' '));

describe('the Dockerfile', () => {
  it('passes dockerfilelint', () => {
    expect(dockerfilelint.run(TOP, dockerfile)).toEqual([]);
    expect(dockerfilelint.run(TOP, dockerfile.replaceAll(':22.23.3-trixie', ':latest'))).not.toEqual([]);
  });

  it('begins every stage from one exact version of Node, and ends as nobody in particular', () => {
    const images = words('FROM').map(([image]) => image ?? '');
    expect(images.length).toBe(3);
    expect(new Set(images.map((image) => /^node:(\d+\.\d+\.\d+)-trixie(-slim)?$/.exec(image)?.[1])).size).toBe(1);
    expect(images.at(-1)).toMatch(/-slim$/);
    expect(words('USER')).toEqual([['65532:65532']]);
    expect(words('STOPSIGNAL')).toEqual([['SIGTERM']]);
  });

  it('copies only what is there and what .dockerignore lets through', () => {
    const copied = words('COPY').filter(([first]) => !first?.startsWith('--from'));
    const sources = copied.flatMap((args) => args.slice(0, -1));
    expect(sources.filter((source) => !existsSync(join(TOP, source)))).toEqual([]);
    const [all, ...allowed] = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(all).toBe('*');
    const tops = new Set(sources.map((source) => `!${source.split('/')[0]}`));
    expect(new Set(allowed)).toEqual(tops);
  });
});

const compose = needs('docker-compose');

describe.skipIf(!compose.present)(`compose.yaml ${compose.reason}`, () => {
  it('is read by docker-compose, and refused without the one variable it needs', () => {
    const { services } = composeFile('compose.yaml', { CALLVAULT_ORIGIN: 'vault.example' });
    expect(Object.keys(services).sort()).toEqual(['database', 'vault']);
    expect(services['vault']).toMatchObject({ read_only: true, environment: { CALLVAULT_ORIGIN: 'vault.example' } });
    expect(services['vault']?.ports).toMatchObject([{ host_ip: '127.0.0.1', published: '8787' }]);
    expect(services['database']?.ports).toBeUndefined();
    expect(() => composeFile('compose.yaml', {})).toThrow('CALLVAULT_ORIGIN');
  });

  it('has every secret in a file that git ignores', () => {
    const file = composeFile('compose.yaml', { CALLVAULT_ORIGIN: 'vault.example' });
    const files = Object.values(file.secrets ?? {}).map((secret) => secret.file);
    expect(files.length).toBe(3);
    expect(files.filter((path) => dirname(path) !== join(TOP, 'secrets'))).toEqual([]);
    expect(textOf('.gitignore').split('\n')).toContain('secrets/');
    expect(JSON.stringify(file.services)).not.toMatch(/password"?[:=]"?[^/]|:[^/@]+@/i);
  });
});

describe('what the image starts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-image-'));
  const bin = join(folder, 'scripts/callvault.js');
  let vault: ChildProcess | undefined;

  beforeAll(() => {
    // As the Dockerfile lays it out: the build, the bin, and the packages that `npm ci --omit=dev` would install.
    const tsc = join(TOP, 'node_modules/typescript/bin/tsc');
    const built = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], {
      cwd: TOP,
      encoding: 'utf8',
    });
    expect(built.stdout).toBe('');
    mkdirSync(join(folder, 'scripts'));
    cpSync(join(TOP, 'package.json'), join(folder, 'package.json'));
    cpSync(join(TOP, 'scripts/callvault.js'), bin);
    const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, { dev?: boolean }> };
    for (const [path, { dev }] of Object.entries(packages)) {
      if (dev === true || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || !existsSync(join(TOP, path))) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      symlinkSync(join(TOP, path), join(folder, path));
    }
  });
  afterAll(async () => {
    if (vault !== undefined && vault.exitCode === null) {
      vault.kill('SIGKILL');
      await once(vault, 'exit');
    }
    rmSync(folder, { recursive: true });
  });

  it('has no development package', () => {
    expect(existsSync(join(folder, 'node_modules/hono'))).toBe(true);
    expect(existsSync(join(folder, 'node_modules/vitest'))).toBe(false);
    expect(existsSync(join(folder, 'node_modules/typescript'))).toBe(false);
  });

  it('prints its commands', () => {
    const { status, stdout } = spawnSync(process.execPath, [bin, '--help'], { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('run the service until SIGTERM');
  });

  it('serves through the entry point’s shell, answers the health check, and ends by SIGTERM', async () => {
    const [shell, flag, script, name] = JSON.parse(words('ENTRYPOINT')[0]?.join(' ') ?? '[]') as string[];
    if (shell === undefined || flag === undefined || script === undefined || name === undefined)
      throw new Error('no entry point');
    const listen = `127.0.0.1:${await freePort()}`;
    const node = (text: string) => text.replace('exec node', `exec '${process.execPath}'`);
    vault = spawn(shell, [flag, node(script).replace('/opt/callvault', folder), name, 'serve'], {
      cwd: folder,
      env: { ...environmentOf(folder), CALLVAULT_LISTEN: listen, CALLVAULT_METRICS_LISTEN: 'off' },
      stdio: 'ignore',
    });
    await untilAnswers(`http://${listen}/healthz`, vault);
    const [, check] = /^ {2}CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    const [, ...args] = JSON.parse(check ?? '[]') as string[];
    const asked = (where: string) => spawnSync(process.execPath, args, { env: { CALLVAULT_LISTEN: where } }).status;
    expect(asked(listen)).toBe(0);
    expect(asked('0.0.0.0:1')).toBe(1);
    vault.kill('SIGTERM');
    expect(await once(vault, 'exit')).toEqual([0, null]);
  });
});
