// A rebuild from nothing: calls that tombstone lists record as erased are recognised when they are sent again.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { Composed } from '../../src/compose.ts';
import { encodeTombstone, tombstonePath } from '../../src/envelope/tenant-blob.ts';
import type { ErasedRecording } from '../../src/envelope/tombstone-list.ts';
import { VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { replayTombstones } from '../../src/vault/erasure/replay-tombstones.ts';
import {
  composeDeployment,
  createStaffedTenant,
  type Deployment,
  filesUnder,
  minuteSignal,
  newDeployment,
  type StaffedTenant,
} from '../support/fault-deployment.ts';
import { depositCall, outcomeOf, rebuiltTenant } from '../support/rebuilt-tenant.ts';
import { erasedOf, LEAF, listOf, plantBlob } from '../support/tombstone-lists.ts';

const by = operatorActor('op-9');
let deployment: Deployment;
let open: Composed;
let vault: Vault;
let people: StaffedTenant;
let tenant: string;
let key: string;

beforeEach(async () => {
  deployment = await newDeployment();
  await start();
  people = await createStaffedTenant(vault, 'Harbour Bank');
  ({ tenant } = people);
  key = (await tenantRow()).key?.id ?? '';
});
afterEach(async () => {
  await open.close();
  await deployment.remove();
});

async function start(): Promise<void> {
  open = await composeDeployment(deployment);
  ({ vault } = open);
}

async function loseDatabase(): Promise<void> {
  await open.close();
  for (const end of ['', '-wal', '-shm']) await rm(`${deployment.database}${end}`, { force: true });
  await start();
}

async function tenantRow() {
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), minuteSignal());
  if (row === null) throw new Error('no tenant');
  return row;
}

const rebuild = () => rebuiltTenant(vault, tenant, key);
const put = (callId: string) => depositCall(vault, people, callId);
const stateOf = async (recording: string) =>
  (await vault.db.read((rows) => rows.recordings.find(tenant, recording), minuteSignal()))?.state;
