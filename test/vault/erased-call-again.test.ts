// Database deleted: a call erased before is rejected when its platform sends it again, over each of the engines.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { replayTombstones } from '../../src/vault/erasure/replay-tombstones.ts';
import { needsCloud, openCloud } from '../support/cloud.ts';
import { createStaffedTenant } from '../support/fault-deployment.ts';
import { needs } from '../support/needs.ts';
import { depositCall, outcomeOf, rebuiltTenant } from '../support/rebuilt-tenant.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { environmentOf } from '../support/vault.ts';

type Engines = { readonly env: Record<string, string>; readonly close: () => Promise<void> };

/** The environment of a deployment over a folder; `database` makes the URL of an empty database. */
async function overFolder(database: (folder: string) => Promise<string>): Promise<Engines> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-again-'));
  const env = { ...environmentOf(folder), CALLVAULT_DATABASE: await database(folder) };
  return { env, close: async () => rmSync(folder, { recursive: true }) };
}

const postgres = async () => freshDatabase(await serverOf('postgresql'));
let files = 0;
const sqlite = async (folder: string) => `sqlite:${join(folder, `vault-${files++}.db`)}`;

const CASES = [
  { name: 'SQLite and a folder', present: true, reason: '', open: () => overFolder(sqlite), another: sqlite },
  { name: 'PostgreSQL and a folder', ...needs('postgresql'), open: () => overFolder(postgres), another: postgres },
  {
    ...{ name: 'PostgreSQL, S3 on Ceph and KMS', ...needsCloud(), another: postgres },
    open: async (): Promise<Engines> => {
      const cloud = await openCloud();
      return { env: { ...cloud.env, CALLVAULT_ORIGIN: 'vault.example' }, close: cloud.close };
    },
  },
];

describe.each(CASES)('over $name $reason', ({ present, open, another }) => {
  const opened: (Composed | Engines)[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });
  const request = () => ({ signal: AbortSignal.timeout(600_000) });
  const start = async (env: Record<string, string>) => {
    const composed = await compose(readConfig(env), (error) => {
      throw error;
    });
    opened.push(composed);
    return composed.vault;
  };

  it.skipIf(!present)('an erased call is rejected after a rebuild from nothing', { timeout: 600_000 }, async () => {
    const engines = await open();
    opened.push(engines);
    const vault = await start(engines.env);
    const by = operatorActor('op-1');
    const people = await createStaffedTenant(vault, 'Harbour Bank');
    const { tenant } = people;
    const key = (await vault.db.read((rows) => rows.tenants.find(tenant), request()))?.key?.id ?? '';
    const { recording } = await depositCall(vault, people, 'erased');
    await depositCall(vault, people, 'kept');
    await eraseRecording(vault, by, { tenant, recording, reason: 'request' }, request());
    expect(await continueErasures(vault, request())).toBe(1);

    // Nothing of this database is used any more.
    const folder = mkdtempSync(join(tmpdir(), 'callvault-lost-'));
    opened.push({ env: {}, close: async () => rmSync(folder, { recursive: true }) });
    const lost = await start({ ...engines.env, CALLVAULT_DATABASE: await another(folder) });
    expect(await rebuiltTenant(lost, tenant, key)).toMatchObject({ recordings: 1, erasedCalls: 1, problems: [] });
    expect(await replayTombstones(lost, request())).toBe(0);
    expect(await outcomeOf(depositCall(lost, people, 'erased'))).toBe('call_key_taken');
    expect(await outcomeOf(depositCall(lost, people, 'kept'))).toBe('call_key_taken');
    expect(await outcomeOf(depositCall(lost, people, 'never sent before'))).toBe('done');
    const row = await lost.db.read((rows) => rows.recordings.find(tenant, recording), request());
    expect(row).toMatchObject({ state: 'ERASED', facts: null });
  });
});
