// Lifting restrictions by two people, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { effectsInLog, eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { consentIn } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { entriesOf } from '../support/entries.ts';
import { sharedWorld } from '../support/worlds.ts';

type Body = Readonly<Record<string, unknown>>;

describe.each(ENGINES)('on $engine, lifting restrictions $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const of = consentIn(world);
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
  }, 300_000);

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Body };
  };
  const restricted = async (name: string): Promise<string> => {
    const recording = await of.call(`${name}-${newId('evt')}`, 5);
    expect((await of.restrict(recording)).status).toBe(200);
    return recording;
  };
  const propose = (json: object) => call(privacy, 'POST', '/v1/changes', { kind: 'lift', note: 'settled', ...json });
  const approve = (change: Body, who = admin) => call(who, 'POST', `/v1/changes/${String(change['id'])}/approve`);

  it.runIf(present)('needs two people, and then the recordings are heard again', async () => {
    const [one, two] = [await restricted('one'), await restricted('two')];
    const proposed = await propose({ restrictions: [two, one, two] });
    expect(proposed).toMatchObject({ status: 201, body: { kind: 'lift', state: 'open' } });
    const chg = String(proposed.body['id']);
    expect((await call(admin, 'GET', `/v1/changes/${chg}`)).body).toMatchObject({
      lift: { hold: null, recordings: null, now: null, restrictions: [one, two].sort() },
    });
    expect(await approve(proposed.body, privacy)).toMatchObject({ status: 403, body: { code: 'change_refused' } });
    expect((await of.shown(one))['restricted']).not.toBeNull();
    expect(await approve(proposed.body)).toMatchObject({ status: 200, body: { state: 'applied' } });

    for (const id of [one, two]) expect((await of.shown(id))['restricted']).toBeNull();
    const grant = await world.grant(world.harbour, one);
    expect((await of.hear(await world.session(world.harbour, grant))).status).toBe(206);
    const entries = await entriesOf(world.vault, world.harbour.tenant, one);
    expect(entries.at(-1)?.body).toEqual({
      ...{ v: 1, op: 'facts', why: 'recording.unrestricted', by: world.harbour.admin.id, set: { restricted: null } },
    });
    const lifted = (await eventsOf(world, world.harbour.tenant)).filter(
      ({ action }) => action === 'recording.unrestricted',
    );
    expect(lifted.map(({ object }) => [object['id'], object['change']])).toEqual(
      [one, two].sort().map((id) => [id, chg]),
    );
    const { effects } = (await call(admin, 'GET', `/v1/changes/${chg}`)).body;
    expect(await effectsInLog(world, world.harbour.tenant, chg)).toBe(effects);
    // It can be restricted again.
    expect((await of.restrict(one)).status).toBe(200);
  });

  it.runIf(present)('is stale where a restriction is another by then', async () => {
    const recording = await restricted('stale');
    const [first, second] = [
      await propose({ restrictions: [recording] }),
      await propose({ restrictions: [recording] }),
    ];
    expect(await approve(first.body)).toMatchObject({ body: { state: 'applied' } });
    expect((await of.restrict(recording)).status).toBe(200);
    expect(await approve(second.body)).toMatchObject({ status: 403, body: { code: 'change_refused' } });
    expect((await of.shown(recording))['restricted']).not.toBeNull();
  });

  it.runIf(present)('is of restricted recordings of the tenant alone', async () => {
    const free = await of.call(`free-${newId('evt')}`, 5);
    for (const restrictions of [[free], [newId('rec')]])
      expect(await propose({ restrictions })).toMatchObject({
        ...{ status: 400, body: { code: 'malformed', errors: [{ pointer: '/restrictions/0' }] } },
      });
    const both = await propose({ hold: newId('hld'), restrictions: [free] });
    expect(both).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ pointer: '/hold' }] } });
    expect(await propose({})).toMatchObject({ status: 400, body: { errors: [{ pointer: '/hold' }] } });
    const many = Array.from({ length: 51 }, () => newId('rec'));
    expect(await propose({ restrictions: many })).toMatchObject({ status: 400 });
    const restrictions = [await restricted('admin')];
    const other = await call(admin, 'POST', '/v1/changes', { kind: 'lift', note: 'settled', restrictions });
    expect(other).toMatchObject({ status: 403 });
  });
});
