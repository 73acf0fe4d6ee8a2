// The drill of a re-wrap: many deposits, two runners at once, killed again and again; then everything is looked at.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { hasCode } from '../../src/errors.ts';
import { behind, census } from '../../src/vault/keys/census.ts';
import { retireKeys } from '../../src/vault/keys/retire.ts';
import { openReport, signReport } from '../../src/vault/keys/rewrap/report.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { rotateMaterial } from '../../src/vault/keys/rotate.ts';
import { turnVolumeMode } from '../../src/vault/keys/volume-mode.ts';
import { operatorActor } from '../../src/vault/log/events.ts';
import type { Request } from '../../src/vault/request.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { keyServiceCalls } from './counted.ts';
import { environmentOf } from './environment.ts';
import type { RunnerLine } from './runner.ts';
import { makeDeposits } from './seed.ts';

export type DrillOptions = {
  readonly deposits: number;
  readonly kills: number;
  /** A PostgreSQL database; else SQLite in the drill's folder. */
  readonly database?: string | undefined;
  /** An endpoint of KMS; else a keyring. */
  readonly kms?: string | undefined;
  /** Volume mode: data keys under a tenant KEK. */
  readonly volume?: boolean | undefined;
  /** Calls to the key service a second. */
  readonly rate: number;
  /** The runner's file. */
  readonly runner?: string | undefined;
};

/** What was seen, and whether each line of it is as it must be. */
export type DrillResult = {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
  readonly deposits: number;
  readonly kills: number;
  readonly events: number;
  readonly rewrappedByEvents: number;
  readonly seedPerSecond: number;
  /** From the first batch of keys to the last one, kills and new starts included; the envelopes likewise. */
  readonly keysSeconds: number;
  readonly keysPerSecond: number;
  readonly envelopesSeconds: number;
  readonly envelopesPerSecond: number;
  readonly objectsRead: number;
  /** Calls to the key service while the deposits were made, and of the runners. */
  readonly keyCalls: { readonly seeding: number; readonly rewrap: number };
};

const by = operatorActor('drill');
const RUNNERS = 2;

/** Runs it in a folder of its own, which is removed. `say` hears what happens. */
export async function drillRewrap(options: DrillOptions, say: (line: string) => void): Promise<DrillResult> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'callvault-drill-'));
  const env = environmentOf(folder, options);
  const composed = await compose(readConfig(env), () => process.exit(70));
  try {
    return await drill(composed, env, options, say);
  } finally {
    await composed.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function drill(
  composed: Composed,
  env: Record<string, string>,
  options: DrillOptions,
  say: (line: string) => void,
): Promise<DrillResult> {
  const { vault, signer } = composed;
  const request: Request = { signal: new AbortController().signal };
  const checks: Record<string, boolean> = {};
  const people = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 0 };
  const what = { name: 'Drill', country: 'GB', defaultBasis: 'consent', ...people } as const;
  const { tenant } = await createTenant(vault, by, what, request);

  if (options.volume === true) await turnVolumeMode(vault, by, tenant, true, request);
  const callsBefore = await keyServiceCalls(composed);
  const seeding = performance.now();
  await makeDeposits(vault, tenant, options.deposits, request, (made) => {
    if (made % 10_000 === 0) say(`${made} deposits made`);
  });
  const seedPerSecond = Math.round((options.deposits * 1000) / (performance.now() - seeding));
  const seedCalls = (await keyServiceCalls(composed)) - callsBefore;
  say(`${options.deposits} deposits made, ${seedPerSecond} a second, ${seedCalls} calls to the key service`);

  const { wrap } = await rotateMaterial(vault, by, tenant, request);
  checks['retire refuses before'] = await refuses(vault, tenant, request);
  const ran = await runAll(env, tenant, options, say);

  const counted = await census(vault, tenant, request);
  const { dataKeys, underway, envelopes, metadataKey, tenantBlob } = behind(counted);
  checks['nothing is left'] = dataKeys + underway + envelopes === 0 && !metadataKey && !tenantBlob;
  checks['all stand at the new generation'] = counted.lines.every((line) => line.wrap === wrap);
  checks['none is lost'] = counted.lines.reduce((sum, { keys }) => sum + keys, 0) === options.deposits;
  const log = await rewrapEvents(vault, tenant, wrap, request);
  checks['each deposit was re-wrapped exactly once'] = log.count === options.deposits;
  checks['no object was read'] = ran.objectsRead === 0;
  checks['every kill was made'] = ran.kills === options.kills;

  const last = await rewrapTenant(
    vault,
    by,
    tenant,
    { rate: options.rate, concurrency: 8, sample: 50 },
    () => undefined,
    request,
  );
  checks['a sample opens'] = last.complete && last.sample.opened > 0 && last.sample.failed.length === 0;
  if (signer !== null) {
    const { note } = await signReport(vault, signer, by, last, request);
    checks['the report verifies'] = (openReport(note, signer.verifier).report as { complete: boolean }).complete;
    checks['a changed report does not'] = throws(() =>
      openReport(note.replace('"complete":true', '"complete":"yes"'), signer.verifier),
    );
  }
  await retireKeys(vault, by, tenant, () => undefined, request);
  checks['retire allows after'] = true;
  return {
    ok: Object.values(checks).every((held) => held),
    checks,
    deposits: options.deposits,
    kills: ran.kills,
    events: log.events,
    rewrappedByEvents: log.count,
    seedPerSecond,
    keysSeconds: Math.round(ran.keysSeconds * 10) / 10,
    keysPerSecond: Math.round(options.deposits / ran.keysSeconds),
    envelopesSeconds: Math.round(ran.envelopesSeconds * 10) / 10,
    envelopesPerSecond: Math.round(options.deposits / ran.envelopesSeconds),
    objectsRead: ran.objectsRead,
    keyCalls: { seeding: seedCalls, rewrap: ran.keyCalls },
  };
}

