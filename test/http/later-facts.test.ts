// Later facts of a call over HTTP: before, after and without its audio; what an uploader sees of the calls it deposits.
import { beforeEach, describe, expect, it } from 'vitest';
import { entriesOf } from '../support/entries.ts';
import { wav } from '../support/wav.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Amended = { readonly recording: string; readonly state: string; readonly set: readonly string[] };
type Legs = {
  readonly data: readonly {
    readonly recording: string;
    readonly leg: string;
    readonly state: string;
    readonly objects: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
  }[];
};

const world = freshWorld();
let key: string;
let reader: string;

beforeEach(() => {
  key = world.harbour.uploader.key;
  reader = world.harbour.reviewer.key;
});

const patch = (call: string, json: object, by = key) =>
  world.call('PATCH', `/v1/ingest/pbx/${call}`, { key: by, json });
const amended = async (call: string, json: object, status = 200): Promise<Amended> => {
  const reply = await patch(call, json);
  expect([reply.status, await reply.clone().json()]).toEqual([status, expect.anything()]);
  return (await reply.json()) as Amended;
};
const recording = async (id: string): Promise<Record<string, unknown>> =>
  (await (await world.call('GET', `/v1/recordings/${id}`, { key: reader })).json()) as Record<string, unknown>;
const upload = async (call: string, headers = {}): Promise<string> => {
  const reply = await world.ingest(world.harbour, call, wav(16_000), headers);
  expect(reply.status).toBe(201);
  return ((await reply.json()) as { recording: string }).recording;
};
const search = async (json: object): Promise<string[]> => {
  const reply = await world.call('POST', '/v1/recordings/search', { key: reader, json });
  return ((await reply.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
};

const CDR = {
  agent: 'Li Wei',
  queue: 'claims',
  numbers: { from: '+441234567890' },
  interaction: 'C-1',
  wrap_up: 'refund',
  fields: { contract: 'K-17' },
  pauses: [{ start_ms: 100, end_ms: 200, reason: 'payment-card' }],
};

describe('facts from a call detail record', () => {
  it('before the audio make its recording, which keeps them', async () => {
    const first = await amended('cdr-1', CDR, 201);
    expect(first.state).toBe('expected');
    expect([...first.set].sort()).toEqual([
      ...['agent', 'fields/contract', 'interaction', 'numbers/from', 'pauses', 'queue', 'wrap_up'],
    ]);
    expect(await upload('cdr-1', { 'vault-meta-ticket': 'T-9' })).toBe(first.recording);
    expect(await recording(first.recording)).toMatchObject({ state: 'available', agent: 'Li Wei', ticket: 'T-9' });
    expect(await search({ number: '+44 1234 567890' })).toEqual([first.recording]);
    expect(await entriesOf(world.vault, world.harbour.tenant, first.recording)).toEqual([]);
  });

  it('after the audio are an entry, and searches find them', async () => {
    const id = await upload('cdr-2', { 'vault-meta-agent': 'nobody yet' });
    expect((await amended('cdr-2', { ...CDR, as_of: new Date(Date.now() + 60_000).toISOString() })).recording).toBe(id);
    expect(await recording(id)).toMatchObject({ agent: 'Li Wei', queue: 'claims' });
    expect(await search({ agent: 'li wei' })).toEqual([id]);
    expect(await search({ agent: 'nobody yet' })).toEqual([]);
    const [entry] = await entriesOf(world.vault, world.harbour.tenant, id);
    expect(entry?.body).toMatchObject({ op: 'facts', why: 'recording.amended', set: CDR });
    expect(entry?.body).not.toHaveProperty('as_of');
  });

  it('older than what is there change nothing and write nothing', async () => {
    const id = await upload('cdr-3', { 'vault-meta-agent': 'Ann' });
    const before = await world.snapshot();
    const reply = await patch('cdr-3', { agent: 'Bob', as_of: '2020-01-01T00:00:00Z' });
    expect([reply.status, await reply.json()]).toEqual([
      200,
      { recording: id, state: 'available', set: [], kept: [{ member: 'agent', reason: 'newer_known' }] },
    ]);
    expect(reply.headers.get('vault-audit')).toBeNull();
    expect(await world.snapshot()).toEqual(before);
  });

  it('a null removes a fact, and its index', async () => {
    const id = await upload('cdr-4', { 'vault-meta-ticket': 'T-1' });
    expect((await amended('cdr-4', { ticket: null })).set).toEqual(['ticket']);
    expect(await recording(id)).toMatchObject({ ticket: null });
    expect(await search({ ticket: 'T-1' })).toEqual([]);
  });

  it('of 32 fields and one more are too many, also one by one', async () => {
    const fields = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`f${n}`, 'x']));
    await amended('cdr-5', { fields }, 201);
    await expectProblem(await patch('cdr-5', { fields: { more: 'x' } }), 400, 'metadata_invalid');
    expect((await amended('cdr-5', { fields: { f0: null, more: 'x' } })).set.length).toBe(2);
  });

  it('give a legal basis only where none stands', async () => {
    const id = await upload('cdr-6');
    expect((await amended('cdr-6', { basis: { kind: 'contract' } })).set).toEqual(['basis']);
    expect(await recording(id)).toMatchObject({ basis: { kind: 'contract' } });
    expect((await amended('cdr-6', { basis: { kind: 'none' } })).set).toEqual([]);
    expect(await recording(id)).toMatchObject({ basis: { kind: 'contract' }, quarantine: [] });
  });

  it.each([
    [{ call_id: 'x' }, '/call_id'],
    [{ agent: 7 }, '/agent'],
    [{ agent: ' ' }, '/agent'],
    [{ started_at: null }, '/started_at'],
    [{ as_of: 'yesterday' }, '/as_of'],
    [{ as_of: '2099-01-01T00:00:00Z' }, '/as_of'],
    [{ retain_until: '9999-01-01T00:00:00Z' }, '/retain_until'],
    [{ numbers: { caller: '1' } }, '/numbers/caller'],
    [{ fields: { Jane: '1' } }, '/fields'],
    [{ fields: { ok: 'x'.repeat(257) } }, '/fields/ok'],
    [{ pauses: [{ start_ms: 2, end_ms: 1, reason: 'other' }] }, '/pauses/0'],
    [{ pauses: [{ start_ms: 0.5, end_ms: 1, reason: 'other' }] }, '/pauses/0'],
    [{ pauses: [{ start_ms: 0, end_ms: 1, reason: ['other'] }] }, '/pauses/0'],
    [{ basis: { kind: 'whim' } }, '/basis/kind'],
    [{ restricted: {} }, '/restricted'],
    [{ agnet: '13800138000' }, '/agnet'],
  ])('that are not valid name the member and no value: %j', async (json, pointer) => {
    await upload('cdr-7');
    const before = await world.snapshot();
    const reply = await patch('cdr-7', json);
    const problem = (await reply.json()) as { code: string; errors: { pointer: string; detail: string }[] };
    expect([reply.status, problem.code, problem.errors.map((one) => one.pointer)]).toEqual([
      400,
      'metadata_invalid',
      [pointer],
    ]);
    expect(JSON.stringify(problem)).not.toMatch(/Jane|13800138000|whim/);
    expect(await world.snapshot()).toEqual(before);
  });

  it('belong to no service before a body, then to the one that sent it', async () => {
    // Of a source without a deposit yet.
    const path = '/v1/ingest/cdr/cdr-8';
    const send = (json: object, by = key) => world.call('PATCH', path, { key: by, json });
    const created = await send({ agent: 'Ann' });
    const { recording: id } = (await created.json()) as Amended;
    const other = world.harbour.other.key;
    const theirs = { queue: 'sales', basis: { kind: 'legal-obligation' } };
    expect([created.status, (await send(theirs, other)).status]).toEqual([201, 200]);
    const headers = { 'vault-meta-basis': 'consent' };
    const uploaded = await world.call('PUT', path, { key, type: 'audio/wav', headers, body: wav(16_000) });
    expect([uploaded.status, await uploaded.json()]).toEqual([201, expect.objectContaining({ recording: id })]);
    // Who deposits the call vouches for its basis.
    expect(await recording(id)).toMatchObject({ queue: 'sales', basis: { kind: 'consent' } });
    await expectProblem(await send({ queue: 'x' }, other), 422, 'source_taken');
    await expectProblem(await world.call('GET', path, { key: other }), 404, 'not_found');
  });

  it('of the same call from many requests at once make one recording', async () => {
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, n) => patch('cdr-9', { fields: { [`f${n}`]: 'x' } })),
    );
    const done = replies.filter(({ status }) => status < 300);
    const ids = new Set(await Promise.all(done.map(async (reply) => ((await reply.json()) as Amended).recording)));
    expect(ids.size).toBe(1);
    for (const reply of replies) expect([200, 201, 503]).toContain(reply.status);
  });
});

