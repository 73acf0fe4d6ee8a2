// A world for tests of erasing, on either database, with views of rows and blobs before and after.
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import pg from 'pg';
import type { EraseReason } from '../../src/model/erasure.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { freshFixture } from './fixtures.ts';
import { freshDatabase } from './servers/postgres.ts';
import { serverOf } from './servers/servers.ts';
import type { EngineName } from './vault.ts';
import { wav } from './wav.ts';
import { type Cast, makeWorld, type World } from './world.ts';

export const CALLER_NUMBER = '+442071838750';

export type ErasureWorld = World & Awaited<ReturnType<typeof overWorld>>;

/** A new world for each test. */
export function freshErasureWorld(engine: EngineName): ErasureWorld {
  return freshFixture(
    () => makeErasureWorld(engine),
    (world) => world.end(),
  );
}

async function makeErasureWorld(engine: EngineName): Promise<ErasureWorld> {
  const postgres = engine === 'sqlite' ? {} : { postgres: await freshDatabase(await serverOf('postgresql')) };
  const world = await makeWorld(postgres);
  return { ...world, ...overWorld(world, (statement) => runSql(world, postgres.postgres, statement)) };
}

async function runSql({ sql }: World, postgres: string | undefined, statement: string): Promise<void> {
  if (postgres === undefined) {
    sql.exec(statement);
    return;
  }
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  await client.query(statement);
  await client.end();
}

function overWorld(world: World, run: (statement: string) => Promise<void>) {
  const { vault } = world;
  const request = () => ({ signal: AbortSignal.timeout(600_000) });
  const read = <T>(work: Parameters<typeof vault.db.read<T>>[0]): Promise<T> => vault.db.read(work, request());
  const store = join(world.folder, 'store');
  const names = async (part: string): Promise<string[]> => {
    const entries = await readdir(store, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files
      .map((file) => relative(store, join(file.parentPath, file.name)))
      .filter((name) => name.includes(part))
      .sort();
  };
  return {
    request,
    read,
    /** Runs SQL that no use case has. */
    run,
    /** A call of the tenant with all metadata. */
    ingested: (cast: Cast, callId: string): Promise<string> => {
      const metadata = { 'Vault-Meta-From': CALLER_NUMBER, 'Vault-Meta-Agent': 'otto', 'Vault-Meta-Ticket': 'T-1' };
      return world.deposited(cast, callId, wav(1000), metadata);
    },
    erase: (tenant: string, recording: string, reason: EraseReason = 'request', by: Vault = vault) =>
      eraseRecording(by, operatorActor('op-1'), { tenant, recording, reason }, request()),
    /** A round of the background work. */
    on: (by: Vault = vault) => continueErasures(by, request()),
    state: async (tenant: string, recording: string) =>
      (await read((rows) => rows.recordings.find(tenant, recording)))?.state,
    /** The leaves of a tenant's log. */
    leaves: async (tenant: string) => {
      const events = await read((rows) => rows.log.events(tenant, 0, 10_000));
      return events.map(({ leaf, hash }) => ({ ...(JSON.parse(Buffer.from(leaf).toString()) as Leaf), hash }));
    },
    /** The names of all blobs and uploads that contain this text. */
    names,
    /** The names of a tenant's tombstones and lists. */
    lists: (tenant: string): Promise<string[]> => names(`t/${tenant}/x/`),
  };
}

export type Leaf = {
  readonly id: string;
  readonly seq: number;
  readonly action: string;
  readonly object: { readonly id: string; readonly [name: string]: unknown };
};
