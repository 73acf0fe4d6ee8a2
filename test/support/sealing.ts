// A deployment's log over a separate database, a folder store, an anchor and a signer: what sealing needs, and nothing more.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import { systemClock } from '../../src/adapters/local/system-clock.ts';
import type { Database } from '../../src/ports/database.ts';
import type { Signer } from '../../src/ports/signer.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { ORIGIN, type TestedDatabase } from './fixture-rows.ts';
import { postgresDatabase } from './postgres-database.ts';
import { makeSigner } from './signer-file.ts';
import { sqliteDatabase } from './sqlite-database.ts';

export const LOG = 'deployment';
export const request = () => ({ signal: AbortSignal.timeout(600_000) });

export type SealingDeps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'clock'> & { readonly signer: Signer };

export type SealedLogWorld = {
  readonly deps: SealingDeps;
  readonly tested: TestedDatabase;
  /** Another handle on the same database and folders, as another process has. */
  readonly another: () => Promise<SealingDeps>;
  /** The same folders over another, empty database. */
  readonly over: (tested: TestedDatabase) => Promise<SealingDeps>;
  readonly folder: string;
  /** Names and bytes in the folder of segments, or of the anchor, newest first. */
  readonly segments: () => Promise<Map<string, Buffer>>;
  readonly anchored: () => Promise<Map<string, Buffer>>;
  readonly putRaw: (where: 'segments' | 'anchor', name: string, bytes: Uint8Array) => Promise<void>;
  /** The signer with the key of this name, or of two names. */
  readonly signerOf: (...names: string[]) => Promise<Signer>;
  readonly end: () => Promise<void>;
};

/** Appends `count` events to the deployment's log, one transaction each. */
export async function grow({ db }: { readonly db: Database }, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const made = event(LOG, operatorActor('op-1'), 'doctor.ran', { id: LOG }, {});
    await db.change(async () => ({ result: null, events: [made] }), request());
  }
}

/** Where parts of a world are, if not in a folder for temporary files. */
export type Elsewhere = { readonly database?: string; readonly store?: string; readonly anchor?: string };

/** Creates the world on an engine. */
export async function sealedLog(
  engine: 'sqlite' | 'postgresql' = 'sqlite',
  elsewhere: Elsewhere = {},
): Promise<SealedLogWorld> {
  const tested = engine === 'sqlite' ? await sqliteDatabase({ top: elsewhere.database }) : await postgresDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'callvault-sealing-'));
  const handles: Database[] = [];
  const removals: (() => Promise<unknown>)[] = [];
  const signerOf = (...names: string[]) => makeSigner(names.map((name) => join(folder, 'keys', `${name}.pem`)));
  const signer = await signerOf('first');
  const location = { region: '', bucket: '', prefix: '' };
  const stores = {
    store: join(elsewhere.store ?? folder, 'store'),
    anchor: join(elsewhere.anchor ?? folder, 'anchor'),
  };
  const openOver = async (database: TestedDatabase): Promise<SealingDeps> => {
    const db = await database.open();
    handles.push(db);
    return {
      db,
      store: folderStore(stores.store),
      anchor: { store: folderStore(stores.anchor), location },
      signer,
      clock: systemClock(),
      settings: {
        ...{ origin: ORIGIN, url: 'https://vault.example', node: 'node-1', role: 'all', instance: 'one', location },
        ...{ leaseSeconds: 60, sealSeconds: 60, erasePerMinute: 60, backupDays: null, maxBytes: 1_000_000 },
      },
    };
  };
  const places = {
    segments: join(stores.store, LOG, 'l'),
    anchor: join(stores.anchor, ORIGIN, LOG),
  };
  const contents = async (place: string): Promise<Map<string, Buffer>> => {
    const names = (await readdir(place).catch(() => [])).sort();
    return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(place, name))] as const)));
  };
  return {
    deps: await openOver(tested),
    tested,
    another: () => openOver(tested),
    over: (database) => {
      removals.push(() => database.remove());
      return openOver(database);
    },
    folder,
    segments: () => contents(places.segments),
    anchored: () => contents(places.anchor),
    putRaw: (where, name, bytes) => writeFile(join(places[where], name), bytes),
    signerOf,
    end: async () => {
      for (const db of handles) await db.close();
      await tested.remove();
      for (const remove of removals) await remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
