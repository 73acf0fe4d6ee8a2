// Releasing rebuilt recordings by two people: proposed, approved, applied in batches by background work, on both engines.
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { UNKNOWN_PRINCIPAL } from '../../src/model/recording.ts';
import { continueReleases } from '../../src/vault/changes/continue-releases.ts';
import { releaseByCommand } from '../../src/vault/changes/release-by-command.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { effectsInLog, eventsOf, type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const operator = operatorActor('op-1');

describe.each(ENGINES)('on $engine, releases $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [privacy, admin]: SteppingUp[] = [];
  let [first, second]: [string, string] = ['', ''];
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    first = await world.deposited(harbour, 'call-1', wav(1000));
    second = await world.deposited(harbour, 'call-2', wav(1000));
  }, 300_000);

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const rowOf = async (id: string) => {
    const row = await world.vault.db.read((rows) => rows.recordings.find(world.harbour.tenant, id), WAIT());
    if (row === null) throw new Error('no such recording');
    return row;
  };
  /** Puts recordings where a rebuild puts them; `copies` are further rows of the first one. */
  const rebuilt = (ids: readonly string[], copies = 0) =>
    world.vault.db.change(async (tx) => {
      const { tenant } = world.harbour;
      const state = { quarantine: ['rebuilt'], depositor: UNKNOWN_PRINCIPAL } as const;
      for (const id of ids) {
        const row = await tx.recordings.lock(tenant, id);
        if (row !== null) await tx.recordings.change(row, state);
      }
      const made = Array.from({ length: copies }, () => newId('rec'));
      const row = await tx.recordings.lock(tenant, first);
      for (const id of made)
        if (row !== null) await tx.recordings.insert({ ...row, ...state, id, natural: randomBytes(32) });
      return { result: made, events: [event(tenant, operator, 'tenant.resumed', { id: tenant }, {})] };
    }, WAIT());
  /** What a rebuild does to the tenant's row. */
  const raiseVersion = () =>
    world.vault.db.change(async (tx) => {
      const { tenant } = world.harbour;
      const row = await tx.tenants.lock(tenant);
      if (row !== null) await tx.tenants.change(row, {});
      return { result: null, events: [event(tenant, operator, 'tenant.resumed', { id: tenant }, {})] };
    }, WAIT());
  const proposal = (more: object = {}) => ({
    ...{ kind: 'release', note: 'after the loss', depositor: world.harbour.uploader.id },
    ...more,
  });
  const propose = async (more: object = {}): Promise<string> => {
    const proposed = await call(privacy, 'POST', '/v1/changes', proposal(more));
    expect(proposed).toMatchObject({ status: 201, body: { kind: 'release', state: 'open' } });
    return String(proposed.body['id']);
  };
  const approve = async (id: string) => {
    if (admin !== undefined) await stepUp(admin);
    return call(admin, 'POST', `/v1/changes/${id}/approve`);
  };
  const stateOf = async (id: string) => (await call(privacy, 'GET', `/v1/changes/${id}`)).body['state'];
  const released = async (change: string) =>
    (await eventsOf(world, world.harbour.tenant)).filter(
      ({ action, object }) => action === 'recording.released' && object['change'] === change,
    );
  const round = (vault: Vault = world.vault) => continueReleases(vault, WAIT());

  it.runIf(present)('are proposed with what stays, approved, applied, and the calls are heard again', async () => {
    const { harbour, yunhai } = world;
    const grant = await world.grant(harbour, first);
    await rebuilt([first, second]);
    const open = () => world.call('POST', `/v1/grants/${grant}/sessions`, { key: harbour.reviewer.key });
    expect((await open()).status).toBe(403);
    const taken = await world.ingest(harbour, 'call-1', wav(1000));
    expect(await taken.json()).toMatchObject({ code: 'call_key_taken' });

    const wrong = await call(admin, 'POST', '/v1/changes', proposal());
    expect(wrong).toMatchObject({ status: 403, body: { checks: [{ code: 'role_needed' }] } });
    for (const depositor of [yunhai.uploader.id, harbour.reviewer.id, newId('svc')])
      expect((await call(privacy, 'POST', '/v1/changes', proposal({ depositor }))).status).toBe(404);
    const foreign = await world.deposited(yunhai, 'theirs', wav(1000));
    expect((await call(privacy, 'POST', '/v1/changes', proposal({ recordings: [foreign] }))).status).toBe(404);

    const id = await propose();
    const seen = await call(admin, 'GET', `/v1/changes/${id}`);
    expect(seen.body).toMatchObject({
      ...{ difference: [], people: [], preview: null, note: 'after the loss' },
      release: {
        ...{ depositor: harbour.uploader.id, depositor_name: 'pbx', recordings: null },
        ...{ released: 2, without_basis: 0, stays: [], listed: [], at: expect.stringMatching(/Z$/) },
      },
    });
    expect((seen.body['checks'] as { ok: boolean }[]).every(({ ok }) => ok)).toBe(true);
    expect(await approve(id)).toMatchObject({ status: 200, body: { state: 'approved', decider: admin?.id } });
    expect((await rowOf(first)).quarantine).toEqual(['rebuilt']);
    expect(await round()).toBe(2);
    expect(await stateOf(id)).toBe('applied');
    expect(seen.body['effects']).toBe(await effectsInLog(world, harbour.tenant, id));
    expect(await rowOf(first)).toMatchObject({ quarantine: [], depositor: harbour.uploader.id });
    expect((await released(id)).map(({ object, actor }) => ({ ...object, by: actor }))).toEqual(
      [first, second].sort().map((recording) => ({
        ...{ type: 'recording', id: recording, reason: 'rebuilt', depositor: harbour.uploader.id, change: id },
        by: { type: 'system', id: 'node-1', auth: 'none' },
      })),
    );
    const session = await open();
    expect(session.status).toBe(201);
    const { id: opened } = (await session.json()) as { id: string };
    const sound = await world.call('GET', `/v1/sessions/${opened}/media`, { key: harbour.reviewer.key });
    expect(Buffer.from(await sound.arrayBuffer()).equals(wav(1000))).toBe(true);
    expect((await world.ingest(harbour, 'call-1', wav(1000))).status).toBe(200);
    const differs = await world.ingest(harbour, 'call-1', wav(1200));
    expect(await differs.json()).toMatchObject({ code: 'call_differs' });
    expect((await call(privacy, 'POST', '/v1/changes', proposal())).status).toBe(409);
  });

  it.runIf(present)('are stale after a rebuild, and after the service was deactivated', async () => {
    await rebuilt([first]);
    const stale = async (id: string) => {
      const { status, body } = await approve(id);
      return [status, (body['checks'] as { ok: boolean; code?: string }[]).find(({ ok }) => !ok)?.code];
    };
    const one = await propose();
    await raiseVersion();
    expect(await stale(one)).toEqual([403, 'change_stale']);
    const { tenant, supervisor } = world.harbour;
    const row = { tenant, kind: 'service', name: 'old', roles: ['uploader'], owners: [supervisor.id] } as const;
    const depositor = await addPrincipal(world.vault, operator, row, WAIT());
    const other = await propose({ depositor, recordings: [first] });
    await world.turnOff(tenant, depositor);
    expect(await stale(other)).toEqual([403, 'change_stale']);
    for (const id of [one, other]) await call(privacy, 'POST', `/v1/changes/${id}/withdraw`);
    expect([await round(), (await rowOf(first)).quarantine]).toEqual([0, ['rebuilt']]);
  });

  it.runIf(present)('expire where a rebuild comes between approval and batches', async () => {
    const id = await propose({ recordings: [first] });
    expect((await approve(id)).status).toBe(200);
    await raiseVersion();
    expect([await round(), await stateOf(id), (await rowOf(first)).quarantine]).toEqual([0, 'expired', ['rebuilt']]);
  });

  it.runIf(present)('go on after a kill between batches, and release nothing twice by two processes', async () => {
    const { result: copies } = await rebuilt([first, second], 203);
    const id = await propose();
    expect((await approve(id)).status).toBe(200);
    const { db } = world.vault;
    let changes = 0;
    const killed: Vault = {
      ...world.vault,
      db: {
        ...db,
        change: (work, request) => {
          changes += 1;
          return changes > 1 ? Promise.reject(new Error('killed')) : db.change(work, request);
        },
      },
    };
    await expect(round(killed)).rejects.toThrow('killed');
    expect([(await released(id)).length, await stateOf(id)]).toEqual([200, 'approved']);
    const both = await Promise.all([round(), round()]);
    expect(both[0] + both[1]).toBe(5);
    expect(await stateOf(id)).toBe('applied');
    const ids = (await released(id)).map(({ object }) => object['id']);
    expect(ids.sort()).toEqual([first, second, ...copies].sort());
    const applied = (await eventsOf(world, world.harbour.tenant)).filter(
      ({ action, object }) => action === 'change.applied' && object['id'] === id,
    );
    expect(applied).toHaveLength(1);
  });

  it.runIf(present)('leave what was erased since the approval', async () => {
    const { tenant } = world.harbour;
    await rebuilt([first, second]);
    const id = await propose({ recordings: [second, first] });
    expect((await approve(id)).status).toBe(200);
    await eraseRecording(world.vault, operator, { tenant, recording: second, reason: 'request' }, WAIT());
    expect(await round()).toBe(1);
    expect([await stateOf(id), (await rowOf(second)).state]).toEqual(['applied', 'ERASING']);
    expect((await released(id)).map(({ object }) => object['id'])).toEqual([first]);
  });

  it.runIf(present)('by command wait for the admin, or act alone, and the log says so', async () => {
    const { tenant, uploader } = world.harbour;
    const wanted = { kind: 'release', depositor: uploader.id, recordings: null } as const;
    const act = (alone: boolean) =>
      releaseByCommand(world.vault, operator, tenant, wanted, { note: 'after the loss', alone }, WAIT());
    await rebuilt([first]);
    const opened = await act(false);
    if (opened.done) throw new Error('the command acted at once');
    expect([opened.confirmer, opened.preview.released]).toEqual(['admin', 1]);
    expect(await approve(opened.change.id)).toMatchObject({
      status: 200,
      body: { state: 'approved', by_command: true },
    });
    expect(await round()).toBe(1);
    await rebuilt([first]);
    expect(await act(true)).toMatchObject({ done: true, released: 1 });
    const last = (await eventsOf(world, tenant)).filter(({ action }) => action === 'recording.released').at(-1);
    expect(last).toMatchObject({ actor: { type: 'operator', id: 'op-1' }, object: { id: first, alone: 1 } });
    expect((await rowOf(first)).quarantine).toEqual([]);
  });
});
