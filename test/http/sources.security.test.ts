// Sources belong to the service that deposits their calls: another one takes no call id of them. Lists may be another's.
import { beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { type SteppingUp, signChange, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Senders = { readonly source: string; readonly depositor: string | null; readonly lists: readonly string[] };

const request = () => ({ signal: AbortSignal.timeout(600_000) });

describe.each(ENGINES)('sources on $engine $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let acd: KeyHolder;
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { tenant, supervisor } = world.harbour;
    const by = operatorActor('op-1');
    const what = { tenant, kind: 'service', name: 'ACD', roles: ['lists'], owners: [supervisor.id] } as const;
    const id = await addPrincipal(world.vault, by, what, request());
    const { secret } = await createApiKey(
      world.vault,
      by,
      { tenant, principal: id, days: 30, scopes: null },
      request(),
    );
    acd = { id, key: secret };
    privacy = await withPasskey(world, tenant, world.harbour.privacy.id);
    admin = await withPasskey(world, tenant, world.harbour.admin.id);
  }, 300_000);

  let sources = 0;
  /** A source that no service has. */
  const fresh = () => `pbx-${sources++}`;
  const put = (by: KeyHolder, source: string, call: string) =>
    world.call('PUT', `/v1/ingest/${source}/${call}`, { key: by.key, type: 'audio/wav', body: wav(1000) });
  const patch = (by: KeyHolder, source: string, call: string) =>
    world.call('PATCH', `/v1/ingest/${source}/${call}`, { key: by.key, json: { agent: 'Ann' } });
  const describeCall = (by: KeyHolder, source: string, call: string) =>
    world.call('POST', '/v1/recordings', { key: by.key, json: { source, call_id: call } });
  const list = (by: KeyHolder, source: string, csv: string) =>
    world.call('POST', `/v1/call-lists?source=${source}`, { key: by.key, type: 'text/csv', body: csv });
  const sendersOf = async (by: KeyHolder, source: string): Promise<Senders | undefined> => {
    const path = `/v1/completeness?from=${today(-2)}&to=${today(2)}`;
    const reply = await world.call('GET', path, { key: by.key });
    expect(reply.status).toBe(200);
    const { senders } = (await reply.json()) as { senders: Senders[] };
    return senders.find((one) => one.source === source);
  };
  const today = (days: number) => new Date(world.vault.clock.now() + days * 86_400_000).toISOString().slice(0, 10);
  const taken = (reply: Response) => expectProblem(reply, 422, 'source_taken');

  it.runIf(present)(
    'belong to the service of their first upload; another one takes no call id, known or not',
    async () => {
      const { uploader, other } = world.harbour;
      const source = fresh();
      expect((await put(uploader, source, 'one')).status).toBe(201);
      for (const call of ['one', 'two'])
        for (const send of [put, patch, describeCall]) await taken(await send(other, source, call));
      await taken(await list(other, source, 'call_id\ntwo\n'));
      for (const send of [put, patch, describeCall])
        expect((await send(uploader, source, 'two')).status).toBeLessThan(300);
      expect((await list(uploader, source, 'call_id\none\nthree\n')).status).toBe(200);
      const chinese = await world.call('PUT', `/v1/ingest/${source}/one`, {
        ...{ key: other.key, type: 'audio/wav', body: wav(1000), headers: { 'accept-language': 'zh-CN' } },
      });
      expect(await chinese.clone().text()).toContain('此来源属于另一个服务');
      await taken(chinese);
      // Another tenant's source of this name, and another source, are their own.
      expect((await put(world.yunhai.other, source, 'one')).status).toBe(201);
      expect((await put(other, fresh(), 'one')).status).toBe(201);
    },
  );

  it.runIf(present)('belong to one of two services that upload at once', async () => {
    const source = fresh();
    const { uploader, other } = world.harbour;
    const replies = await Promise.all([put(uploader, source, 'a'), put(other, source, 'b')]);
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 422]);
    const late = await Promise.all([put(uploader, source, 'c'), put(other, source, 'd')]);
    expect(late.map(({ status }) => status)).toEqual(replies.map(({ status }) => status));
  });

  it.runIf(present)('of before belong to the service of their earliest call', async () => {
    const source = fresh();
    const { uploader, other } = world.harbour;
    expect((await put(uploader, source, 'one')).status).toBe(201);
    await world.vault.db.change(async (tx) => {
      const rows = await tx.sources.all(world.harbour.tenant);
      expect(rows.filter(({ name }) => name === source)).toHaveLength(1);
      return { result: null, unchanged: true };
    }, request());
    if (engine !== 'sqlite') return;
    world.sql.prepare('delete from source where name = ?').run(source);
    await taken(await put(other, source, 'two'));
    // The rejected upload bound nothing to its sender.
    expect((await put(uploader, source, 'two')).status).toBe(201);
  });

  it.runIf(present)('are given to another service by two people', async () => {
    const source = fresh();
    const { uploader, other } = world.harbour;
    expect((await put(uploader, source, 'one')).status).toBe(201);
    const settings = { sources: { [source]: other.id } };
    const json = { kind: 'settings', note: 'the PBX was replaced', settings };
    const stranger = { ...json, settings: { sources: { [source]: world.yunhai.other.id } } };
    expect((await privacy?.browser.call('POST', '/v1/changes', { json: stranger }))?.status).toBe(404);
    const proposed = await privacy?.browser.call('POST', '/v1/changes', { json });
    const { id } = ((await proposed?.json()) ?? {}) as { id: string };
    if (privacy !== undefined) await signChange(privacy.browser, privacy.key, id);
    await taken(await put(other, source, 'two'));
    expect((await admin?.browser.call('POST', `/v1/changes/${id}/approve`))?.status).toBe(200);
    expect((await put(other, source, 'two')).status).toBe(201);
    await taken(await put(uploader, source, 'three'));
    expect(await sendersOf(world.harbour.privacy, source)).toMatchObject({ depositor: other.id });
    // Calls of before stay with the service that uploaded them.
    const before = await list(other, source, 'call_id\none\n');
    expect(await before.json()).toMatchObject({ rejected: 1, errors: [{ code: 'call_key_taken' }] });
  });

  it.runIf(present)('have lists by a service of the role lists, which does nothing else', async () => {
    const source = fresh();
    const { uploader, privacy: officer } = world.harbour;
    expect((await put(uploader, source, 'one')).status).toBe(201);
    expect(await sendersOf(officer, source)).toMatchObject({ lists: [], independent: false });
    expect(await sendersOf(acd, source)).toBeUndefined();
    const sent = await list(acd, source, `call_id,started_at\none,${today(0)}T00:00:00Z\ntwo,${today(0)}T00:00:00Z\n`);
    expect(await sent.json()).toMatchObject({ created: 1, updated: 1, rejected: 0 });
    for (const by of [officer, acd])
      expect(await sendersOf(by, source)).toMatchObject({ depositor: uploader.id, lists: [acd.id], independent: true });
    // The depositor cannot strike from the list what it did not upload.
    await expectProblem(await list(uploader, source, 'call_id,recorded\ntwo,no\n'), 422, 'lists_of_another');
    expect((await put(uploader, source, 'two')).status).toBe(201);
    for (const send of [put, patch, describeCall])
      await expectProblem(await send(acd, source, 'two'), 403, 'forbidden');
    for (const path of ['/v1/recordings', `/v1/ingest/${source}/one`, '/v1/audit/events', '/v1/settings'])
      await expectProblem(await world.call('GET', path, { key: acd.key }), 403, 'forbidden');
    // Of other sources it counts nothing.
    const else_ = fresh();
    expect((await put(uploader, else_, 'one')).status).toBe(201);
    const path = `/v1/completeness/calls?from=${today(-2)}&to=${today(2)}&source=${else_}&what=extra`;
    expect(await (await world.call('GET', path, { key: acd.key })).json()).toMatchObject({ data: [] });
    expect(await sendersOf(acd, else_)).toBeUndefined();
  });
});
