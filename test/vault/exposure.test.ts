// Exposure over real sessions: what is reported of one person, key or node, and nothing of any other.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { NewEvent } from '../../src/model/audit-event.ts';
import type { TargetKind } from '../../src/model/exposure.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { readExposure } from '../../src/vault/exposure/exposure.ts';
import { wavOf } from '../support/vault.ts';
import type { Cast } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const by = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });
const DAY_MS = 86_400_000;

const world = sharedWorld();
let since: string;
let until: string;
const calls = new Map<string, string>();

async function ingest(cast: Cast, callId: string, from: string): Promise<string> {
  const headers = { 'vault-meta-from': from, 'vault-meta-to': '+442079460000' };
  const recording = await world.deposited(cast, callId, wavOf(160_000), headers);
  calls.set(callId, recording);
  return recording;
}

async function hear(cast: Cast, key: string, session: string): Promise<void> {
  const reply = await world.call('GET', `/v1/sessions/${session}/media`, { key, headers: { range: 'bytes=0-999' } });
  expect((await reply.arrayBuffer()).byteLength).toBe(1000);
  expect((await world.call('DELETE', `/v1/sessions/${session}`, { key })).status).toBe(200);
  expect(cast.tenant).not.toBe('');
}

beforeAll(async () => {
  const { harbour, yunhai, vault } = world;
  // Old events, more than a page of them.
  const old = Array.from({ length: 1500 }, () => event(harbour.tenant, by, 'log.read', { id: 'x' }, {}));
  await vault.db.change(() => Promise.resolve({ result: undefined, events: old }), wait());
  world.forward(8 * DAY_MS);
  since = new Date(vault.clock.now()).toISOString();
  for (const callId of ['heard', 'twice', 'granted', 'untouched', 'erased'])
    await ingest(harbour, callId, `+4420794601${calls.size}0`);
  await ingest(yunhai, 'foreign', '+8613800138000');
  const of = (callId: string): string => calls.get(callId) ?? '';

  await hear(harbour, harbour.reviewer.key, await world.session(harbour, await world.grant(harbour, of('heard'))));
  const twice = await world.grant(harbour, of('twice'));
  await hear(harbour, harbour.reviewer.key, await world.session(harbour, twice));
  await world.session(harbour, twice);
  await world.grant(harbour, of('granted'));
  await hear(harbour, harbour.reviewer.key, await world.session(harbour, await world.grant(harbour, of('erased'))));
  world.sql.prepare("update recording set state = 'ERASED' where id = ?").run(of('erased'));
  await world.call('GET', `/v1/recordings/${of('untouched')}`, { key: harbour.reviewer.key });
  await world.call('POST', '/v1/recordings/search', { key: harbour.reviewer.key, json: { number: '+442079460100' } });
  // A session of another person, on another recording.
  const another = { ...harbour, reviewer: harbour.colleague };
  await world.session(another, await world.grant(another, of('untouched')));
  await hear(yunhai, yunhai.reviewer.key, await world.session(yunhai, await world.grant(yunhai, of('foreign'))));
  until = new Date(vault.clock.now()).toISOString();
});

const ask = (kind: TargetKind, id: string, tenant = world.harbour.tenant, from = since) =>
  readExposure(world.vault, by, { tenant, kind, id, since: from, until: null }, wait());
const ways = ({ recordings }: Awaited<ReturnType<typeof ask>>): Record<string, readonly string[]> => {
  const names = new Map([...calls].map(([callId, recording]) => [recording, callId]));
  return Object.fromEntries(recordings.map((one) => [names.get(one.recording) ?? '?', one.ways]));
};
const keyIdOf = (secret: string): string => `key_${secret.split('_')[1]}`;

