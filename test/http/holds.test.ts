// Legal holds: placed by one privacy officer, they keep recordings from being erased for any reason.
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { eventsOf } from '../support/changes.ts';
import { entriesOf } from '../support/entries.ts';
import { wav } from '../support/wav.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

const REVIEW = '2027-06-30T00:00:00.000Z';
const SAID = { reference: 'HB-2026-014', title: 'Fenwick v Harbour', review: REVIEW };
const world = freshWorld();
let [one, two]: string[] = [];

beforeEach(async () => {
  one = await world.deposited(world.harbour, 'one', wav(1000), { 'vault-meta-queue': 'Cards' });
  two = await world.deposited(world.harbour, 'two', wav(1000), { 'vault-meta-queue': 'Loans' });
});

const request = () => ({ signal: AbortSignal.timeout(60_000) });
const post = (path: string, json: object, key = world.harbour.privacy.key) => world.call('POST', path, { key, json });
const place = (json: object, key?: string) => post('/v1/holds', { ...SAID, ...json }, key);
const placed = async (json: object): Promise<Json & { readonly id: string }> => {
  const reply = await place(json);
  expect(reply.status).toBe(201);
  return (await reply.json()) as Json & { readonly id: string };
};
const get = async (path: string, key = world.harbour.auditor.key) => {
  const reply = await world.call('GET', path, { key });
  return { status: reply.status, body: (await reply.json()) as Json };
};
const erase = (recording: string, reason: 'request' | 'court-order' | 'retention' | 'error' = 'request') =>
  eraseRecording(
    world.vault,
    operatorActor('op-1'),
    { tenant: world.harbour.tenant, recording, reason },
    request(),
  ).then(
    () => 'erased',
    (error: { code: string; message: string }) => error.code,
  );
const holdsOf = (recording: string) =>
  world.vault.db.read(async (rows) => (await rows.recordings.find(world.harbour.tenant, recording))?.holds, request());

