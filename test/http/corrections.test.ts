// Corrections of a recording's facts by people.
import { beforeEach, describe, expect, it } from 'vitest';
import { eventsOf } from '../support/changes.ts';
import { entriesOf } from '../support/entries.ts';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Who = Exclude<keyof Cast, 'tenant'>;
type Shown = Readonly<Record<string, unknown>>;

const REASON = 'the caller named another agent';
const world = freshWorld();
let id: string;

beforeEach(async () => {
  const headers = {
    'vault-meta-agent': 'Ann',
    'vault-meta-from': '13812345678',
    'vault-meta-field-product': 'loan',
  };
  id = await world.deposited(world.harbour, 'call', wav(16_000), headers);
});

const read = (who: Who = 'supervisor') => world.call('GET', `/v1/recordings/${id}`, { key: world.harbour[who].key });
const recording = async (who: Who = 'supervisor') => (await (await read(who)).json()) as Shown;
const etag = async () => (await read()).headers.get('etag') ?? '';
const correct = async (json: object, who: Who = 'supervisor', headers: Readonly<Record<string, string>> = {}) =>
  world.call('PATCH', `/v1/recordings/${id}`, {
    key: world.harbour[who].key,
    headers: { 'if-match': await etag(), ...headers },
    json: { reason: REASON, ...json },
  });
const entries = () => entriesOf(world.vault, world.harbour.tenant, id);
const search = async (json: object): Promise<string[]> => {
  const reply = await world.call('POST', '/v1/recordings/search', { key: world.harbour.reviewer.key, json });
  return ((await reply.json()) as { data: { id: string }[] }).data.map((one) => one.id);
};

