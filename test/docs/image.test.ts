// The image and the packed package: linted, and started with production packages only.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as dockerfilelint from 'dockerfilelint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServer } from '../support/built.ts';
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

  it('begins every stage from one exact version of Node, and runs as an unprivileged user', () => {
    const images = words('FROM').map(([image]) => image ?? '');
    expect(images.length).toBe(3);
    expect(
      new Set(images.map((image) => /^node:(\d+\.\d+\.\d+)-trixie(-slim)?(@sha256:[0-9a-f]{64})?$/.exec(image)?.[1]))
        .size,
    ).toBe(1);
    expect(images.at(-1)).toMatch(/-slim(@sha256:[0-9a-f]{64})?$/);
    expect(words('USER')).toEqual([['65532:65532']]);
    expect(words('STOPSIGNAL')).toEqual([['SIGTERM']]);
  });

  it('compiles the packages that have a native part, and runs no other script of a package, outside the last image', () => {
    const stages = dockerfile.split(/^FROM /m).slice(1);
    const [, packages = '', last = ''] = stages;
    expect(packages).toMatch(/^RUN npm ci --omit=dev --ignore-scripts$/m);
    expect(packages).toMatch(
      /^RUN npm_config_build_from_source=true npm_config_nodedir=\S+ npm rebuild better-sqlite3 pkcs11js$/m,
    );
    expect(last).not.toMatch(/^RUN .*(npm|apt|gyp)/m);
    const scripted = Object.entries(locked()).filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev);
    // @scarf/scarf reports installations to its maker: its script must not run.
    const compiled = ['node_modules/better-sqlite3', 'node_modules/pkcs11js'];
    expect(scripted.map(([path]) => path).sort()).toEqual(['node_modules/@scarf/scarf', ...compiled]);
  });

  it('copies only existing files that .dockerignore does not exclude', () => {
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

/** The packages of the lock file, by their path. */
function locked() {
  type Locked = { readonly dev?: boolean; readonly hasInstallScript?: boolean };
  return (JSON.parse(textOf('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> }).packages;
}

describe('the packed package', () => {
  const top = mkdtempSync(join(tmpdir(), 'callvault-image-'));
  const staged = join(top, 'staged');
  const folder = join(top, 'package');
  const bin = join(folder, 'scripts/callvault.js');
  let vault: ChildProcess | undefined;

  beforeAll(() => {
    // The build of `npm pack`, unpacked next to the packages that `npm ci --omit=dev` would install.
    buildServer(join(staged, 'dist/server'));
    const { files } = JSON.parse(textOf('package.json')) as { files: string[] };
    for (const file of ['package.json', ...files.filter((name) => !name.startsWith('dist/'))]) {
      mkdirSync(dirname(join(staged, file)), { recursive: true });
      cpSync(join(TOP, file), join(staged, file), { recursive: true });
    }
    const packed = spawnSync('npm', ['pack', '--offline', '--ignore-scripts', '--silent'], {
      cwd: staged,
      encoding: 'utf8',
    });
    expect(packed).toMatchObject({ status: 0 });
    const unpacked = spawnSync('tar', ['-xzf', join(staged, packed.stdout.trim()), '-C', top], { encoding: 'utf8' });
    expect(unpacked).toMatchObject({ status: 0, stderr: '' });
    for (const [path, { dev }] of Object.entries(locked())) {
      if (dev === true || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || !existsSync(join(TOP, path))) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      symlinkSync(join(TOP, path), join(folder, path));
    }
  }, 600_000);
  afterAll(async () => {
    if (vault !== undefined && vault.exitCode === null) {
      vault.kill('SIGKILL');
      await once(vault, 'exit');
    }
    rmSync(top, { recursive: true });
  });

  it('has no development package', () => {
    expect(existsSync(join(folder, 'node_modules/hono'))).toBe(true);
    for (const name of ['vitest', 'typescript', 'tsx', 'esbuild', '@esbuild', 'vite'])
      expect([name, existsSync(join(folder, 'node_modules', name))]).toEqual([name, false]);
  });

  it('has the bin and the build, and no sources', () => {
    expect(readdirSync(join(folder, 'scripts'))).toEqual(['callvault.js']);
    expect(existsSync(join(folder, 'dist/server/cli.js'))).toBe(true);
    expect(existsSync(join(folder, 'src'))).toBe(false);
  });

  it('contains the licence of every package whose code it copied', () => {
    const server = join(folder, 'dist/server');
    const sources = readdirSync(server)
      .filter((name) => name.endsWith('.js.map'))
      .flatMap((name) => (JSON.parse(readFileSync(join(server, name), 'utf8')) as { sources: string[] }).sources);
    const copied = sources.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
    expect(new Set(copied)).toContain('hono');
    const named = readFileSync(join(server, 'LICENCES.txt'), 'utf8').matchAll(/^(\S+) \d\S* \([\w.-]+\)$/gm);
    expect([...new Set(named)].map(([, name]) => name)).toEqual(expect.arrayContaining([...new Set(copied)]));
    expect(readFileSync(join(server, 'LICENCES.txt'), 'utf8')).toContain('Copyright (c) 2021 - present, Yusuke Wada');
  });

  it('prints its commands', () => {
    const { status, stdout } = spawnSync(process.execPath, [bin, '--help'], { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('run the service until SIGTERM');
  });

  it('checks what the service needs', () => {
    const env = { ...environmentOf(folder), CALLVAULT_OPERATOR: 'op-17' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'doctor'], {
      cwd: folder,
      encoding: 'utf8',
      env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^✓ store /m);
  });

  it('runs its build even next to the sources, and names what is missing if it has neither', () => {
    const help = () => spawnSync(process.execPath, [bin, '--help'], { cwd: folder, encoding: 'utf8' });
    mkdirSync(join(folder, 'src'));
    try {
      expect(help()).toMatchObject({ status: 0, stderr: '' });
      renameSync(join(folder, 'dist'), join(folder, 'elsewhere'));
      expect(help()).toMatchObject({
        status: 1,
        stderr: 'callvault: not built yet; run npm ci && npm run build first\n',
      });
    } finally {
      rmSync(join(folder, 'src'), { recursive: true });
      if (existsSync(join(folder, 'elsewhere'))) renameSync(join(folder, 'elsewhere'), join(folder, 'dist'));
    }
  });

  it('serves through the entry point’s shell, answers the health check, and exits on SIGTERM', async () => {
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
    const statusFor = (where: string) => spawnSync(process.execPath, args, { env: { CALLVAULT_LISTEN: where } }).status;
    expect(statusFor(listen)).toBe(0);
    expect(statusFor('0.0.0.0:1')).toBe(1);
    vault.kill('SIGTERM');
    expect(await once(vault, 'exit')).toEqual([0, null]);
  });
});
