// Searches by call id, interaction and fields: found by equality, sealed in the log, and call ids within the budget.
import { beforeAll, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
let id: string;
beforeAll(async () => {
  id = await world.deposited(world.harbour, 'CALL-17', wav(1000), {
    'vault-meta-interaction': 'C-1',
    'vault-meta-field-product': 'loan',
  });
});

const search = (json: object, key = world.harbour.reviewer.key) =>
  world.call('POST', '/v1/recordings/search', { key, json });
const found = async (json: object): Promise<string[]> =>
  ((await (await search(json)).json()) as { data: { id: string }[] }).data.map((one) => one.id);

it('finds a call by its id and by its interaction, and all terms must match', async () => {
  expect(await found({ call_id: 'call-17' })).toEqual([id]);
  expect(await found({ interaction: 'c-1', call_id: 'CALL-17' })).toEqual([id]);
  expect(await found({ interaction: 'C-1', agent: 'Ann' })).toEqual([]);
});

it('is in the log by the names of its terms, which are sealed', async () => {
  await found({ call_id: 'CALL-17', interaction: 'C-1' });
  const reply = await world.call('GET', '/v1/activity?action=recording.searched', { key: world.harbour.auditor.key });
  const [event] = ((await reply.json()) as { data: Record<string, unknown>[] }).data;
  expect(event).toMatchObject({
    object: { by: 'call_id,interaction' },
    detail: { call_id: 'CALL-17', interaction: 'C-1' },
  });
});

it.each([{ product: 'loan' }, { 'Jane Harker': 'x' }])(
  'by fields that the tenant did not choose is 400: %j',
  async (fields) => {
    const { errors } = await expectProblem(await search({ fields }), 400, 'malformed', 'Jane', 'loan');
    expect(errors?.map(({ pointer }) => pointer)).toEqual(['/fields']);
  },
);

it('finds a call by a field that the tenant chose, and by its value alone', async () => {
  const { yunhai } = world;
  world.sql.prepare('update tenant set searchable = ? where tenant = ?').run('product', yunhai.tenant);
  const headers = { 'vault-meta-field-product': 'Loan', 'vault-meta-field-other': 'x' };
  const call = await world.deposited(yunhai, 'field', wav(1000), headers);
  const { key } = yunhai.reviewer;
  const reply = await search({ fields: { product: 'loan' } }, key);
  expect(((await reply.json()) as { data: { id: string }[] }).data.map((one) => one.id)).toEqual([call]);
  await expectProblem(await search({ fields: { other: 'x' } }, key), 400, 'malformed');
});

it('says whether older recordings may be missing: those without an index of their call id, or of new fields', async () => {
  const { yunhai } = world;
  const complete = async (json: object): Promise<unknown> =>
    ((await (await search(json, yunhai.reviewer.key)).json()) as { complete: unknown }).complete;
  const own = async (query: string): Promise<unknown> => {
    const reply = await world.call('GET', `/v1/ingest/pbx/mine${query}`, { key: yunhai.uploader.key });
    return ((await reply.json()) as { complete: unknown }).complete;
  };
  const all = async () => [
    ...[await complete({ call_id: 'mine' }), await complete({ fields: { product: 'loan' } })],
    ...[await complete({ agent: 'Ann', interaction: 'C-1' }), await own(''), await own('?leg=0')],
  ];
  world.sql.prepare('update tenant set searchable = ? where tenant = ?').run('product', yunhai.tenant);
  await world.deposited(yunhai, 'mine', wav(1000));
  expect(await all()).toEqual([true, true, true, true, true]);
  const progress = (upTo: number, version: number): void => {
    world.sql.prepare('delete from index_progress').run();
    world.sql.prepare(`insert into index_progress values (?, ?, 0, '')`).run(yunhai.tenant, upTo);
    world.sql.prepare('update tenant set index_version = ? where tenant = ?').run(version, yunhai.tenant);
  };
  progress(0, 1);
  expect(await all()).toEqual([false, false, true, false, true]);
  progress(1, 2);
  expect(await all()).toEqual([true, false, true, true, true]);
  progress(2, 2);
  expect(await all()).toEqual([true, true, true, true, true]);
});

it('names the fields to everyone who may search, and to no one else', async () => {
  const { yunhai, harbour } = world;
  world.sql.prepare('update tenant set searchable = ? where tenant = ?').run('contract,product', yunhai.tenant);
  const searchable = async ({ key }: { readonly key: string }) =>
    ((await (await world.call('GET', '/v1/me', { key })).json()) as { tenant: { searchable: string[] } }).tenant
      .searchable;
  for (const role of ['reviewer', 'supervisor', 'privacy'] as const)
    expect(await searchable(yunhai[role]), role).toEqual(['contract', 'product']);
  for (const role of ['uploader', 'auditor', 'admin'] as const)
    expect(await searchable(yunhai[role]), role).toEqual([]);
  expect(await searchable(harbour.reviewer)).toEqual([]);
});

it('needs a term', async () => {
  await expectProblem(await search({ fields: {} }), 400, 'malformed');
  await expectProblem(await search({ call_id: '' }), 400, 'malformed');
});

it('by call ids that no call has uses the budget up', async () => {
  const by = await world.person(world.harbour.tenant, ['reviewer']);
  const statuses: number[] = [];
  for (let n = 0; n < 31; n++) statuses.push((await search({ call_id: `13800000${n}` }, by.key)).status);
  expect(statuses.slice(-2)).toEqual([200, 429]);
  expect((await search({ call_id: 'CALL-17' }, by.key)).status).toBe(429);
  expect((await search({ interaction: 'C-1' }, by.key)).status).toBe(200);
});
