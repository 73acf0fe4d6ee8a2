// World of the demo: a fresh folder, a free port, and the service as a child process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose, createSignerFiles, DATABASE_DAMAGED } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import { type Program, programBeside, programOf } from '../program.ts';
import { readSampleCalls } from './calls.ts';
import { freePort, isFree } from './free-port.ts';
import type { DemoWorld, Paths } from './world.ts';

/** Engines of the story: variables that replace the embedded engines, and the number of processes. */
export type Engines = {
  readonly environment: Readonly<Record<string, string>>;
  readonly processes: number;
  /** Modules that the service processes load first, for the bench. */
  readonly preload?: readonly string[];
  /** Program of the service, if it is not the one next to this module. */
  readonly service?: string;
  /** Milliseconds that the service has to end after SIGTERM. */
  readonly endMs?: number;
};

const EMBEDDED: Engines = { environment: {}, processes: 1 };
const ORIGIN = 'demo.callvault.example';
const USUAL_PORT = 8787;
const START_MS = 300_000;
const END_MS = 120_000; // The service cuts what is still running after 28 seconds.

/**
 * Creates a world whose service is not started yet. Its data are in CALLVAULT_DEMO_DATA, or in a temporary folder that
 * `close` removes. It listens at CALLVAULT_LISTEN, or else at the usual port if that is free and wanted, or else at any
 * port. Further processes listen at any port.
 */