describe('the exposure of a person', () => {
  it('lists calls that were played, could have been played, and were read about', async () => {
    const found = await ask('person', world.harbour.reviewer.id);
    expect(ways(found)).toEqual({
      heard: ['session'],
      twice: ['session'],
      granted: ['grant'],
      erased: ['session'],
      untouched: ['metadata'],
    });
    expect(found.totals).toMatchObject({
      calls: 4,
      unused: 1,
      readAbout: 1,
      erased: 1,
      sessions: 4,
      open: 1,
      bytes: 3000,
    });
    // 160,000 bytes of two channels at 8,000 a second.
    expect(found.recordings.map(({ callSeconds }) => callSeconds)).toEqual([10, 10, 10, 10, 10]);
    // Four callers and the one called number, of four recordings.
    expect(found.totals.subjects).toBe(5);
    expect(found.recordings.find(({ state }) => state === 'erased')?.subjects).toEqual([]);
    expect(found.detail).toMatchObject({ metadata: { looks: 1, searches: 1, pages: 0 } });
  });

  it('reads a long log, and logs the query', async () => {
    const whole = await ask('person', world.harbour.reviewer.id, world.harbour.tenant, '2020-01-01T00:00:00.000Z');
    expect(whole.log.from).toBe(0);
    expect(whole.log.events).toBeGreaterThan(1500);
    expect(whole.totals.sessions).toBe(4);
    const events = await world.vault.db.read((rows) => rows.log.events(world.harbour.tenant, 1500, 1000), wait());
    const leaves = events.map(
      ({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; object: object },
    );
    expect(leaves.filter(({ action }) => action === 'exposure.read').at(-1)?.object).toEqual({
      type: 'person',
      id: world.harbour.reviewer.id,
      since: '2020-01-01T00:00:00.000Z',
      until: whole.period.until,
    });
  });

  it('is empty where nothing happened in the period', async () => {
    expect((await ask('person', world.harbour.supervisor.id)).recordings).toEqual([]);
    world.forward(9 * 3_600_000);
    const later = new Date(world.vault.clock.now()).toISOString();
    world.forward(1000);
    expect((await ask('person', world.harbour.reviewer.id, world.harbour.tenant, later)).recordings).toEqual([]);
  });

  it('rejects a person of another tenant, and reports nothing for an unused one', async () => {
    const { harbour, yunhai } = world;
    for (const id of [yunhai.reviewer.id, newId('usr'), 'usr_x', harbour.tenant])
      await expect(ask('person', id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask('api-key', keyIdOf(yunhai.reviewer.key))).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask('person', harbour.reviewer.id, newId('ten'))).rejects.toMatchObject({ code: 'not_found' });
    expect(ways(await ask('person', yunhai.reviewer.id, yunhai.tenant))).toEqual({ foreign: ['session'] });
  });
});

describe('the exposure of an API key', () => {
  it('lists what was opened with it, and not with another key of the same person', async () => {
    const { harbour } = world;
    const found = await ask('api-key', keyIdOf(harbour.reviewer.key));
    expect(ways(found)).toMatchObject({ heard: ['session'], twice: ['session'], granted: ['grant'] });
    expect(found.detail).toMatchObject({ keyless: 0, otherKeys: 0 });
    const other = await world.keyOf(harbour.tenant, harbour.reviewer.id);
    expect(await ask('api-key', other.id)).toMatchObject({ totals: { sessions: 0 } });
    await expect(ask('api-key', 'key_x')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the exposure of a key', () => {
  it('lists every recording whose data key is wrapped under it, and none of another tenant', async () => {
    const { harbour, yunhai, vault } = world;
    const tenants = await vault.db.read((rows) => rows.tenants.all(), wait());
    const keyOf = (id: string): string => tenants.find(({ tenant }) => tenant === id)?.key?.id ?? '';
    const found = await ask('key', keyOf(harbour.tenant));
    expect(Object.keys(ways(found)).sort()).toEqual(['erased', 'granted', 'heard', 'twice', 'untouched']);
    expect(found.detail).toMatchObject({ deposits: 5, metadataKey: true });
    expect(found.totals).toMatchObject({ calls: 5, callSeconds: 50, erased: 1 });
    expect(await ask('key', keyOf(yunhai.tenant))).toMatchObject({ recordings: [], detail: { metadataKey: false } });
    expect(await ask('key', 'tenant-kek/0')).toMatchObject({ recordings: [], detail: { deposits: 0 } });
    await expect(ask('key', '+44 20 7946 0000')).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('the exposure of a key that the tenant has left', () => {
  it('also lists what may have been re-wrapped in the period, and not what came later', async () => {
    const { yunhai, vault, sql } = world;
    const key = (await vault.db.read((rows) => rows.tenants.find(yunhai.tenant), wait()))?.key?.id ?? '';
    const planted = (made: NewEvent) =>
      vault.db.change(() => Promise.resolve({ result: undefined, events: [made] }), wait());
    const turned = { id: yunhai.tenant, how: 'new-key', wrap: 2, key: 'keyring/new', from: key } as const;
    await planted(event('deployment', by, 'key.rotated', turned, {}));
    world.forward(1000);
    await ingest(yunhai, 'later', '+8613800138001');
    sql.prepare("update wrapped_key set key_id = 'keyring/new' where tenant = ?").run(yunhai.tenant);
    // Nothing was re-wrapped in the period, by the log: re-wraps happened before.
    expect((await ask('key', key, yunhai.tenant)).recordings).toEqual([]);
    const moved = { id: yunhai.tenant, run: 'test', count: 1, from: 1, wrap: 2, how: 'inside' } as const;
    await planted(event(yunhai.tenant, by, 'key.rewrapped', moved, {}));
    const found = await ask('key', key, yunhai.tenant);
    expect(ways(found)).toEqual({ foreign: ['key-before'] });
    expect(found.detail).toMatchObject({ deposits: 0, before: 1, rewrapped: 1 });
    expect(ways(await ask('key', 'keyring/new', yunhai.tenant))).toEqual({ foreign: ['key'], later: ['key'] });
    // A tenant KEK under the key counts like the key.
    const kek = 'tenant-kek/0190f3a4-0000-7000-8000-000000000000';
    sql
      .prepare(
        'insert into tenant_kek (tenant, id, created, wrap, scheme, key_id, wrapped) values (?, ?, ?, 3, ?, ?, ?)',
      )
      .run(yunhai.tenant, kek, since, 'keyring', key, Buffer.alloc(8));
    sql.prepare('update wrapped_key set key_id = ? where tenant = ?').run(kek, yunhai.tenant);
    expect(ways(await ask('key', key, yunhai.tenant))).toEqual({ foreign: ['key'], later: ['key'] });
  });
});

describe('the exposure of a node', () => {
  it('lists deposits and sessions of the node, and the metadata that it had the key of', async () => {
    const found = await ask('node', 'node-1');
    expect(ways(found)).toEqual({
      heard: ['deposit', 'session'],
      twice: ['deposit', 'session'],
      granted: ['deposit'],
      untouched: ['deposit', 'session'],
      erased: ['deposit', 'session'],
    });
    expect(found.detail).toMatchObject({ deposits: 5, elsewhere: 0, metadataKey: true });
    const other = await ask('node', 'node-2');
    expect(other).toMatchObject({ recordings: [], detail: { deposits: 0, elsewhere: 5, metadataKey: false } });
    await expect(ask('node', 'Jane Smith')).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('a period', () => {
  it('must end after it begins, and begin in the past', async () => {
    const { harbour, vault } = world;
    const what = { tenant: harbour.tenant, kind: 'person', id: harbour.reviewer.id } as const;
    const future = new Date(vault.clock.now() + DAY_MS).toISOString();
    for (const [from, to] of [
      [until, since],
      [future, null],
    ] as const)
      await expect(readExposure(vault, by, { ...what, since: from, until: to }, wait())).rejects.toMatchObject({
        code: 'malformed',
      });
    const [early, earlier] = ['2020-01-02T00:00:00.000Z', '2020-01-01T00:00:00.000Z'];
    expect(await readExposure(vault, by, { ...what, since: earlier, until: early }, wait())).toMatchObject({
      recordings: [],
    });
  });
});
