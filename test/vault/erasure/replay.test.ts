// A database restored from a backup: recordings erased since are erased again before anything is served.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Composed } from '../../../src/compose.ts';
import { encodeTombstone } from '../../../src/envelope/tenant-blob.ts';
import { VaultError } from '../../../src/errors.ts';
import { leafHash, logName } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import { listRecordings } from '../../../src/vault/catalogue/list-recordings.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { deposit } from '../../../src/vault/deposit/deposit.ts';
import { continueErasures } from '../../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { replayDueTombstones } from '../../../src/vault/erasure/replay-tombstones.ts';
import { replayDueEntries } from '../../../src/vault/replay/replay-entries.ts';
import { runStartupTasks } from '../../../src/work.ts';
import {
  composeDeployment,
  createStaffedTenant,
  type Deployment,
  dumpTables,
  filesUnder,
  minuteSignal,
  newDeployment,
} from '../../support/fault-deployment.ts';
import { callAudio, wavOf } from '../../support/vault.ts';

const by = operatorActor('op-1');
let deployment: Deployment;
let tenants: readonly string[];
let services: ReadonlyMap<string, string>;
let open: Composed | null = null;
let backup: string;

beforeEach(async () => {
  deployment = await newDeployment();
  backup = join(deployment.folder, '..', `${deployment.folder.split('/').at(-1)}.backup`);
  const { vault } = await start();
  const people = { admin: 'Ann', approver: 'Sue', reviewer: 'Rita' };
  const staffed = [
    await createStaffedTenant(vault, 'Harbour Bank', people),
    await createStaffedTenant(vault, 'Yunhai', people),
  ];
  tenants = staffed.map(({ tenant }) => tenant);
  services = new Map(staffed.map(({ tenant, service }) => [tenant, service]));
});
afterEach(async () => {
  await stop();
  await deployment.remove();
  await rm(backup, { force: true });
});

async function start(): Promise<Composed> {
  await stop();
  open = await composeDeployment(deployment);
  return open;
}

async function stop(): Promise<void> {
  await open?.close();
  open = null;
}

/** Starts the service; returns the errors that it reported. */
async function ready(vault: Vault): Promise<string[]> {
  const failed: string[] = [];
  await runStartupTasks(vault, (name, error) =>
    failed.push(`${name}: ${error instanceof VaultError ? error.code : error}`),
  );
  return failed;
}

const caller = (tenant: string, role: 'uploader' | 'reviewer') =>
  ({
    tenant,
    principal: services.get(tenant) ?? '',
    kind: 'service',
    roles: [role],
    scopes: ['ingest', 'read'],
    auth: 'api-key',
    humans: [],
  }) as const;

async function put(vault: Vault, tenant: string, callId: string): Promise<string> {
  const what = callAudio(callId, wavOf(1000));
  return (await deposit(vault, caller(tenant, 'uploader'), what, minuteSignal())).recording;
}

async function backUp(): Promise<void> {
  await stop();
  await copyFile(deployment.database, backup);
}

async function restore(): Promise<void> {
  await stop();
  for (const end of ['-wal', '-shm']) await rm(`${deployment.database}${end}`, { force: true });
  await copyFile(backup, deployment.database);
}

const erase = (vault: Vault, tenant: string, recording: string) =>
  eraseRecording(vault, by, { tenant, recording, reason: 'request' }, minuteSignal());
const stateOf = async (vault: Vault, tenant: string, recording: string) =>
  (await vault.db.read((rows) => rows.recordings.find(tenant, recording), minuteSignal()))?.state;
const seen = (vault: Vault, tenant: string) => {
  const { reviewer } = { reviewer: caller(tenant, 'reviewer') };
  return listRecordings(vault, reviewer, {}, null, 9, minuteSignal()).then(
    ({ recordings }) =>
      recordings.map(({ recording, facts }) => `${recording.id} ${recording.state} ${facts?.call_id ?? '-'}`).sort(),
    (error: unknown) => [(error as VaultError).code],
  );
};
const file = (name: string) => join(deployment.store, name);