const plant = (path: string, bytes: Uint8Array | string) => plantBlob(deployment.store, path, bytes);
const actions = async () => {
  const events = await vault.db.read((rows) => rows.log.events(tenant, 0, 1000), minuteSignal());
  return events.map(
    ({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; object: Record<string, unknown> },
  );
};

/** Deposits calls; returns each with its natural key. */
async function calls(...ids: string[]): Promise<ErasedRecording[]> {
  const erased: ErasedRecording[] = [];
  for (const id of ids) erased.push(await erasedOf(vault, tenant, (await put(id)).recording));
  return erased;
}

const without = (recording: string) =>
  Promise.all(
    ['e', 'r'].map((under) => rm(`${deployment.store}/t/${tenant}/${under}/${recording}`, { recursive: true })),
  );

it('gives an erased call a row that rejects it, and repeats an erasure that had not ended', async () => {
  const [ended, unfinished, kept] = await calls('ended', 'unfinished', 'kept');
  if (ended === undefined || unfinished === undefined || kept === undefined) throw new Error('no calls');
  const list = await listOf(vault, tenant, [ended, unfinished]);
  await plant(list.path, list.bytes);
  await without(ended.recording);
  await loseDatabase();

  expect(await rebuild()).toMatchObject({ recordings: 1, erased: 1, erasedCalls: 2, problems: [] });
  expect([await stateOf(ended.recording), await stateOf(unfinished.recording), await stateOf(kept.recording)]).toEqual([
    'ERASED',
    'ERASING',
    'AVAILABLE',
  ]);
  for (const call of ['ended', 'unfinished', 'kept']) expect(await outcomeOf(put(call))).toBe('call_key_taken');
  expect(await outcomeOf(put('another'))).toBe('done');
  const told = await actions();
  const rebuilt = told.filter(({ action }) => action === 'vault.rebuilt').map(({ object }) => object);
  expect(rebuilt).toMatchObject([
    { recordings: 1, deposits: 1 },
    { recordings: 0, deposits: 0, erased: 1 },
  ]);
  expect(told.filter(({ action }) => action === 'tombstone.replayed').map(({ object }) => object)).toEqual([
    { type: 'recording', id: unfinished.recording, event: list.event },
  ]);

  // The passes delete what is left; a second erasure says that the first one ended; nothing is replayed.
  expect(await replayTombstones(vault, minuteSignal())).toBe(0);
  expect(await continueErasures(vault, minuteSignal())).toBe(1);
  const left = await filesUnder(deployment.store);
  expect(left.filter((name) => name.includes(unfinished.recording))).toEqual([]);
  const what = { tenant, recording: ended.recording, reason: 'request' } as const;
  const again = await eraseRecording(vault, by, what, minuteSignal());
  expect(again).toMatchObject({ again: true, state: 'ERASED', erasure: { list: list.path, due: null } });

  const second = await rebuild();
  expect(second).toMatchObject({ recordings: 0, deposits: 0, erasedCalls: 0, problems: [] });
});

it('inserts many lists in batches, and continues after a crash', async () => {
  const [pattern] = await calls('call');
  await without(pattern?.recording ?? '');
  const erased = Array.from({ length: 250 }, (_, n) => {
    const natural = Buffer.alloc(16, n);
    natural.writeUInt32BE(n);
    return { recording: newId('rec'), natural };
  });
  for (let at = 0; at < erased.length; at += 100) {
    const list = await listOf(vault, tenant, erased.slice(at, at + 100));
    await plant(list.path, list.bytes);
  }
  await loseDatabase();
  const { db } = vault;
  let changes = 0;
  const change: Vault['db']['change'] = async (work, wait) => {
    if (++changes === 3) throw new VaultError('database_unavailable', 'planted');
    return db.change(work, wait);
  };
  vault = { ...vault, db: { ...db, change } };
  expect(await outcomeOf(rebuild())).toBe('database_unavailable');
  vault = open.vault;
  expect((await rebuild()).erasedCalls).toBe(150);
  expect((await rebuild()).erasedCalls).toBe(0);
  const rows = await vault.db.read(
    async ({ recordings, erasures }) => ({
      found: await recordings.findMany(
        tenant,
        erased.map(({ recording }) => recording),
      ),
      lists: await erasures.listsAfter(tenant, '', 9),
    }),
    minuteSignal(),
  );
  expect(rows.found.map(({ state }) => state)).toEqual(Array(250).fill('ERASED'));
  expect(rows.lists).toHaveLength(3);
});

it('reports a list of which anything is wrong, and a tombstone of one recording still counts', async () => {
  const [listed, alone, both] = await calls('listed', 'alone', 'both');
  if (listed === undefined || alone === undefined || both === undefined) throw new Error('no calls');
  const list = await listOf(vault, tenant, [listed]);
  const damaged = list.bytes.toString().replace(/"leaf":"../, '"leaf":"zz');
  await plant(list.path, damaged);
  const metadataKey = await vault.metadataKeys.get(await tenantRow(), minuteSignal());
  for (const { recording } of [alone, both]) {
    const tombstone = { tenant, recording, event: newId('evt'), leaf: LEAF };
    await plant(tombstonePath(tenant, recording, new Date().toISOString()), encodeTombstone(tombstone, metadataKey));
  }
  const another = await listOf(vault, tenant, [both]);
  await plant(another.path, another.bytes);
  await loseDatabase();
  expect(await rebuild()).toMatchObject({
    ...{ recordings: 1, erased: 2, erasedCalls: 1 },
    problems: [`tombstone_damaged ${list.path}`],
  });
  const states = [await stateOf(listed.recording), await stateOf(alone.recording), await stateOf(both.recording)];
  expect(states).toEqual(['AVAILABLE', undefined, 'ERASING']);
});

it('restores a recording that has the call by now, not the erased one', async () => {
  const [first] = await calls('call');
  if (first === undefined) throw new Error('no call');
  const before = { recording: newId('rec'), natural: first.natural };
  const list = await listOf(vault, tenant, [before]);
  await plant(list.path, list.bytes);
  await loseDatabase();
  expect(await rebuild()).toMatchObject({ recordings: 1, erasedCalls: 0, problems: [] });
  expect([await stateOf(first.recording), await stateOf(before.recording)]).toEqual(['AVAILABLE', undefined]);
});