function throws(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}

async function refuses(vault: Vault, tenant: string, request: Request): Promise<boolean> {
  try {
    await retireKeys(vault, by, tenant, () => undefined, request);
    return false;
  } catch (error) {
    return hasCode(error, 'conflict');
  }
}

type Ran = {
  readonly kills: number;
  readonly keysSeconds: number;
  readonly envelopesSeconds: number;
  readonly objectsRead: number;
  readonly keyCalls: number;
};

/** Two runners until both end by themselves; one after the other is killed as the work goes on, and begun again. */
async function runAll(
  env: Record<string, string>,
  tenant: string,
  { deposits, kills, rate, runner }: DrillOptions,
  say: (line: string) => void,
): Promise<Ran> {
  const file =
    runner ?? fileURLToPath(new URL(`run-rewrap${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  const lines = new Map<ChildProcess, RunnerLine>();
  const live: ChildProcess[] = [];
  const started = performance.now();
  let lastKeys = started;
  let killed = 0;
  const total = (of: 'keys' | 'envelopesWritten' | 'objectsRead' | 'keyCalls'): number =>
    [...lines.values()].reduce((sum, line) => sum + line[of], 0);

  const start = (): Promise<void> => {
    const child = spawn(process.execPath, ['--import', 'tsx', file, tenant, String(rate)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    live.push(child);
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as RunnerLine;
      lines.set(child, line);
      if (line.step === 'keys') lastKeys = performance.now();
      // Spread over keys and envelopes. A runner that is killed leaves batches that it did not tell of, hence the slack.
      if (killed < kills && total('keys') + total('envelopesWritten') >= (2 * deposits * (killed + 1)) / (kills + 2)) {
        killed++;
        say(`kill -9 of a runner at ${total('keys')} keys and ${total('envelopesWritten')} envelopes`);
        child.kill('SIGKILL');
      }
    });
    return new Promise((resolve, reject) => {
      child.on('exit', (code, signal) => {
        live.splice(live.indexOf(child), 1);
        if (signal === 'SIGKILL') start().then(resolve, reject);
        else if (code === 0) resolve();
        else reject(new Error(`a runner ended with ${code ?? signal}`));
      });
    });
  };
  try {
    await Promise.all(Array.from({ length: RUNNERS }, start));
  } finally {
    for (const child of live) child.kill('SIGKILL');
  }
  return {
    kills: killed,
    keysSeconds: (lastKeys - started) / 1000,
    envelopesSeconds: (performance.now() - lastKeys) / 1000,
    objectsRead: total('objectsRead'),
    keyCalls: total('keyCalls'),
  };
}

/** What the log says: how many batches there were of this generation, and how many deposits they name together. */
async function rewrapEvents(
  vault: Vault,
  tenant: string,
  wrap: number,
  request: Request,
): Promise<{ readonly events: number; readonly count: number }> {
  let [events, count] = [0, 0];
  for (let from = 0; ; ) {
    const at = from;
    const page = await vault.db.read((rows) => rows.log.events(tenant, at, 1000), request);
    for (const { leaf } of page) {
      const { action, object } = JSON.parse(Buffer.from(leaf).toString()) as {
        action: string;
        object: { wrap?: number; count?: number; use?: string };
      };
      if (action !== 'key.rewrapped' || object.wrap !== wrap || object.use !== undefined) continue;
      events++;
      count += object.count ?? 0;
    }
    const last = page.at(-1);
    if (last === undefined) return { events, count };
    from = last.seq + 1;
  }
}
