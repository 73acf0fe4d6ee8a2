// The changes of a recording's facts: who set what, when and why; and the facts that views show.
import { beforeEach, describe, expect, it } from 'vitest';
import { browserOf, signInBrowser } from '../support/browser.ts';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Who = Exclude<keyof Cast, 'tenant'>;
type Fact = { readonly fact: string; readonly before?: unknown; readonly after?: unknown };
type Change = Readonly<Record<string, unknown>> & { readonly n: number | null; readonly facts: readonly Fact[] };
type Page = { readonly data: readonly Change[]; readonly next_cursor: string | null };

const world = freshWorld();
let id: string;
beforeEach(async () => {
  const headers = { 'vault-meta-agent': 'Ann', 'vault-meta-from': '13812345678', 'vault-meta-field-product': 'loan' };
  id = await world.deposited(world.harbour, 'call', wav(16_000), headers);
});

const correct = async (json: object, who: Who = 'supervisor') => {
  const { key } = world.harbour[who];
  const seen = await world.call('GET', `/v1/recordings/${id}`, { key });
  const headers = { 'if-match': seen.headers.get('etag') ?? '' };
  const reply = await world.call('PATCH', `/v1/recordings/${id}`, { key, headers, json: { reason: 'typo', ...json } });
  expect(reply.status).toBe(200);
};
const amend = async (json: object) => {
  const { key } = world.harbour.uploader;
  expect((await world.call('PATCH', '/v1/ingest/pbx/call', { key, json })).status).toBe(200);
};
const changes = async (query = '', who: Who = 'reviewer') =>
  (await (
    await world.call('GET', `/v1/recordings/${id}/changes${query}`, { key: world.harbour[who].key })
  ).json()) as Page;

describe('the changes of a recording', () => {
  it('say who set what, when and why, newest first, with old and new values', async () => {
    expect(await changes()).toEqual({ data: [], next_cursor: null });
    await amend({ wrap_up: 'refund', as_of: '2026-01-01T00:00:00Z' });
    await correct({ agent: 'Li Wei', fields: { product: null, contract: 'K-17' }, reason: 'the caller said so' });
    await correct({ numbers: { from: '13912345678' }, notes: 'as told' }, 'privacy');
    const { supervisor, privacy, uploader } = world.harbour;
    const time = expect.any(String) as string;
    expect((await changes()).data).toEqual([
      {
        ...{ n: 3, at: time, as_of: null, by: { id: privacy.id, name: 'Rita' }, reason: 'typo' },
        facts: [{ fact: 'notes' }, { fact: 'numbers/from', before: '138****5678', after: '139****5678' }],
      },
      {
        ...{ n: 2, at: time, as_of: null, by: { id: supervisor.id, name: 'Sue' }, reason: 'the caller said so' },
        facts: [
          { fact: 'agent', before: 'Ann', after: 'Li Wei' },
          { fact: 'fields/contract', before: null, after: 'K-17' },
          { fact: 'fields/product', before: 'loan', after: null },
        ],
      },
      {
        ...{ n: 1, at: time, as_of: '2026-01-01T00:00:00.000Z', by: { id: uploader.id, name: 'pbx' }, reason: null },
        facts: [{ fact: 'wrap_up', after: 'refund' }],
      },
    ]);
  });

  it('leave out a record that came again', async () => {
    for (const queue of ['cards', 'cards', 'loans']) await amend({ queue });
    expect((await changes()).data.map(({ n, facts }) => [n, facts])).toEqual([
      [3, [{ fact: 'queue', before: 'cards', after: 'loans' }]],
      [1, [{ fact: 'queue', after: 'cards' }]],
    ]);
  });

  it('are paginated, and those before the first deposit come last', async () => {
    const { key } = world.harbour.uploader;
    const json = { agent: 'Ann', queue: 'q' };
    const made = await world.call('PATCH', '/v1/ingest/pbx/listed', { key, json });
    id = ((await made.json()) as { recording: string }).recording;
    await correct({ agent: 'Li Wei' });
    await world.deposited(world.harbour, 'listed', wav(16_000));
    for (const agent of ['Bo', 'Cy']) await correct({ agent });
    const whole = (await changes()).data;
    expect(whole.map(({ n, facts }) => [n, facts])).toEqual([
      [2, [{ fact: 'agent', before: 'Bo', after: 'Cy' }]],
      [1, [{ fact: 'agent', before: 'Li Wei', after: 'Bo' }]],
      [null, [{ fact: 'agent', after: 'Li Wei' }]],
      [null, [{ fact: 'queue', after: 'q' }]],
    ]);
    const first = await changes('?limit=1');
    expect(first).toEqual({ data: whole.slice(0, 1), next_cursor: '2' });
    const second = await changes('?limit=1&cursor=2');
    expect(second).toEqual({ data: whole.slice(1, 2), next_cursor: '1' });
    expect(await changes('?limit=1&cursor=1')).toEqual({ data: whole.slice(2), next_cursor: null });
  });

  it('show browsers no file name', async () => {
    await amend({ file_name: '13812345678.wav' });
    const browser = await signInBrowser(world, world.harbour.tenant, world.harbour.reviewer.id);
    const page = (await (await browser.call('GET', `/v1/recordings/${id}/changes`)).json()) as Page;
    expect(page.data[0]?.facts).toEqual([{ fact: 'file_name' }]);
    expect((await changes()).data[0]?.facts).toEqual([{ fact: 'file_name', after: '13812345678.wav' }]);
    await expectProblem(await browserOf(world).call('GET', `/v1/recordings/${id}/changes`), 401, 'unauthenticated');
  });

  it('are not shown where a row was edited, an event’s detail excepted', async () => {
    await correct({ agent: 'Li Wei' });
    world.sql.prepare("update audit_detail set sealed = x'00' where recording = ?").run(id);
    expect((await changes()).data[0]).toMatchObject({ reason: null, facts: [{ fact: 'agent', after: 'Li Wei' }] });
    world.sql.prepare('update amendment set entry = ?').run(Buffer.from('{}'));
    const { key } = world.harbour.reviewer;
    await expectProblem(await world.call('GET', `/v1/recordings/${id}/changes`, { key }), 500, 'integrity');
  });

  it('of an erased recording are 410, and a look at them is an event', async () => {
    await changes();
    const leaf = (world.sql.prepare('select leaf from audit_event order by seq desc').get() as { leaf: Buffer }).leaf;
    expect(JSON.parse(leaf.toString())).toMatchObject({ action: 'activity.read', object: { id, why: 'changes' } });
    world.sql.prepare("update recording set state = 'ERASED', facts = null").run();
    const { key } = world.harbour.reviewer;
    await expectProblem(await world.call('GET', `/v1/recordings/${id}/changes`, { key }), 410, 'erased');
  });
});