describe('a legal hold', () => {
  it('of a list is active at once, and in the log and the stream', async () => {
    const reply = await place({ recordings: [two, one, one] });
    expect([reply.status, reply.headers.get('vault-audit')]).toEqual([201, expect.stringContaining('vault.example/')]);
    const hold = (await reply.json()) as Json & { readonly id: string };
    expect(reply.headers.get('location')).toBe(`/v1/holds/${hold.id}`);
    expect(hold).toEqual({
      ...{ id: expect.stringMatching(/^hld_/), state: 'active', ...SAID, continuing: false, rule: null },
      ...{ recordings: 2, held: 2, uncovered: 0, placed: expect.any(String), placed_by: world.harbour.privacy.id },
      ...{ placed_by_name: expect.any(String), lifted: null, lifted_by: null, lifted_by_name: null, damaged: false },
    });
    const ids = [one, two].sort();
    const by = world.harbour.privacy.id;
    expect((await entriesOf(world.vault, world.harbour.tenant, hold.id)).map(({ body }) => body)).toEqual([
      { v: 1, op: 'hold', why: 'hold.placed', by, ...SAID, continuing: false },
      { v: 1, op: 'cover', why: 'hold.covered', by, recordings: ids },
    ]);
    const events = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action.startsWith('hold.'));
    const entry = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(events.map(({ action, object }) => ({ action, object }))).toEqual([
      {
        action: 'hold.placed',
        object: { type: 'hold', id: hold.id, subject: hold.id, n: 1, entry, api_key: expect.any(String) },
      },
      {
        action: 'hold.covered',
        object: {
          ...{ type: 'hold', id: hold.id, recordings: ids.join(','), subject: hold.id, n: 2, entry },
          api_key: expect.any(String),
        },
      },
    ]);
    expect([await holdsOf(one ?? ''), await holdsOf(two ?? '')]).toEqual([1, 1]);
    expect((await get(`/v1/holds/${hold.id}`)).body).toEqual(hold);
    expect((await get(`/v1/holds/${hold.id}/recordings`)).body).toEqual({
      data: ids.map((recording) => ({ recording, covered: true, lifted: false })),
      next_cursor: null,
    });
  });

  it('keeps its recordings from being erased, also by a court order, and no others', async () => {
    const { id } = await placed({ recordings: [one] });
    for (const reason of ['request', 'court-order', 'retention', 'error'] as const)
      expect(await erase(one ?? '', reason)).toBe('held');
    await expect(
      eraseRecording(
        world.vault,
        operatorActor('op-1'),
        { tenant: world.harbour.tenant, recording: one ?? '', reason: 'court-order' },
        request(),
      ),
    ).rejects.toThrow(`recording ${one} is under legal hold ${id}: two people lift a hold`);
    expect(await erase(two ?? '')).toBe('erased');
  });

  it('names each hold of a recording, and some of many', async () => {
    for (let n = 0; n < 6; n++) await placed({ recordings: [one] });
    await expect(
      eraseRecording(
        world.vault,
        operatorActor('op-1'),
        { tenant: world.harbour.tenant, recording: one ?? '', reason: 'error' },
        request(),
      ),
    ).rejects.toThrow(/hold hld_\w+(, hld_\w+){4} and others/);
    expect(await holdsOf(one ?? '')).toBe(6);
  });

  it('blocks erasing where its rows are not those that the count is of', async () => {
    const { id } = await placed({ recordings: [one] });
    world.sql.prepare('delete from hold_recording where hold = ?').run(id);
    expect(await erase(one ?? '')).toBe('integrity');
    world.sql.prepare('update recording set holds = 0 where id = ?').run(one);
    expect(await erase(one ?? '')).toBe('erased');
  });

  it('gets more recordings, each once', async () => {
    const { id } = await placed({ recordings: [one] });
    const added = await post(`/v1/holds/${id}/recordings`, { recordings: [one, two] });
    expect([added.status, await added.json()]).toMatchObject([200, { id, held: 2 }]);
    const events = await eventsOf(world, world.harbour.tenant);
    expect(events.at(-1)).toMatchObject({ action: 'hold.covered', object: { recordings: two, n: 3 } });
    const again = await post(`/v1/holds/${id}/recordings`, { recordings: [one, two] });
    expect([again.status, again.headers.get('vault-audit')]).toEqual([200, null]);
    expect([await holdsOf(one ?? ''), await holdsOf(two ?? '')]).toEqual([1, 1]);
    expect(await erase(two ?? '')).toBe('held');
  });

  it('is placed once by a repeated request', async () => {
    const headers = { 'idempotency-key': 'hold-1' };
    const sent = { key: world.harbour.privacy.key, headers, json: { ...SAID, recordings: [one] } };
    const [first, second] = [await world.call('POST', '/v1/holds', sent), await world.call('POST', '/v1/holds', sent)];
    expect(await second.json()).toEqual(await first.json());
    expect(second.headers.get('vault-audit')).toBe(first.headers.get('vault-audit'));
    expect((await get('/v1/holds')).body['data']).toHaveLength(1);
    const add = {
      key: world.harbour.privacy.key,
      headers: { 'idempotency-key': 'add-1' },
      json: { recordings: [two] },
    };
    const [{ id }] = (await get('/v1/holds')).body['data'] as [{ id: string }];
    const path = `/v1/holds/${id}/recordings`;
    const [added, repeated] = [await world.call('POST', path, add), await world.call('POST', path, add)];
    expect(repeated.headers.get('vault-audit')).toBe(added.headers.get('vault-audit'));
    expect(await repeated.json()).toEqual(await added.json());
  });

  it('is listed newest first, by state and page by page', async () => {
    const ids: string[] = [];
    for (const title of ['a', 'b', 'c']) ids.unshift((await placed({ title, recordings: [one] })).id);
    const list = async (query: string) => {
      const { body } = await get(`/v1/holds${query}`);
      return { ids: (body['data'] as { id: string }[]).map(({ id }) => id), next: body['next_cursor'] as string };
    };
    expect((await list('')).ids).toEqual(ids);
    expect((await list('?state=lifted')).ids).toEqual([]);
    const first = await list('?limit=2&state=active');
    expect(first.ids).toEqual(ids.slice(0, 2));
    expect(await list(`?limit=2&cursor=${first.next}`)).toEqual({ ids: ids.slice(2), next: null });
    await expectProblem(
      await world.call('GET', `/v1/holds/${ids[0]}/recordings?cursor=${first.next}`, { key: world.harbour.admin.key }),
      400,
      'malformed',
    );
  });

  it('is placed by privacy alone, and read by auditors and admins', async () => {
    const { harbour } = world;
    const { id } = await placed({ recordings: [one] });
    for (const who of ['uploader', 'reviewer', 'supervisor', 'auditor', 'admin'] as const) {
      await expectProblem(await place({ recordings: [two] }, harbour[who].key), 403, 'forbidden', SAID.title);
      const add = await post(`/v1/holds/${id}/recordings`, { recordings: [two] }, harbour[who].key);
      await expectProblem(add, 403, 'forbidden', SAID.title);
    }
    for (const path of ['/v1/holds', `/v1/holds/${id}`, `/v1/holds/${id}/recordings`]) {
      for (const who of ['uploader', 'reviewer', 'supervisor'] as const)
        await expectProblem(await world.call('GET', path, { key: harbour[who].key }), 403, 'forbidden', SAID.title);
      for (const who of ['privacy', 'auditor', 'admin'] as const)
        expect((await get(path, harbour[who].key)).status).toBe(200);
    }
    const narrow = await world.keyOf(harbour.tenant, harbour.privacy.id, ['read']);
    await expectProblem(await place({ recordings: [two] }, narrow.secret), 403, 'forbidden');
    const reads = (await eventsOf(world, harbour.tenant)).filter(({ action }) => action === 'hold.read');
    expect(reads.map(({ object }) => [object['type'], object['id']])).toContainEqual(['hold', id]);
  });

  it('of another tenant is not found, and holds none of its recordings', async () => {
    const { id } = await placed({ recordings: [one] });
    const { yunhai } = world;
    for (const path of [`/v1/holds/${id}`, `/v1/holds/${id}/recordings`])
      await expectProblem(await world.call('GET', path, { key: yunhai.privacy.key }), 404, 'not_found');
    const add = await post(`/v1/holds/${id}/recordings`, { recordings: [one] }, yunhai.privacy.key);
    await expectProblem(add, 404, 'not_found');
    await expectProblem(await place({ recordings: [one] }, yunhai.privacy.key), 404, 'not_found');
    expect((await get('/v1/holds', yunhai.privacy.key)).body['data']).toEqual([]);
  });

  it('needs recordings that exist and were not erased', async () => {
    await expectProblem(await place({ recordings: [one, newId('rec')] }), 404, 'not_found');
    expect(await erase(two ?? '')).toBe('erased');
    await expectProblem(await place({ recordings: [one, two] }), 410, 'erased');
    expect((await get('/v1/holds')).body['data']).toEqual([]);
    const { id } = await placed({ recordings: [one] });
    await expectProblem(await post(`/v1/holds/${id}/recordings`, { recordings: [two] }), 410, 'erased');
  });

  const cases: readonly (readonly [name: string, json: object, pointer: string])[] = [
    ['neither list nor query', {}, ''],
    ['an empty list', { recordings: [], query: {} }, '/recordings'],
    ['an id that is none', { recordings: ['rec_x'] }, '/recordings/0'],
    ['too many recordings', { recordings: Array.from({ length: 201 }, () => newId('rec')) }, '/recordings'],
    ['both list and query', { query: {}, recordings: [newId('rec')] }, ''],
    ['a list that continues', { recordings: [newId('rec')], continuing: true }, '/continuing'],
    ['three last digits', { query: { number_end: '123' } }, '/query/number_end'],
    ['an empty agent', { query: { agent: '' } }, '/query/agent'],
    ['a language that is none', { query: { language: 'not a tag' } }, '/query/language'],
    ['an unknown member', { query: { state: 'available' } }, '/query/state'],
    ['a field that is not searched by', { query: { fields: { product: 'loan' } } }, '/query/fields'],
    [
      'a time that ends before it begins',
      { query: { from: '2026-11-25T12:00:00Z', to: '2026-11-25T12:00:00Z' } },
      '/query/to',
    ],
    ['a review that is no time', { query: {}, review: 'soon' }, '/review'],
    ['an empty reference', { query: {}, reference: ' ' }, '/reference'],
    ['a long title', { query: {}, title: 'x'.repeat(201) }, '/title'],
    ['a control character', { query: {}, title: 'a\u0007b' }, '/title'],
  ];
  it.each(cases)('is rejected with %s', async (_name, json, pointer) => {
    const problem = await expectProblem(await place(json), 400, 'malformed');
    expect((problem.errors ?? []).map((error) => error.pointer)).toContain(pointer);
  });
});
