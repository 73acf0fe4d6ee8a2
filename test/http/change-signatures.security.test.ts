// Attacks on the signatures of changes: replays, other keys and pages, removed passkeys, edited rows, races.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { addFurtherPasskey, requestChallenge } from '../support/browser.ts';
import { eventsOf, type SteppingUp, signatureOf, signChange, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
type Problem = { code: string; checks?: { ok: boolean; code?: string }[] };
type Opened = { options: { challenge: string }; leaf_index: number; leaf_hash: string };

describe.each(ENGINES)('on $engine, the signature of a change $reason', ({ engine, present }) => {
  let world: World;
  let rows: RowsBySql;
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const url = engine === 'sqlite' ? null : await freshDatabase(await serverOf(engine));
    world = await makeWorld(url === null ? {} : { postgres: url });
    rows = url === null ? rowsOfSqlite(join(world.folder, 'vault.db')) : await rowsOfPostgres(url);
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
  }, 300_000);
  afterAll(async () => {
    await rows?.close();
    await world?.end();
  });

  const who = (one: SteppingUp | undefined): SteppingUp => {
    if (one === undefined) throw new Error('no person');
    return one;
  };
  let fields = 0;
  const settings = () => ({ kind: 'settings', note: 'new contract', settings: { searchable: [`field-${++fields}`] } });
  /** A change by API key: its person has not signed it yet. */
  const unsigned = async (): Promise<string> => {
    const reply = await world.call('POST', '/v1/changes', { key: world.harbour.privacy.key, json: settings() });
    expect(reply.status).toBe(201);
    return ((await reply.json()) as { id: string }).id;
  };
  const proposed = async (): Promise<string> => {
    const id = await unsigned();
    await signChange(who(privacy).browser, who(privacy).key, id);
    return id;
  };
  const opened = async (one: SteppingUp | undefined, id: string): Promise<Opened> =>
    (await (await who(one).browser.call('POST', `/v1/changes/${id}/options`)).json()) as Opened;
  const post = async (one: SteppingUp | undefined, id: string, verb: string, response: object | undefined) => {
    const json = response === undefined ? {} : { response };
    const reply = await who(one).browser.call('POST', `/v1/changes/${id}/${verb}`, { json });
    const { code, checks } = (await reply.json()) as Problem;
    return [reply.status, checks?.find(({ ok }) => !ok)?.code ?? code];
  };
  const stateOf = async (id: string) => {
    const row = await world.vault.db.read((all) => all.changes.byId(id), WAIT());
    return [row?.state, row?.signed !== null];
  };
  const another = async (roles: readonly ('admin' | 'privacy')[] = ['admin']): Promise<SteppingUp> =>
    withPasskey(world, world.harbour.tenant, (await world.person(world.harbour.tenant, roles)).id);

  it.runIf(present)('signs the leaf of the proposal, whose index and hash the replies have', async () => {
    const id = await unsigned();
    const { options, leaf_index, leaf_hash } = await opened(privacy, id);
    const [event] = await world.vault.db.read((all) => all.log.events(world.harbour.tenant, leaf_index, 1), WAIT());
    expect(JSON.parse(Buffer.from(event?.leaf ?? []).toString())).toMatchObject({
      ...{ action: 'change.proposed', object: { id } },
    });
    const hash = createHash('sha256')
      .update(Buffer.of(0))
      .update(event?.leaf ?? Buffer.alloc(0))
      .digest();
    expect([leaf_hash, options.challenge]).toEqual([hash.toString('base64'), hash.toString('base64url')]);
    const seen = await who(admin).browser.call('GET', `/v1/changes/${id}`);
    expect(await seen.json()).toMatchObject({ leaf_index, leaf_hash, signed: null });
    expect(await post(admin, id, 'approve', who(admin).key.prove(options))).toEqual([403, 'change_unsigned']);
    expect(await post(privacy, id, 'sign', who(privacy).key.prove(options))).toEqual([200, undefined]);
    expect(await post(privacy, id, 'sign', who(privacy).key.prove(options))).toEqual([403, 'change_signed']);
    expect(await post(admin, id, 'approve', who(admin).key.prove(options))).toEqual([200, undefined]);
    expect(await post(admin, id, 'approve', who(admin).key.prove(options))).toEqual([403, 'change_not_open']);
  });

  it.runIf(present)('of another change, key, page, user or moment does not count', async () => {
    const [id, other] = [await unsigned(), await unsigned()];
    const { options } = await opened(privacy, id);
    const { options: otherOptions } = await opened(privacy, other);
    const { key } = who(privacy);
    const stepUpOptions = (await requestChallenge(who(privacy).browser, '/v1/step-up/options')).options;
    const stranger = createAuthenticator(URL_OF_WORLD);
    for (const [what, response] of [
      ['another change', key.prove(otherOptions)],
      ['a step-up', key.prove(stepUpOptions)],
      ['another key under this id', { ...stranger.prove(options), id: key.id, rawId: key.id }],
      ['an unknown key', stranger.prove(options)],
      ['another person’s passkey', who(admin).key.prove(options)],
      ['another page', key.prove(options, { origin: 'https://elsewhere.example' })],
      ['another party', key.prove(options, { rpId: 'elsewhere.example' })],
      ['a page inside another', key.prove(options, { crossOrigin: true })],
      ['a registration', key.prove(options, { type: 'webauthn.create' })],
      ['no user', key.prove(options, { absent: true })],
      ['no verified user', key.prove(options, { unverified: true })],
      ['nothing', {}],
    ] as const)
      expect([what, ...(await post(privacy, id, 'sign', response))]).toEqual([what, 403, 'proof_mismatch']);
    expect(await stateOf(id)).toEqual(['OPEN', false]);
    // Not even the person's own: another one proposed it, or an API key sends it.
    expect(await post(admin, id, 'sign', who(admin).key.prove(options))).toEqual([404, 'not_found']);
    const json = { response: key.prove(options) };
    const byKey = await world.call('POST', `/v1/changes/${id}/sign`, { key: world.harbour.privacy.key, json });
    expect(byKey.status).toBe(403);
    expect(await stateOf(id)).toEqual(['OPEN', false]);
    await signChange(who(privacy).browser, key, id);
    for (const response of [who(admin).key.prove(otherOptions), key.prove(options), {}])
      expect(await post(admin, id, 'approve', response)).toEqual([403, 'proof_mismatch']);
    expect(await post(admin, id, 'approve', undefined)).toEqual([403, 'step_up_required']);
    expect(await stateOf(id)).toEqual(['OPEN', true]);
  });

  it.runIf(present)('by a second passkey of the proposer approves nothing', async () => {
    const id = await proposed();
    const one = who(privacy);
    const second = await addFurtherPasskey(one.browser, one.key);
    const { options } = await opened(privacy, id);
    for (const key of [one.key, second])
      expect(await post(privacy, id, 'approve', key.prove(options))).toEqual([403, 'own_change']);
    expect(await stateOf(id)).toEqual(['OPEN', true]);
  });

  it.runIf(present)('by a removed passkey, or a copy of one, does not count', async () => {
    const id = await proposed();
    const leaving = await another();
    const { options } = await opened(leaving, id);
    const [first, later] = [leaving.key.prove(options), leaving.key.prove(options)];
    // A later use of the passkey: the earlier answer comes from a copy, or was kept.
    expect(await post(leaving, id, 'approve', { ...later, id: 'x' })).toEqual([403, 'proof_mismatch']);
    await stepUp(leaving);
    expect(await post(leaving, id, 'approve', first)).toEqual([403, 'proof_mismatch']);
    const kept = leaving.key.prove(options);
    const me = (await (await leaving.browser.call('GET', '/v1/me')).json()) as { passkeys: { id: string }[] };
    const path = `/v1/passkeys/${me.passkeys[0]?.id}`;
    expect((await leaving.browser.call('DELETE', path)).status).toBeLessThan(300);
    expect(await post(leaving, id, 'approve', kept)).toEqual([403, 'proof_mismatch']);
    expect(await stateOf(id)).toEqual(['OPEN', true]);
  });

  it.runIf(present)('does not count once the change was edited in the database', async () => {
    const [id, other] = [await proposed(), await proposed()];
    const theirs = await world.vault.db.read((all) => all.changes.byId(other), WAIT());
    for (const columns of [
      { body: theirs?.body ?? null },
      { effects: theirs?.effects ?? null },
      { leaf_hash: theirs?.leafHash ?? null },
      { leaf_index: 0 },
      { signed: null },
      { signed: '2020-01-01T00:00:00.000Z' },
      { leaf_hash: theirs?.leafHash ?? null, leaf_index: theirs?.leafIndex ?? null, body: theirs?.body ?? null },
    ]) {
      const one = await proposed();
      const { options } = await opened(admin, one);
      await rows.set('change', { id: one }, columns);
      const path = `/v1/changes/${one}/options`;
      expect([Object.keys(columns), (await who(admin).browser.call('POST', path)).status]).toEqual([
        ...[Object.keys(columns), 500],
      ]);
      // What was signed before counts for nothing: another hash is another challenge.
      const [status] = await post(admin, one, 'approve', who(admin).key.prove(options));
      expect([Object.keys(columns), status]).toEqual([Object.keys(columns), 'leaf_hash' in columns ? 403 : 500]);
      expect((await stateOf(one))[0]).toBe('OPEN');
      await rows.set('change', { id: one }, { state: 'WITHDRAWN' });
    }
    // An unsigned one cannot be made a signed one.
    const bare = await unsigned();
    const { options } = await opened(admin, bare);
    await rows.set('change', { id: bare }, { signed: '2020-01-01T00:00:00.000Z' });
    expect((await post(admin, bare, 'approve', who(admin).key.prove(options)))[0]).toBe(500);
    await rows.set('change', { id: bare }, { state: 'WITHDRAWN' });
    expect(await stateOf(id)).toEqual(['OPEN', true]);
  });

  it.runIf(present)('of two approvers at once applies the change once, in one of their names', async () => {
    const { tenant } = world.harbour;
    const second = await another();
    for (let round = 0; round < 3; round++) {
      const id = await proposed();
      const path = `/v1/changes/${id}/approve`;
      const both = [who(admin), second];
      const signed = await Promise.all(both.map(({ browser, key }) => signatureOf(browser, key, path)));
      const replies = await Promise.all(both.map(({ browser }, n) => browser.call('POST', path, { json: signed[n] })));
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
      const events = (await eventsOf(world, tenant)).filter(({ object }) => object['id'] === id);
      expect(events.map(({ action }) => action)).toEqual([
        ...['change.proposed', 'change.signed', 'change.approved', 'change.applied'],
      ]);
    }
  });

  it.runIf(present)('is shown in the options to people of the tenant with a passkey only', async () => {
    const id = await proposed();
    const byKey = await world.call('POST', `/v1/changes/${id}/options`, { key: world.harbour.admin.key });
    expect(byKey.status).toBe(409);
    const theirs = await withPasskey(world, world.yunhai.tenant, world.yunhai.admin.id);
    expect((await theirs.browser.call('POST', `/v1/changes/${id}/options`)).status).toBe(404);
    await who(privacy).browser.call('POST', `/v1/changes/${id}/withdraw`);
    expect((await who(admin).browser.call('POST', `/v1/changes/${id}/options`)).status).toBe(409);
  });
});