describe('a correction', () => {
  it('changes the facts, their index and the version, and is an entry of the recording', async () => {
    const before = await etag();
    const reply = await correct({ agent: 'Li Wei', queue: 'claims', ticket: 'T-1', language: 'zh-cn' });
    expect([reply.status, await reply.json()]).toEqual([200, { id, state: 'available' }]);
    expect(reply.headers.get('vault-audit')).not.toBeNull();
    expect(reply.headers.get('etag')).not.toBe(before);
    expect(reply.headers.get('etag')).toBe(await etag());
    expect(await recording()).toMatchObject({ agent: 'Li Wei', queue: 'claims', ticket: 'T-1', language: 'zh-CN' });
    expect([await search({ agent: 'Ann' }), await search({ agent: 'li wei' })]).toEqual([[], [id]]);
    const by = world.harbour.supervisor.id;
    const set = { agent: 'Li Wei', queue: 'claims', ticket: 'T-1', language: 'zh-CN' };
    expect((await entries()).map(({ body }) => body)).toEqual([
      { v: 1, op: 'facts', why: 'recording.amended', by, set },
    ]);
  });

  it('takes application/merge-patch+json', async () => {
    const reply = await world.call('PATCH', `/v1/recordings/${id}`, {
      key: world.harbour.supervisor.key,
      type: 'application/merge-patch+json',
      headers: { 'if-match': `"0", ${await etag()}` },
      body: JSON.stringify({ reason: REASON, agent: null }),
    });
    expect(reply.status).toBe(200);
    expect(await recording()).toMatchObject({ agent: null });
  });

  it('names in its event the API key of the person', async () => {
    expect((await correct({ agent: 'Li Wei' })).status).toBe(200);
    const amended = (await eventsOf(world, world.harbour.tenant)).findLast(
      ({ action, object }) => action === 'recording.amended' && object['id'] === id,
    );
    expect(amended).toMatchObject({ actor: { type: 'person' }, object: { api_key: expect.stringMatching(/^key_/) } });
  });

  it('stays when the platform sends other facts later', async () => {
    await correct({ agent: 'Li Wei' });
    const sent = { key: world.harbour.uploader.key, type: 'audio/wav', body: wav(16_000) };
    const again = await world.call('PUT', '/v1/ingest/pbx/call', { ...sent, headers: { 'vault-meta-agent': 'Ann' } });
    expect(again.status).toBe(200);
    expect(await recording()).toMatchObject({ agent: 'Li Wei' });
  });

  it('that changes nothing writes nothing', async () => {
    await correct({ agent: 'Li Wei' });
    const before = await world.snapshot();
    for (const json of [{}, { agent: 'Li Wei' }, { fields: {} }]) {
      const reply = await correct(json);
      expect([reply.status, await reply.json(), reply.headers.get('vault-audit')]).toEqual([
        200,
        { id, state: 'available' },
        null,
      ]);
      expect(reply.headers.get('etag')).toBe(await etag());
    }
    expect(await world.snapshot()).toEqual(before);
  });

  it('of a field leaves the others', async () => {
    expect((await correct({ fields: { contract: 'K-17' } })).status).toBe(200);
    expect((await correct({ fields: { product: null } })).status).toBe(200);
    expect((await entries()).map(({ body }) => body)).toMatchObject([
      { set: { fields: { contract: 'K-17' } } },
      { set: { fields: { product: null } } },
    ]);
  });

  it('by a privacy officer reaches numbers, basis and the end of retention', async () => {
    const events = { 'contract-end': '2030-01-01T00:00:00.000Z' };
    const set = {
      numbers: { from: '13900001111' },
      sensitivity: 'sensitive',
      direction: 'inbound',
      notes: 'as told',
      events,
    };
    expect((await correct({ ...set, retain_until: '2031-01-01T01:00:00+01:00' }, 'privacy')).status).toBe(200);
    expect(await recording()).toMatchObject({
      from: '13900001111',
      from_masked: '139****1111',
      sensitivity: 'sensitive',
    });
    expect([await search({ number: '13812345678' }), await search({ number: '13900001111' })]).toEqual([[], [id]]);
    expect((await entries())[0]?.body).toMatchObject({ set: { ...set, retain_until: '2031-01-01T00:00:00.000Z' } });
    expect((await correct({ basis: { kind: 'none' } }, 'privacy')).status).toBe(200);
    expect(await recording()).toMatchObject({ basis: { kind: 'none' }, quarantine: ['basis'] });
    expect((await correct({ basis: { kind: 'contract' } }, 'privacy')).status).toBe(200);
    expect(await recording()).toMatchObject({ quarantine: [] });
  });

  it('of a call without audio is in its facts, and stays when the audio comes', async () => {
    const made = await world.call('POST', '/v1/recordings', {
      key: world.harbour.uploader.key,
      json: { source: 'pbx', call_id: 'later', agent: 'Ann' },
    });
    id = ((await made.json()) as { recording: string }).recording;
    expect((await correct({ agent: 'Li Wei' })).status).toBe(200);
    expect(await entries()).toEqual([]);
    expect(await world.deposited(world.harbour, 'later', wav(16_000), { 'vault-meta-agent': 'Ann' })).toBe(id);
    expect(await recording()).toMatchObject({ state: 'available', agent: 'Li Wei' });
  });

  it('is repeated with its Idempotency-Key without a second effect', async () => {
    const headers = { 'if-match': await etag(), 'idempotency-key': 'one' };
    const first = await correct({ agent: 'Li Wei' }, 'supervisor', headers);
    const again = await correct({ agent: 'Li Wei' }, 'supervisor', headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('vault-audit')).toBe(first.headers.get('vault-audit'));
    // Of a version that others may have made since: the caller has not read it.
    expect([first.headers.get('etag'), again.headers.get('etag')]).toEqual([expect.stringMatching(/^"\d+"$/), null]);
    expect([again.status, await again.json()]).toEqual([200, await first.json()]);
    expect(await entries()).toHaveLength(1);
    const other = await correct({ agent: 'Bo' }, 'supervisor', headers);
    await expectProblem(other, 422, 'idempotency_key_reused');
  });

  it('that changes nothing frees its Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'two' };
    expect((await correct({}, 'supervisor', headers)).status).toBe(200);
    expect((await correct({ agent: 'Li Wei' }, 'supervisor', headers)).status).toBe(200);
    expect(await entries()).toHaveLength(1);
  });

  it('of two at once loses neither: one is 412', async () => {
    const tag = { 'if-match': await etag() };
    const replies = await Promise.all(['Bo', 'Li'].map((agent) => correct({ agent }, 'supervisor', tag)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(await entries()).toHaveLength(1);
  });
});