describe('an uploader’s own call', () => {
  it('is its legs with sizes and digests, and no facts', async () => {
    const id = await upload('own-1');
    await world.call('PATCH', '/v1/ingest/pbx/own-1?leg=b', { key, json: { agent: 'Ann' } });
    const reply = await world.call('GET', '/v1/ingest/pbx/own-1', { key });
    const { data } = (await reply.json()) as Legs;
    expect(data).toEqual([
      {
        recording: id,
        leg: '0',
        state: 'available',
        objects: [expect.objectContaining({ name: 'audio', size: 16_044 })],
      },
      { recording: expect.any(String), leg: 'b', state: 'expected', objects: [] },
    ]);
    expect(data[0]?.objects[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    const one = await world.call('GET', '/v1/ingest/pbx/own-1?leg=b', { key });
    expect(((await one.json()) as Legs).data).toEqual([data[1]]);
    // Newer ones of another service under the same call id hide none.
    const theirs = Array.from({ length: 60 }, (_, n) =>
      world.call('PATCH', `/v1/ingest/else/own-1?leg=${n}`, { key: world.harbour.other.key, json: {} }),
    );
    for (const sent of await Promise.all(theirs)) expect([201, 503]).toContain(sent.status);
    expect(((await (await world.call('GET', '/v1/ingest/pbx/own-1', { key })).json()) as Legs).data).toEqual(data);
    await expectProblem(await world.call('GET', '/v1/ingest/other/own-1', { key }), 404, 'not_found');
    await expectProblem(await world.call('GET', '/v1/ingest/pbx/OWN-1', { key }), 404, 'not_found');
  });
});