export async function makeDemoWorld(
  wanted: 'usual port' | 'any port',
  engines: Engines = EMBEDDED,
): Promise<DemoWorld> {
  const calls = await readSampleCalls();
  const { paths, keepsData, remove } = await freshFolder(process.env['CALLVAULT_DEMO_DATA']);
  try {
    const environment = {
      ...environmentOf(paths, process.env['CALLVAULT_LISTEN'] ?? '127.0.0.1:0'),
      ...engines.environment,
    };
    const { listen } = readConfig(environment);
    const usual = process.env['CALLVAULT_LISTEN'] === undefined && wanted === 'usual port';
    const port = listen.port === 0 ? await freePort(listen.host, usual ? USUAL_PORT : 0) : listen.port;
    // Another program at this address would be mistaken for the demo's service.
    if (listen.port !== 0 && !(await isFree(listen.host, port))) throw new Error(`port ${port} is in use`);
    const settled: NodeJS.ProcessEnv = {
      ...environment,
      CALLVAULT_LISTEN: `${listen.host}:${port}`,
      // Passkeys need a host name: an IP address has none.
      CALLVAULT_URL: `http://localhost:${port}`,
    };
    await createSignerFiles(readConfig(settled));
    const base = `http://${/^(0\.0\.0\.0|\[?::\]?)$/.test(listen.host) ? '127.0.0.1' : listen.host}:${port}`;
    const others = await Promise.all(Array.from({ length: engines.processes - 1 }, () => freePort(listen.host, 0)));
    const bases = [base, ...others.map((other) => `http://127.0.0.1:${other}`)];
    const { service: file, endMs = END_MS } = engines;
    const program = file === undefined ? programBeside(import.meta.url, 'serve') : programOf(file);
    const services: ChildProcess[] = [];
    return {
      origin: ORIGIN,
      paths,
      keepsData,
      base,
      bases,
      calls,
      environment: settled,
      verifierKey: (log) => verifierKeyOf(settled, log),
      tenants: new Map(),
      recordings: new Map(),
      hand: new Map(),
      deciders: new Map(),
      receipts: [],
      start: async () => {
        for (const [n, each] of bases.entries()) {
          const own = { CALLVAULT_NODE: `demo-${n + 1}`, CALLVAULT_LISTEN: new URL(each).host };
          const service = await spawnService(
            program,
            n === 0 ? settled : { ...settled, ...own },
            paths.log,
            engines.preload,
          );
          services.push(service);
          await untilHealthy(each, service, paths.log);
        }
      },
      processes: () => services.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
      ended: () => allEnded(services),
      atRest: () => atRest(paths, settled),
      close: async () => {
        try {
          await endAll(services, endMs, paths.log);
        } finally {
          await remove();
        }
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function freshFolder(
  given: string | undefined,
): Promise<{ paths: Paths; keepsData: boolean; remove: () => Promise<void> }> {
  if (given !== undefined && given !== '') {
    const data = resolve(given);
    const paths = pathsOf(data, `${data}-root`);
    for (const folder of [paths.data, paths.root]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty: the demo needs an empty folder`);
    }
    return { paths, keepsData: true, remove: async () => undefined };
  }
  const top = await mkdtemp(join(tmpdir(), 'callvault-demo-'));
  const paths = pathsOf(join(top, 'data'), join(top, 'root'));
  await mkdir(paths.data, { mode: 0o700 });
  return { paths, keepsData: false, remove: () => rm(top, { recursive: true, force: true, maxRetries: 5 }) };
}

function pathsOf(data: string, root: string): Paths {
  return {
    data,
    root,
    database: join(data, 'vault.db'),
    store: join(data, 'store'),
    keyring: join(data, 'keyring.json'),
    log: join(data, 'service.log'),
    exports: join(data, 'demo.env'),
  };
}

/** Environment of the service, without CALLVAULT_ variables from the environment of the demo. */
function environmentOf(paths: Paths, listen: string): NodeJS.ProcessEnv {
  const plain = Object.entries(process.env).filter(([name]) => !name.startsWith('CALLVAULT_'));
  return {
    ...Object.fromEntries(plain),
    CALLVAULT_ORIGIN: ORIGIN,
    CALLVAULT_NODE: 'demo-1',
    CALLVAULT_OPERATOR: 'demo-operator',
    CALLVAULT_LISTEN: listen,
    CALLVAULT_METRICS_LISTEN: 'off',
    CALLVAULT_DATABASE: `sqlite:${paths.database}`,
    CALLVAULT_STORE: `folder:${paths.store}`,
    CALLVAULT_KEYS: `keyring:${paths.keyring}`,
    CALLVAULT_KEYRING_ROOT: join(paths.root, 'root.key'),
    CALLVAULT_SIGNER: join(paths.root, 'signer.pem'),
    CALLVAULT_SEAL_SECONDS: '1',
  };
}

async function spawnService(
  { file: entry, execArgv }: Program,
  environment: NodeJS.ProcessEnv,
  log: string,
  preload: readonly string[] = [],
): Promise<ChildProcess> {
  const loading = preload.flatMap((path) => ['--import', path]);
  const file = await open(log, 'a', 0o600);
  try {
    const service = spawn(process.execPath, [...execArgv, ...loading, entry], {
      // tsx is resolved from here.
      cwd: dirname(entry),
      env: environment,
      stdio: ['pipe', file.fd, file.fd],
      // Ctrl-C goes to the demo only, which then stops the service.
      detached: true,
    });
    await once(service, 'spawn');
    return service;
  } finally {
    await file.close();
  }
}

async function untilHealthy(base: string, service: ChildProcess, log: string): Promise<void> {
  const until = Date.now() + START_MS;
  while (service.exitCode === null && service.signalCode === null && Date.now() < until) {
    const healthy = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(1000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy && service.exitCode === null) return;
    await sleep(50);
  }
  throw new Error(`the service does not answer at ${base}; the end of its log:\n${await endOf(log)}`);
}

async function allEnded(services: readonly ChildProcess[]): Promise<void> {
  const running = services.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(running.map((service) => once(service, 'exit')));
}

/** Ends the services by SIGTERM. Throws, with the end of their log, if that takes longer than `mostMs`, and kills them. */
async function endAll(services: readonly ChildProcess[], mostMs: number, log: string): Promise<void> {
  for (const service of services) service.kill('SIGTERM');
  const over = new AbortController();
  const late = sleep(mostMs, true, { signal: over.signal }).catch(() => false);
  const isLate = await Promise.race([late, allEnded(services).then(() => false)]);
  over.abort();
  if (!isLate) return;
  for (const service of services) service.kill('SIGKILL');
  await allEnded(services);
  throw new Error(`the service did not end in ${mostMs / 1000} seconds; the end of its log:\n${await endOf(log)}`);
}

async function endOf(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).trim().split('\n').slice(-8).join('\n');
}

async function verifierKeyOf(environment: NodeJS.ProcessEnv, log: string): Promise<string> {
  const { vault, close } = await compose(readConfig(environment), () => process.exit(DATABASE_DAMAGED));
  try {
    return vault.signer === null ? '' : (verifiersOf(vault.signer, log)[0] ?? '');
  } finally {
    await close();
  }
}

const READ_MS = 60_000;

async function* atRest(paths: Paths, environment: NodeJS.ProcessEnv): AsyncGenerator<{ name: string; bytes: Buffer }> {
  for (const entry of await readdir(paths.data, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name);
    if (entry.isFile()) yield { name, bytes: await readFile(name) };
  }
  const config = readConfig(environment);
  if (config.store.engine === 'folder') return;
  const { vault, close } = await compose(config, () => process.exit(DATABASE_DAMAGED));
  try {
    const { store, clock, settings } = vault;
    const wait = { signal: clock.deadline(READ_MS) };
    for await (const { path, size } of store.list(settings.location, 't/', wait)) {
      const pieces: Uint8Array[] = [];
      for await (const piece of store.read(settings.location, path, 0, size, wait)) pieces.push(piece);
      yield { name: path, bytes: Buffer.concat(pieces) };
    }
  } finally {
    await close();
  }
}
