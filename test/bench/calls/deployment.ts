// A deployment of a checkout, made by its public commands: a tenant with people, their API keys, and the server.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { memberAt, textAt } from '../../../scripts/demo/world.ts';
import type { EngineChoice } from './engines.ts';
import { bareFile } from './programs.ts';
import { type ServedProcess, startServed } from './served.ts';

/** API keys of the service that uploads, of the people who listen, and of the one who approves. */
export type ApiKeys = {
  readonly uploader: string;
  readonly reviewers: readonly [string, ...string[]];
  readonly supervisor: string;
};

/** A set up deployment, whose server does not run. */
export type SetUp = {
  readonly folder: string;
  readonly tenant: string;
  readonly keys: ApiKeys;
  readonly environment: NodeJS.ProcessEnv;
  readonly remove: () => void;
};

const run = promisify(execFile);
const PEOPLE = ['--admin', 'Ann', '--approver', 'Sue', '--reviewer', 'Rea', '--service', 'FreeSWITCH'];
const TENANT = ['--tenant', 'Harbour Bank', '--country', 'GB', '--default-basis', 'consent'];
const ANNOUNCED = ['--announcement', 'This call is recorded.'];

/** The bin of another checkout. Throws where its build is missing or older than its sources: the bin would run those. */
export function binOf(checkout: string): string {
  // Of this version and of earlier ones.
  const files = ['dist/server/cli.js', 'dist/src/cli/cli.js'].map((file) => join(resolve(checkout), file));
  const built = files.find((file) => existsSync(file));
  if (built === undefined) throw new RangeError(`${checkout} is not built: run npm run build there`);
  const made = statSync(built).mtimeMs;
  for (const top of ['src', 'scripts'].map((name) => join(checkout, name)).filter(existsSync)) {
    for (const name of readdirSync(top, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.ts') && statSync(join(top, name)).mtimeMs > made)
        throw new Error(`${join(top, name)} is newer than the build: run npm run build there`);
    }
  }
  return join(resolve(checkout), 'scripts/callvault.js');
}

/** Sets up a deployment in a temporary folder, with so many people who listen. */
export async function setUp(bin: string, engines: EngineChoice, reviewers = 1): Promise<SetUp> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-bench-'));
  const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CALLVAULT_')));
  const bare = { ...plain, ...engines.environment };
  try {
    const command = async (environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<unknown> => {
      const { stdout } = await run(process.execPath, [bin, ...args], { env: environment, cwd: folder });
      return JSON.parse(stdout);
    };
    // Earlier versions take none.
    const help = await run(process.execPath, [bin, 'init', '--help'], { env: bare, cwd: folder });
    const announced = help.stdout.includes('--announcement') ? ANNOUNCED : [];
    const options = [...TENANT, ...announced, ...PEOPLE, ...engines.options];
    const made = await command(bare, 'init', 'vault', '--json', ...options);
    const settings = parseEnv(readFileSync(join(folder, 'vault/callvault.env'), 'utf8'));
    const environment = {
      ...{ ...bare, ...settings },
      CALLVAULT_NODE: 'bench-1',
      CALLVAULT_LISTEN: '127.0.0.1:0',
      CALLVAULT_METRICS_LISTEN: 'off',
    };
    const tenant = textAt(made, 'tenant');
    const principals = memberAt(made, 'principals') as readonly { readonly id: string; readonly as: string }[];
    const idOf = (role: string): string => principals.find((one) => one.as === role)?.id ?? '';
    const keyOf = async (principal: string): Promise<string> =>
      textAt(await command(environment, 'api-keys', 'create', '--tenant', tenant, '--principal', principal), 'secret');
    const oneMore = async (n: number): Promise<string> => {
      const person = ['people', 'add', `Rea ${n}`, '--tenant', tenant, '--role', 'reviewer'];
      return keyOf(textAt(await command(environment, ...person), 'id'));
    };
    await command(environment, 'tenants', 'api-key-decisions', tenant, 'on');
    const uploader = /Bearer (\S+)"/.exec(readFileSync(join(folder, 'vault/uploader.curl'), 'utf8'))?.[1] ?? '';
    const others: string[] = [];
    for (let n = 1; n < reviewers; n++) others.push(await oneMore(n));
    const keys: ApiKeys = {
      uploader,
      reviewers: [await keyOf(idOf('reviewer')), ...others],
      supervisor: await keyOf(idOf('approver')),
    };
    return { folder, tenant, keys, environment, remove: () => remove(folder) };
  } catch (error) {
    remove(folder);
    throw error;
  }
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Starts a deployment's server by the bin, as `npm start` does. */
export function serveProduct(bin: string, { folder, environment }: SetUp): Promise<ServedProcess> {
  return startServed({ args: [bin, 'serve'], environment, log: join(folder, 'server.log') });
}

/** Starts the bare minimum over a deployment that the product set up. */
export function serveBare({ folder, environment, tenant }: SetUp): Promise<ServedProcess> {
  const settings = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('CALLVAULT_')));
  return startServed({
    args: [bareFile(), tenant, JSON.stringify(settings)],
    ...{ environment, log: join(folder, 'server.log') },
  });
}
