// Lifting legal holds by two people: whole, or of some recordings, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { holdContinuer } from '../../src/vault/holds/continue-holds.ts';
import { effectsInLog, eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { entriesOf } from '../support/entries.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

type Body = Readonly<Record<string, unknown>>;

const SAID = { reference: 'HB-2026-014', title: 'Fenwick v Harbour', review: '2027-06-30T00:00:00.000Z' };

describe.each(ENGINES)('on $engine, lifting a legal hold $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
  }, 300_000);

  const request = () => ({ signal: AbortSignal.timeout(60_000) });
  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Body };
  };
  const deposited = (call_id: string) => world.deposited(world.harbour, `${call_id}-${newId('evt')}`, wav(1000));
  const hold = async (...recordings: string[]): Promise<string> => {
    const { status, body } = await call(privacy, 'POST', '/v1/holds', { ...SAID, recordings });
    expect(status).toBe(201);
    return String(body['id']);
  };
  const propose = (json: object) => call(privacy, 'POST', '/v1/changes', { kind: 'lift', note: 'settled', ...json });
  const approve = (change: Body) => call(admin, 'POST', `/v1/changes/${String(change['id'])}/approve`);
  const erase = (recording: string): Promise<ErrorCode | 'erased'> =>
    eraseRecording(
      world.vault,
      operatorActor('op-1'),
      { tenant: world.harbour.tenant, recording, reason: 'request' },
      request(),
    ).then(
      () => 'erased',
      (error: { code: ErrorCode }) => error.code,
    );
  const holdsOf = (recording: string) =>
    world.vault.db.read(
      async (rows) => (await rows.recordings.find(world.harbour.tenant, recording))?.holds,
      request(),
    );

  it.runIf(present)('needs two people, and then lets its recordings go at once', async () => {
    const [one, two] = [await deposited('one'), await deposited('two')];
    const [id, other] = [await hold(one, two), await hold(two)];
    const proposed = await propose({ hold: id });
    expect(proposed).toMatchObject({ status: 201, body: { kind: 'lift', state: 'open' } });
    expect(await erase(one)).toBe('held');
    const chg = String(proposed.body['id']);
    expect((await call(admin, 'GET', `/v1/changes/${chg}`)).body).toMatchObject({
      lift: { hold: id, recordings: null, now: { id, state: 'active', title: SAID.title, held: 2 } },
      checks: expect.not.arrayContaining([expect.objectContaining({ ok: false })]),
    });
    const own = await call(privacy, 'POST', `/v1/changes/${chg}/approve`);
    expect(own).toMatchObject({ status: 403, body: { code: 'change_refused' } });
    expect(await erase(one)).toBe('held');
    expect(await approve(proposed.body)).toMatchObject({ status: 200, body: { state: 'applied' } });

    expect((await call(admin, 'GET', `/v1/holds/${id}`)).body).toMatchObject({
      ...{ state: 'lifted', held: 0, recordings: 2, lifted_by: world.harbour.admin.id },
      lifted_by_name: expect.any(String),
    });
    expect((await call(admin, 'GET', `/v1/holds/${id}/recordings`)).body['data']).toEqual(
      [one, two].sort().map((recording) => ({ recording, covered: true, lifted: true })),
    );
    const lifted = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'hold.lifted');
    expect(lifted.at(-1)?.object).toMatchObject({ type: 'hold', id, change: chg, subject: id, n: 3 });
    const entries = await entriesOf(world.vault, world.harbour.tenant, id);
    expect(entries.at(-1)?.body).toEqual({ v: 1, op: 'lift', why: 'hold.lifted', by: world.harbour.admin.id });
    const effects = (await call(admin, 'GET', `/v1/changes/${chg}`)).body['effects'];
    expect(await effectsInLog(world, world.harbour.tenant, chg)).toBe(effects);

    // Before its counts followed, and afterwards.
    expect([await holdsOf(one), await holdsOf(two)]).toEqual([1, 2]);
    expect(await erase(one)).toBe('erased');
    expect(await holdContinuer(world.vault)(request())).toBe(2);
    expect(await holdContinuer(world.vault)(request())).toBe(0);
    expect([await holdsOf(one), await holdsOf(two)]).toEqual([0, 1]);
    expect(await erase(two)).toBe('held');
    expect(await propose({ hold: id })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await approve((await propose({ hold: other })).body)).toMatchObject({ body: { state: 'applied' } });
    expect(await erase(two)).toBe('erased');
  });

  it.runIf(present)('of some recordings leaves the others, and they can be added again', async () => {
    const [one, two] = [await deposited('one'), await deposited('two')];
    const id = await hold(one, two);
    const proposed = await propose({ hold: id, recordings: [two, two] });
    expect((await call(admin, 'GET', `/v1/changes/${String(proposed.body['id'])}`)).body).toMatchObject({
      lift: { hold: id, recordings: [two] },
    });
    expect((await approve(proposed.body)).status).toBe(200);
    expect((await eventsOf(world, world.harbour.tenant)).at(-2)).toMatchObject({
      action: 'hold.lifted',
      object: { id, recordings: two, change: proposed.body['id'] },
    });
    expect([await holdsOf(one), await holdsOf(two)]).toEqual([1, 0]);
    expect((await call(admin, 'GET', `/v1/holds/${id}`)).body).toMatchObject({
      state: 'active',
      held: 1,
      recordings: 2,
    });
    const added = await call(privacy, 'POST', `/v1/holds/${id}/recordings`, { recordings: [two] });
    expect(added.body).toMatchObject({ held: 2 });
    expect([await erase(one), await erase(two)]).toEqual(['held', 'held']);
    expect([await holdsOf(one), await holdsOf(two)]).toEqual([1, 1]);
  });

  it.runIf(present)('that was lifted meanwhile is stale', async () => {
    const [one, two] = [await deposited('one'), await deposited('two')];
    const id = await hold(one, two);
    const whole = await propose({ hold: id });
    const some = await propose({ hold: id, recordings: [one] });
    const same = await propose({ hold: id, recordings: [one, two] });
    // What is covered meanwhile does not matter.
    await call(privacy, 'POST', `/v1/holds/${id}/recordings`, { recordings: [await deposited('three')] });
    expect((await approve(some.body)).status).toBe(200);
    const stale = await approve(same.body);
    expect(stale).toMatchObject({ status: 403, body: { code: 'change_refused' } });
    expect((stale.body['checks'] as Body[]).find(({ ok }) => ok === false)).toMatchObject({ code: 'change_stale' });
    expect((await approve(whole.body)).status).toBe(200);
    expect(await propose({ hold: id, recordings: [two] })).toMatchObject({ status: 409 });
  });

  it.runIf(present)('is proposed by privacy, for a hold and recordings of the tenant', async () => {
    const [one, two] = [await deposited('one'), await deposited('two')];
    const id = await hold(one);
    const byAdmin = await call(admin, 'POST', '/v1/changes', { kind: 'lift', note: 'settled', hold: id });
    expect(byAdmin).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    for (const missing of [newId('hld'), 'hld_x'])
      expect(await propose({ hold: missing })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const foreign = await world.call('POST', '/v1/changes', {
      key: world.yunhai.privacy.key,
      json: { kind: 'lift', note: 'settled', hold: id },
    });
    expect(foreign.status).toBe(404);
    expect(await propose({ hold: id, recordings: [one, two] })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/recordings/1', detail: expect.stringContaining('held by this hold') }] },
    });
    expect(await propose({ hold: id, recordings: [] })).toMatchObject({ status: 400 });
  });
});
