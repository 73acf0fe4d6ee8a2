// The code that child processes of tests run, made once for each state of the sources and laid out as in a package: the bin
// and what `npm run build` makes of it, and beside them every source, script and test support, compiled file by file. A child
// that compiles the sources itself takes twice the processor time to start.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';

const TOP = join(import.meta.dirname, '../..');
/** The folder of all builds: not `dist`, which `npm run build` writes. Node finds packages from here. */
export const BUILT = join(TOP, 'node_modules/.cache/callvault-children');
const PROJECT = join(import.meta.dirname, 'built.tsconfig.json');
const OTHER_SOURCES = ['package.json', 'package-lock.json', 'scripts/callvault.js', 'tsconfig.json'];
const HOUR_MS = 3_600_000;

let folder: string | undefined;

/** The bin as in a package. */
export function builtBin(): string {
  return join(build(), 'scripts/callvault.js');
}

/** The compiled file of a source under `src`, `scripts` or `test/support`. */
export function builtFile(source: string): string {
  return join(build(), 'dist', source.replace(/\.ts$/, '.js'));
}

/** The relay as one file. */
export function builtRelay(): string {
  return join(build(), 'dist/relay/callvault-relay.js');
}

/**
 * The package's folder, built first if the current sources have none: its name is their digest, so a build is never older than
 * its sources. Two processes may build at once; the first to finish puts its folder in place.
 */
export function build(): string {
  folder ??= built(join(BUILT, digestOfSources()));
  return folder;
}

function built(target: string): string {
  if (existsSync(target)) {
    utimesSync(target, new Date(), new Date());
    return target;
  }
  forgetOld();
  const own = `${target}.${process.pid}`;
  mkdirSync(join(own, 'scripts'), { recursive: true });
  run(join(TOP, 'node_modules/typescript/bin/tsc'), '-p', PROJECT, '--outDir', join(own, 'dist'));
  buildServer(join(own, 'dist/server'));
  run('--import', 'tsx', join(TOP, 'scripts/build/relay.ts'), '--out', join(own, 'dist/relay'));
  for (const file of ['package.json', 'scripts/callvault.js']) cpSync(join(TOP, file), join(own, file));
  symlinkSync(join(TOP, 'scripts/samples'), join(own, 'scripts/samples'));
  symlinkSync(join(TOP, 'dist/console'), join(own, 'dist/console'));
  try {
    renameSync(own, target);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** Runs the server's part of `npm run build` into this folder. */
export function buildServer(out: string): void {
  run('--import', 'tsx', join(TOP, 'scripts/build/server.ts'), '--out', out);
}

function run(...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: TOP, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build for child processes failed: ${stdout}${stderr}`);
}

function digestOfSources(): string {
  const digest = createHash('sha256');
  const paths = ['src', 'scripts', 'test'].flatMap((top) =>
    readdirSync(join(TOP, top), { recursive: true, encoding: 'utf8' }).map((path) => `${top}/${path}`),
  );
  const sources = paths.filter(
    (path) => /\.(ts|tsconfig\.json)$/.test(path) && !/^src\/console\/|\.test\.ts$/.test(path),
  );
  for (const path of [...OTHER_SOURCES, ...sources.sort()]) {
    digest.update(`${path}\0`);
    digest.update(readFileSync(join(TOP, path)));
  }
  return digest.digest('hex').slice(0, 32);
}

/** Deletes builds that no test has used for an hour. */
function forgetOld(): void {
  for (const name of existsSync(BUILT) ? readdirSync(BUILT) : []) {
    const path = join(BUILT, name);
    const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (used !== undefined && Date.now() - used > HOUR_MS) rmSync(path, { recursive: true, force: true });
  }
}