/** Makes two calls per tenant, then a backup; erases each tenant's first call; then restores the backup. */
async function restored(): Promise<{ readonly erased: readonly string[]; readonly kept: readonly string[] }> {
  let { vault } = await start();
  const erased = [];
  const kept = [];
  for (const tenant of tenants) {
    erased.push(await put(vault, tenant, 'call-1'));
    kept.push(await put(vault, tenant, 'call-2'));
  }
  expect(await ready(vault)).toEqual([]);
  await backUp();
  ({ vault } = await start());
  for (const [n, tenant] of tenants.entries()) await erase(vault, tenant, erased[n] ?? '');
  expect(await continueErasures(vault, minuteSignal())).toBe(2);
  await restore();
  return { erased, kept };
}

it('erases again what was erased, and nothing else; twice is the same', async () => {
  const { erased, kept } = await restored();
  const { vault } = await start();
  for (const [n, tenant] of tenants.entries()) expect(await stateOf(vault, tenant, erased[n] ?? '')).toBe('AVAILABLE');
  const tombstones = (await filesUnder(deployment.store)).filter((name) => name.includes('/x/'));
  expect(await ready(vault)).toEqual([]);
  for (const [n, tenant] of tenants.entries()) {
    const [gone, there] = [erased[n] ?? '', kept[n] ?? ''];
    expect(await seen(vault, tenant)).toEqual([`${gone} ERASING -`, `${there} AVAILABLE call-2`].sort());
    const deposits = await vault.db.read((rows) => rows.deposits.ofRecording(tenant, gone), minuteSignal());
    for (const { id } of deposits) {
      expect(await vault.db.read((rows) => rows.wrappedKeys.find(tenant, id), minuteSignal())).toBeNull();
    }
    const events = await vault.db.read((rows) => rows.log.events(tenant, 0, 1000), minuteSignal());
    expect(checkLog(logName(deployment.config.origin, tenant), events, leafHash)).toEqual([]);
    const last = events.map(
      ({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; object: object },
    );
    const replayed = last.find(({ action }) => action === 'tombstone.replayed');
    const tombstone = tombstones.find((name) => name.includes(tenant)) ?? '';
    const said = JSON.parse(await readFile(file(tombstone), 'utf8')) as { event: string };
    expect(replayed?.object).toEqual({ type: 'recording', id: gone, event: said.event });
  }
  await stop();
  const before = dumpTables(deployment.database);
  const again = await start();
  expect(await ready(again.vault)).toEqual([]);
  await stop();
  expect(dumpTables(deployment.database)).toBe(before);
  const { vault: on } = await start();
  expect(await continueErasures(on, minuteSignal())).toBe(2);
  expect((await filesUnder(deployment.store)).filter((name) => name.includes('/x/'))).toEqual(tombstones);
});

it.each([
  ['never recorded a replay', 'delete from replay'],
  ['recorded one long ago', "update replay set at = '2020-01-01T00:00:00.000Z'"],
  ['recorded one today', "update replay set at = replace(at, 'x', 'x')"],
])('also where the database %s', async (_, change) => {
  const { erased } = await restored();
  const sql = new SqliteFile(deployment.database);
  sql.exec(change);
  sql.close();
  const { vault } = await start();
  expect(await ready(vault)).toEqual([]);
  for (const [n, tenant] of tenants.entries()) expect(await stateOf(vault, tenant, erased[n] ?? '')).toBe('ERASING');
});

it('reports a tombstone that does not verify, and changes nothing', async () => {
  const { vault } = await start();
  const [tenant = '', other = ''] = tenants;
  const recording = await put(vault, tenant, 'call-1');
  const theirs = await put(vault, other, 'call-1');
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const plant = async (of: string, named: string, bytes: string | Uint8Array) => {
    const path = file(`t/${of}/x/${day}/${named}.json`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  };
  const row = await vault.db.read((rows) => rows.tenants.find(other), minuteSignal());
  if (row === null) throw new Error('no tenant');
  const key = await vault.metadataKeys.get(row, minuteSignal());
  const said = { event: `evt_${'0'.repeat(26)}`, leaf: Buffer.alloc(32).toString('base64') };
  // Under another tenant's key; of another recording; not a tombstone; too long to be one.
  const forged = [
    encodeTombstone({ ...said, tenant, recording }, key),
    encodeTombstone({ ...said, tenant: other, recording: theirs }, key),
    '{}',
    'x'.repeat(70_000),
  ];
  for (const bytes of forged) {
    await plant(tenant, recording, bytes);
    expect(await ready(vault)).toEqual(['replay tombstones: integrity']);
    expect(await seen(vault, tenant)).toEqual([`${recording} AVAILABLE call-1`]);
    expect(await seen(vault, other)).toEqual([`${theirs} AVAILABLE call-1`]);
  }
  await plant(tenant, 'not-a-recording', 'x');
  await rm(file(`t/${tenant}/x/${day}/${recording}.json`));
  expect(await ready(vault)).toEqual([]);
  // A tombstone that verifies counts.
  await plant(other, theirs, encodeTombstone({ ...said, tenant: other, recording: theirs }, key));
  expect(await ready(vault)).toEqual([]);
  expect(await seen(vault, other)).toEqual([`${theirs} ERASING -`]);
});

it('serves a tenant only after its replay, where its key or store was unavailable; others at once', async () => {
  const { erased, kept } = await restored();
  const [tenant = '', other = ''] = tenants;
  for (const away of ['key', 'store'] as const) {
    const { vault } = await start();
    let down = true;
    const { keys, store } = vault;
    const cut: Vault = {
      ...vault,
      keys: {
        ...keys,
        unwrap: (key, context, wait) =>
          down && away === 'key' && context['vault:tenant'] === tenant
            ? Promise.reject(new VaultError('key_refused', 'planted'))
            : keys.unwrap(key, context, wait),
      },
      store: {
        ...store,
        list: (place, prefix, wait) => {
          if (down && away === 'store' && prefix.includes(tenant)) throw new VaultError('store_unavailable', 'planted');
          return store.list(place, prefix, wait);
        },
      },
    };
    const code = away === 'key' ? 'key_refused' : 'store_unavailable';
    const entries = away === 'store' ? [`replay entries: ${code}`] : [];
    expect(await ready(cut)).toEqual([`replay tombstones: ${code}`, ...entries]);
    expect(await seen(cut, tenant)).toEqual(['not_available']);
    await expect(put(cut, tenant, 'call-3')).rejects.toMatchObject({ code: 'not_available' });
    expect(await seen(cut, other)).toEqual([`${erased[1]} ERASING -`, `${kept[1]} AVAILABLE call-2`].sort());
    await expect(replayDueTombstones(cut, minuteSignal())).rejects.toMatchObject({ code });
    expect(await stateOf(cut, tenant, erased[0] ?? '')).toBe('AVAILABLE');
    down = false;
    expect(await replayDueTombstones(cut, minuteSignal())).toBe(1);
    await replayDueEntries(cut, minuteSignal());
    expect(await seen(cut, tenant)).toEqual([`${erased[0]} ERASING -`, `${kept[0]} AVAILABLE call-2`].sort());
    expect(await replayDueTombstones(cut, minuteSignal())).toBe(0);
    await restore();
  }
});

it('treats two tombstones of one recording as one, and looks up many erased recordings in few queries', async () => {
  const { erased, kept } = await restored();
  const [tenant = ''] = tenants;
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const folder = file(`t/${tenant}/x/${yesterday}`);
  await mkdir(folder, { recursive: true });
  const writer = await start();
  const row = await writer.vault.db.read((rows) => rows.tenants.find(tenant), minuteSignal());
  if (row === null) throw new Error('no tenant');
  const key = await writer.vault.metadataKeys.get(row, minuteSignal());
  const said = { event: `evt_${'0'.repeat(26)}`, leaf: Buffer.alloc(32).toString('base64') };
  // One of an earlier version, besides the list.
  const older = encodeTombstone({ ...said, tenant, recording: erased[0] ?? '' }, key);
  await writeFile(join(folder, `${erased[0]}.json`), older);
  for (let n = 0; n < 600; n++) await writeFile(join(folder, `rec_${String(n).padStart(26, '0')}.json`), 'x');
  const { vault } = await start();
  let reads = 0;
  const counted: Vault['db'] = {
    ...vault.db,
    read: (work, wait) => {
      reads++;
      return vault.db.read(work, wait);
    },
  };
  expect(await ready({ ...vault, db: counted })).toEqual([]);
  expect(reads).toBeLessThan(25);
  expect(await seen(vault, tenant)).toEqual([`${erased[0]} ERASING -`, `${kept[0]} AVAILABLE call-2`].sort());
});
