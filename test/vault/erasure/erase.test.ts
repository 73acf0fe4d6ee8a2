// Erasing a recording: what the transaction deletes, what the passes delete, and what every route answers then.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openTombstoneList } from '../../../src/envelope/tombstone-list.ts';
import { VaultError } from '../../../src/errors.ts';
import { leafHash, logName } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { naturalIndex } from '../../../src/vault/deposit/describe.ts';
import { ENGINES } from '../../support/engines.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { wav } from '../../support/wav.ts';

const SECOND = 181_000;
const DAY = 24 * 3_600_000 + 1000;

describe.each(ENGINES)('erasing over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;
  let recording: string;

  beforeEach(async () => {
    ({ tenant } = world.harbour);
    recording = await world.ingested(world.harbour, 'call-1');
  });

  const get = (path: string, key = world.harbour.reviewer.key) => world.call('GET', path, { key });
  const codeOf = async (reply: Response) => [reply.status, ((await reply.json()) as { code?: string }).code];
  const deposits = () => world.read((rows) => rows.deposits.ofRecording(tenant, recording));
  const file = (name: string) => join(world.folder, 'store', name);
  const plant = async (name: string, bytes: string | Uint8Array = 'stray') => {
    await mkdir(dirname(file(name)), { recursive: true });
    await writeFile(file(name), bytes);
  };
  const soundLog = async () => {
    const events = await world.read((rows) => rows.log.events(tenant, 0, 10_000));
    expect(checkLog(logName(world.vault.settings.origin, tenant), events, leafHash)).toEqual([]);
  };

  it.skipIf(!present)('deletes keys, facts, indexes, details, notes and sessions in one transaction', async () => {
    const { harbour } = world;
    const pending = { recording, purpose: 'quality', reason: 'pending wish', minutes: 15 };
    const asked = await world.call('POST', '/v1/access-requests', { key: harbour.colleague.key, json: pending });
    const { id: request } = (await asked.json()) as { id: string };
    const grant = await world.grant(harbour, recording);
    const session = await world.session(harbour, grant);
    expect((await get(`/v1/sessions/${session}/media`)).status).toBe(200);
    const before = await world.leaves(tenant);

    const erased = await world.erase(tenant, recording, 'court-order');
    expect(erased).toMatchObject({ state: 'ERASING', again: false, erasure: { pass: 0 } });

    await world.read(async (rows) => {
      const row = await rows.recordings.find(tenant, recording);
      expect(row).toMatchObject({ state: 'ERASING', facts: null, natural: expect.any(Uint8Array) });
      for (const { state, envelope, digest, id } of await rows.deposits.ofRecording(tenant, recording)) {
        expect([state, envelope, digest]).toEqual(['ABORTING', null, null]);
        expect(await rows.wrappedKeys.find(tenant, id)).toBeNull();
      }
      expect((await rows.access.request(tenant, request))?.state).toBe('EXPIRED');
      expect((await rows.access.request(tenant, request))?.words).toHaveLength(0);
      expect((await rows.access.grant(tenant, grant))?.state).toBe('REVOKED');
      expect(await rows.sessions.find(tenant, session)).toMatchObject({ state: 'ENDED', reason: 'erased' });
    });
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
    const made = (await world.leaves(tenant)).slice(before.length);
    expect(made.map(({ action }) => action)).toEqual([
      'recording.erasing',
      'access.expired',
      'grant.revoked',
      'session.ended',
    ]);
    expect(made[0]).toMatchObject({ object: { id: recording, reason: 'court-order' } });
    expect(erased.receipt).toEqual({
      log: logName(world.vault.settings.origin, tenant),
      seq: made[0]?.seq,
      hash: made[0]?.hash,
    });

    // What routes answer from then on.
    expect(await codeOf(await get(`/v1/recordings/${recording}`))).toEqual([410, 'erased']);
    expect(await codeOf(await get(`/v1/sessions/${session}/media`))).toEqual([410, 'erased']);
    const again = { key: harbour.reviewer.key, json: { ...pending, reason: 'late wish' } };
    expect(await codeOf(await world.call('POST', '/v1/access-requests', again))).toEqual([410, 'erased']);
    const opening = { key: harbour.reviewer.key };
    expect(await codeOf(await world.call('POST', `/v1/grants/${grant}/sessions`, opening))).toEqual([410, 'erased']);
    const approving = { key: harbour.supervisor.key };
    const approved = await world.call('POST', `/v1/access-requests/${request}/approve`, approving);
    expect(await codeOf(approved)).toEqual([403, 'access_refused']);
    const shown = (await (await get(`/v1/access-requests/${request}`, harbour.colleague.key)).json()) as object;
    expect(shown).toMatchObject({ reason: '', ticket: null, state: 'expired' });
    const why = (await (await get(`/v1/recordings/${recording}/access?purpose=quality`)).json()) as object;
    expect(why).toMatchObject({ allowed: false, code: 'recording_not_available' });
    const { data } = (await (await get('/v1/recordings')).json()) as { data: { id: string }[] };
    expect(data).toEqual([expect.objectContaining({ id: recording, state: 'erasing', from: null, call_id: null })]);
    for (const json of [{ agent: 'otto' }, { ticket: 'T-1' }, { number: '020 7183 8750' }, { number_end: '8750' }]) {
      const found = await world.call('POST', '/v1/recordings/search', { key: harbour.reviewer.key, json });
      expect(((await found.json()) as { data: unknown[] }).data).toEqual([]);
    }
    const { other } = harbour;
    expect(await codeOf(await world.ingest(harbour, 'call-1', wav(1000)))).toEqual([410, 'erased']);
    expect(await codeOf(await world.ingest({ ...harbour, uploader: other }, 'call-1', wav(1000)))).toEqual([
      422,
      'source_taken',
    ]);
    const put = (key: string) =>
      world.call('PUT', `/v1/recordings/${recording}/audio`, { key, type: 'audio/wav', body: wav(9) });
    expect(await codeOf(await put(harbour.uploader.key))).toEqual([410, 'erased']);
    expect(await codeOf(await put(other.key))).toEqual([404, 'not_found']);
    await soundLog();
  });

  it.skipIf(!present)(
    'then writes the tombstone list, empties the store, and completes after a second pass',
    async () => {
      const kept = await world.ingested(world.harbour, 'call-2');
      const [first] = await deposits();
      const envelope = `t/${tenant}/e/${recording}/${first?.id}.json`;
      const wrapped = await readFile(file(envelope));
      const { erasure, receipt } = await world.erase(tenant, recording);
      expect(await world.on()).toBe(1);
      expect((await deposits()).map(({ state }) => state)).toEqual(['ABORTED']);
      expect([await world.names(recording), await world.lists(tenant)]).toEqual([[], [erasure.tombstone]]);
      expect(await world.names(kept)).toHaveLength(3);
      const row = await world.read((rows) => rows.tenants.find(tenant));
      const key = row && (await world.vault.metadataKeys.get(row, world.request()));
      if (key === null) throw new Error('no tenant');
      const began = (await world.leaves(tenant))[receipt.seq];
      const list = await readFile(file(erasure.tombstone));
      const natural = naturalIndex(key, { source: 'pbx', callId: 'call-1', leg: '0' });
      expect(openTombstoneList(tenant, erasure.tombstone, list, key)).toEqual({
        tenant,
        event: began?.id,
        leaf: Buffer.from(receipt.hash).toString('base64'),
        erased: [{ recording, natural }],
      });
      expect(await world.read((rows) => rows.erasures.find(tenant, recording))).toMatchObject({
        list: erasure.tombstone,
      });

      // A concurrent re-wrap writes its envelope again, and an upload ends late.
      await plant(envelope, wrapped);
      await plant(`t/${tenant}/r/${recording}/${first?.id}/audio`);
      await plant(`t/${tenant}/r/${recording}/dep_00000000000000000000000000/peaks`);
      expect(await world.on()).toBe(0);
      expect(await world.state(tenant, recording)).toBe('ERASING');
      world.forward(SECOND);
      expect(await world.on()).toBe(1);
      expect([await world.names(recording), await world.lists(tenant)]).toEqual([[], [erasure.tombstone]]);
      expect(await world.state(tenant, recording)).toBe('ERASED');
      const last = (await world.leaves(tenant)).at(-1);
      const database = engine === 'sqlite' ? 'overwritten' : 'freed';
      expect(last).toMatchObject({
        action: 'recording.erased',
        object: { id: recording, begun: receipt.seq, database },
      });

      await plant(envelope, wrapped);
      expect(await world.on()).toBe(0);
      world.forward(DAY);
      expect(await world.on()).toBe(1);
      expect([await world.names(recording), await world.lists(tenant)]).toEqual([[], [erasure.tombstone]]);
      world.forward(10 * DAY);
      expect(await world.on()).toBe(0);
      expect((await world.read((rows) => rows.erasures.find(tenant, recording)))?.due).toBeNull();
      await soundLog();
    },
  );

  it.skipIf(!present)('happens once, however often and concurrently it is requested', async () => {
    const both = await Promise.all(['request', 'error', 'request'].map(() => world.erase(tenant, recording)));
    expect(both.map(({ again }) => again).sort()).toEqual([false, true, true]);
    expect(new Set(both.map(({ receipt }) => receipt.seq)).size).toBe(1);
    await world.on();
    world.forward(SECOND);
    const rounds = await Promise.all([world.on(), world.on()]);
    expect(rounds.sort()).toEqual([0, 1]);
    expect(await world.erase(tenant, recording)).toMatchObject({ again: true, state: 'ERASED' });
    const begun = (await world.leaves(tenant)).filter(({ action }) => action.startsWith('recording.eras'));
    expect(begun.map(({ action }) => action)).toEqual(['recording.erasing', 'recording.erased']);
    await expect(world.erase(world.yunhai.tenant, recording)).rejects.toMatchObject({ code: 'not_found' });
  });

  it.skipIf(!present)('is rejected while a retention period lasts', async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    await world.vault.db.change(async (tx) => {
      const row = await tx.recordings.lock(tenant, recording);
      if (row !== null) await tx.recordings.change(row, { retainUntil: until });
      const actor = { type: 'system', id: 'test', auth: 'none' } as const;
      const object = { type: 'recording', id: recording };
      const event = { log: tenant, id: `evt_${'0'.repeat(26)}`, actor, action: 'recording.read', object } as const;
      return { result: null, events: [event] };
    }, world.request());
    await expect(world.erase(tenant, recording)).rejects.toMatchObject({
      code: 'retained',
      message: expect.stringMatching(
        `^this recording must be kept until ${until}\\. .* erase the recording after it$`,
      ) as string,
    });
    expect((await get(`/v1/recordings/${recording}`)).status).toBe(200);
    world.forward(61_000);
    expect((await world.erase(tenant, recording)).state).toBe('ERASING');
  });

  it.skipIf(!present)('deletes blobs although no tombstone list can be written, and does not complete', async () => {
    const { erasure } = await world.erase(tenant, recording);
    const { store } = world.vault;
    const refusing: Vault = {
      ...world.vault,
      store: {
        ...store,
        put: (place, path, ...rest) =>
          path.includes('/x/')
            ? Promise.reject(new VaultError('store_unavailable', 'planted'))
            : store.put(place, path, ...rest),
      },
    };
    await expect(world.on(refusing)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await world.names(recording)).toEqual([]);
    expect(await world.read((rows) => rows.erasures.find(tenant, recording))).toMatchObject({ pass: 0 });
    // Another blob with its name is not a list.
    await plant(erasure.tombstone, '{}');
    world.forward(61_000);
    await expect(world.on()).rejects.toMatchObject({ code: 'integrity' });
    world.forward(SECOND);
    await expect(world.on()).rejects.toMatchObject({ code: 'integrity' });
    expect(await world.state(tenant, recording)).toBe('ERASING');
    await writeFile(file(erasure.tombstone), '');
    await world.vault.store.delete({ region: '', bucket: '', prefix: '' }, erasure.tombstone, world.request());
    world.forward(SECOND);
    expect(await world.on()).toBe(1);
    expect([await world.names(recording), await world.lists(tenant)]).toEqual([[], [erasure.tombstone]]);
  });

  it.skipIf(!present)('becomes ERASED only after a reader that still sees the keys', async () => {
    await world.erase(tenant, recording);
    await world.on();
    world.forward(SECOND);
    let forgets = 0;
    const { db } = world.vault;
    const busy: Vault = {
      ...world.vault,
      db: {
        ...db,
        forget: async (wait) => {
          forgets++;
          return forgets === 1 ? null : db.forget(wait);
        },
      },
    };
    expect(await world.on(busy)).toBe(0);
    expect(await world.state(tenant, recording)).toBe('ERASING');
    expect(await world.on(busy)).toBe(0);
    world.forward(61_000);
    expect(await world.on(busy)).toBe(1);
    expect([forgets, await world.state(tenant, recording)]).toEqual([2, 'ERASED']);
  });

  it.skipIf(!present)('deletes all other files among the blobs', async () => {
    for (const under of ['e', 'r']) {
      await plant(`t/${tenant}/${under}/${recording}/.nfs000000000012`);
      await plant(`t/${tenant}/${under}/${recording}/.snapshot/hourly.0`);
      await plant(`t/${tenant}/${under}/${recording}/a copy`);
    }
    await world.erase(tenant, recording);
    await world.on();
    world.forward(SECOND);
    await world.on();
    expect(await world.state(tenant, recording)).toBe('ERASED');
    const named = await world.names(recording);
    expect(named.filter((name) => !/\/(\.nfs|\.snapshot|a copy)/.test(name))).toEqual([]);
  });
});
