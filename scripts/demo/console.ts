// Console of the demo: built when its sources are newer than the build, with sign-in links.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { thisPackage } from '../../src/cli/support/this-package.ts';
import { compose, DATABASE_DAMAGED } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { DEPLOYMENT, operatorActor } from '../../src/vault/core/events/events.ts';
import { addOperator } from '../../src/vault/people/add-operator.ts';
import { createLink, linkAt } from '../../src/vault/sign-in/links.ts';
import { type DemoWorld, expectThat } from './world.ts';

const TOP = thisPackage().folder;
const SOURCES = ['src/console', 'src/messages', 'package-lock.json'];
const LINK_MINUTES = 1440;
const LINKS_MS = 30_000;

/** Whether the console must be built: there is no build, or a source is newer. */
export async function isConsoleStale(top = TOP): Promise<boolean> {
  const built = await stat(join(top, 'dist/console/index.html')).catch(() => null);
  if (built === null) return true;
  for (const source of SOURCES) {
    const path = join(top, source);
    const found = await stat(path).catch(() => null);
    const files = found?.isDirectory() === true ? await readdir(path, { recursive: true, withFileTypes: true }) : [];
    const paths = [path, ...files.map((file) => join(file.parentPath, file.name))];
    for (const one of paths) if (((await stat(one).catch(() => null))?.mtimeMs ?? 0) > built.mtimeMs) return true;
  }
  return false;
}

/** Builds the console. Throws with the output of the builder. */
export async function buildConsole(): Promise<void> {
  const vite = join(dirname(createRequire(join(TOP, 'package.json')).resolve('vite/package.json')), 'bin/vite.js');
  const builder = spawn(process.execPath, [vite, 'build', 'src/console', '--logLevel', 'error'], {
    cwd: TOP,
    // NODE_ENV=test would build React for development.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const said: Buffer[] = [];
  builder.stdout.on('data', (piece: Buffer) => said.push(piece));
  builder.stderr.on('data', (piece: Buffer) => said.push(piece));
  const [code] = (await once(builder, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the console could not be built:\n${Buffer.concat(said).toString()}`);
}

/** Person of the demo with a one-time sign-in link. */
export type SignInLink = { readonly name: string; readonly role: string; readonly of: string; readonly link: string };

/** The links of each person of both tenants, and a new one for an operator, like that of `callvault people link`. */
export async function createSignInLinks(world: DemoWorld): Promise<SignInLink[]> {
  const config = readConfig(world.environment);
  const { vault, close } = await compose(config, () => process.exit(DATABASE_DAMAGED));
  try {
    const { url, operator: code } = config;
    expectThat(code !== null && url !== null, 'the demo names no operator, or no address for browsers');
    const by = operatorActor(code);
    const request = { signal: vault.clock.deadline(LINKS_MS) };
    const links: SignInLink[] = [];
    for (const { name: of, staff } of world.tenants.values()) {
      for (const { name, role, secret } of staff) links.push({ name, role, of, link: linkAt(url, secret) });
    }
    const operator = await addOperator(vault, by, 'demo-operator', 'operator', request);
    const whom = { tenant: DEPLOYMENT, principal: operator, minutes: LINK_MINUTES, replacePasskeys: false };
    const { secret } = await createLink(vault, by, whom, request);
    links.push({ name: 'demo-operator', role: 'operator', of: 'the deployment', link: linkAt(url, secret) });
    return links;
  } finally {
    await close();
  }
}
