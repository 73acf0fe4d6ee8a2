// Drill of a re-wrap: many deposits, two runners at once, killed again and again; then everything is checked.
import { setMaxListeners } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Composed, compose, DATABASE_DAMAGED } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { hasCode } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { backlogOf, readCensus } from '../../src/vault/keys/census.ts';
import { retireKeys } from '../../src/vault/keys/retire.ts';
import { openReport, signReport } from '../../src/vault/keys/rewrap/report.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { rotateKeyMaterial, setVolumeMode } from '../../src/vault/keys/rotation.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { keyServiceCalls } from './counting-ports.ts';
import { environmentOf } from './environment.ts';
import { adoptAwsVariables, superviseRunners } from './runners.ts';

export type DrillOptions = {
  readonly deposits: number;
  readonly kills: number;
  /** PostgreSQL database; by default SQLite in the drill's folder. */
  readonly database?: string | undefined;
  /** KMS endpoint; by default a keyring. */
  readonly kms?: string | undefined;
  /** Volume mode: data keys under a tenant KEK. */
  readonly volume?: boolean | undefined;
  /** Calls per second to the key service. */
  readonly rate: number;
  /** Program of the runner, if it is not the drill's. */
  readonly runner?: string | undefined;
};

/** Results, and whether each is as expected. */
export type DrillResult = {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
  readonly deposits: number;
  readonly kills: number;
  readonly events: number;
  readonly rewrappedByEvents: number;
  readonly seedPerSecond: number;
  /** From the first batch of keys to the last, including kills and restarts; the same for envelopes. */
  readonly keysSeconds: number;
  readonly keysPerSecond: number;
  readonly envelopesSeconds: number;
  readonly envelopesPerSecond: number;
  readonly objectsRead: number;
  /** Calls to the key service for the deposits, and by the runners. */
  readonly keyCalls: { readonly seeding: number; readonly rewrap: number };
};

const by = operatorActor('drill');

/** Runs the drill in a temporary folder. `say` is called with progress. */
export async function drillRewrap(options: DrillOptions, say: (line: string) => void): Promise<DrillResult> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'callvault-drill-'));
  const env = environmentOf(folder, options);
  adoptAwsVariables(env);
  const composed = await compose(readConfig(env), () => process.exit(DATABASE_DAMAGED));
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
  const { vault } = composed;
  const { signer } = vault;
  const request: RequestContext = { signal: new AbortController().signal };
  setMaxListeners(0, request.signal);
  const checks: Record<string, boolean> = {};
  const people = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 0 };
  const what = { name: 'Drill', country: 'GB', defaultBasis: 'consent', consent: 'any', ...people } as const;
  const { tenant } = await createTenant(vault, by, what, request);

  if (options.volume === true) await setVolumeMode(vault, by, tenant, true, request);
  const callsBefore = await keyServiceCalls(composed);
  const seeding = performance.now();
  await seedDeposits(vault, tenant, options.deposits, request, (made) => {
    if (made % 10_000 === 0) say(`${made} deposits made`);
  });
  const seedPerSecond = Math.round((options.deposits * 1000) / (performance.now() - seeding));
  const seedCalls = (await keyServiceCalls(composed)) - callsBefore;
  say(`${options.deposits} deposits made, ${seedPerSecond} a second, ${seedCalls} calls to the key service`);

  const { wrap } = await rotateKeyMaterial(vault, by, tenant, request);
  checks['retire refuses before'] = await refuses(vault, tenant, request);
  const ran = await superviseRunners(env, tenant, options, say);

  const counted = await readCensus(vault, tenant, request);
  const { dataKeys, underway, envelopes, metadataKey, tenantBlob } = backlogOf(counted);
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
    const [verifier = ''] = verifiersOf(signer, vault.settings.origin);
    checks['the report verifies'] = (openReport(note, verifier).report as { complete: boolean }).complete;
    checks['a changed report does not'] = throws(() =>
      openReport(note.replace('"complete":true', '"complete":"yes"'), verifier),
    );
  }
  checks['retire allows after'] = !(await refuses(vault, tenant, request));
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

async function refuses(vault: Vault, tenant: string, request: RequestContext): Promise<boolean> {
  try {
    await retireKeys(vault, by, tenant, () => undefined, request);
    return false;
  } catch (error) {
    return hasCode(error, 'conflict');
  }
}

/** Events of this generation in the log: how many batches, and how many deposits they name. */
async function rewrapEvents(
  vault: Vault,
  tenant: string,
  wrap: number,
  request: RequestContext,
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