describe('the log for auditors', () => {
  it('has the reason of a correction and the names of the facts, not their values', async () => {
    await correct({ agent: 'Li Wei', reason: 'the caller said so' });
    const reply = await world.call('GET', '/v1/activity?action=recording.amended', { key: world.harbour.auditor.key });
    const text = await reply.text();
    const [event] = (JSON.parse(text) as { data: Record<string, unknown>[] }).data;
    expect(event).toMatchObject({
      detail: { reason: 'the caller said so' },
      detail_state: 'opened',
      object: { set: 'agent' },
    });
    expect(JSON.parse(JSON.stringify(event?.['detail']))).not.toHaveProperty('was');
  });
});

describe('a recording', () => {
  it('shows interaction, wrap-up, fields, pauses, and what the caller may correct; never who set what', async () => {
    const pauses = [{ start_ms: 100, end_ms: 200, reason: 'payment-card' }];
    const json = { interaction: 'C-1', wrap_up: 'refund', pauses, events: { 'contract-end': '2030-01-01T00:00:00Z' } };
    const early = await world.call('PATCH', '/v1/ingest/pbx/cdr', { key: world.harbour.uploader.key, json });
    id = ((await early.json()) as { recording: string }).recording;
    await world.deposited(world.harbour, 'cdr', wav(16_000), { 'vault-meta-field-product': 'loan' });
    const read = async (who: Who) =>
      (await (await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour[who].key })).json()) as object;
    const facts = { interaction: 'C-1', wrap_up: 'refund', fields: { product: 'loan' } };
    const more = { pauses, events: { 'contract-end': '2030-01-01T00:00:00.000Z' }, retain_until: null };
    expect(await read('reviewer')).toMatchObject({ ...facts, ...more, version: expect.any(Number), correctable: [] });
    const work = ['agent', 'queue', 'ticket', 'language', 'fields'];
    expect(await read('supervisor')).toMatchObject({ correctable: work });
    expect(await read('privacy')).toMatchObject({ correctable: expect.arrayContaining([...work, 'numbers', 'basis']) });
    expect(JSON.stringify(await read('privacy'))).not.toContain('set_by');
    const listed = await world.call('GET', '/v1/recordings?limit=1', { key: world.harbour.reviewer.key });
    const { data } = (await listed.json()) as { data: object[] };
    expect(data.find((one) => (one as { id: string }).id === id) ?? data[0]).toMatchObject({
      fields: expect.any(Object),
    });
    expect(JSON.stringify(data)).not.toMatch(/pauses|set_by|correctable/);
  });
});
