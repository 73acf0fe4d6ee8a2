// Recordings in the activity log: which ones, their members, and when they are left out.
import { beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

type Page = {
  readonly data: readonly { readonly object: Readonly<Record<string, unknown>> | null }[];
  readonly recordings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly next_cursor: string | null;
};

const FACTS = {
  'vault-meta-from': '%2B442079460123',
  'vault-meta-to': '%2B442079460999',
  'vault-meta-agent': 'HB-2107',
  'vault-meta-queue': 'Cards',
  'vault-meta-direction': 'inbound',
  'vault-meta-started-at': '2026-01-02T03:04:05Z',
};
const SHOWN = {
  started_at: '2026-01-02T03:04:05.000Z',
  direction: 'inbound',
  from_masked: '+44 ****0123',
  to_masked: '+44 ****0999',
  agent: 'HB-2107',
  queue: 'Cards',
};

const world = sharedWorld();
const calls = { listened: '', plain: '', foreign: '' };
beforeAll(async () => {
  const { harbour, yunhai } = world;
  const ingest = async (cast: typeof harbour, id: string, headers = {}): Promise<string> =>
    await world.deposited(cast, id, wav(1000), headers);
  calls.listened = await ingest(harbour, 'a', FACTS);
  calls.plain = await ingest(harbour, 'b');
  calls.foreign = await ingest(yunhai, 'a', FACTS);
  await world.session(harbour, await world.grant(harbour, calls.listened));
});

const text = async (query = '?limit=200'): Promise<string> => {
  const reply = await world.call('GET', `/v1/activity${query}`, { key: world.harbour.auditor.key });
  expect(reply.status).toBe(200);
  return reply.text();
};
const read = async (query?: string): Promise<Page> => JSON.parse(await text(query)) as Page;

describe('the recordings of a page', () => {
  it('are those named by its events: masked numbers, agent and queue', async () => {
    const { recordings } = await read();
    expect(recordings).toEqual({
      [calls.listened]: SHOWN,
      [calls.plain]: {
        started_at: expect.any(String),
        direction: null,
        from_masked: null,
        to_masked: null,
        agent: null,
        queue: null,
      },
    });
    expect((await read('?action=session,access')).recordings).toEqual({ [calls.listened]: SHOWN });
    expect((await read('?action=person')).recordings).toEqual({});
  });

  it('have no whole numbers, even for a program', async () => {
    const said = await text();
    for (const number of ['442079460123', '2079460123', '442079460999']) expect(said).not.toContain(number);
  });

  it('never belong to another tenant, whatever a leaf says', async () => {
    const { harbour, vault } = world;
    const named = {
      log: harbour.tenant,
      id: 'evt_00000000000000000000000001',
      actor: operatorActor('op-1'),
      action: 'recording.read',
      outcome: 'ok',
      object: { type: 'recording', id: calls.foreign },
    } as const;
    await vault.db.change(async () => ({ result: 0, events: [named] }), { signal: AbortSignal.timeout(600_000) });
    const { data, recordings } = await read('?action=recording.read');
    expect(data[0]?.object).toMatchObject({ id: calls.foreign });
    expect(recordings).toEqual({});
  });
});

describe('a recording is left out', () => {
  it('if its facts are not authentic, and the other events are returned', async () => {
    const find = world.sql.prepare('select facts from recording where id = ?');
    const { facts } = find.get(calls.listened) as { facts: Buffer };
    const put = world.sql.prepare('update recording set facts = ? where id = ?');
    put.run(Buffer.concat([facts.subarray(0, -1), Buffer.from([(facts.at(-1) ?? 0) ^ 1])]), calls.listened);
    const { data, recordings } = await read();
    expect(Object.keys(recordings)).toEqual([calls.plain]);
    expect(data.filter(({ object }) => object?.['recording'] === calls.listened).length).toBeGreaterThan(3);
    put.run(facts, calls.listened);
    expect((await read()).recordings[calls.listened]).toEqual(SHOWN);
  });

  it('after its erasure', async () => {
    const what = { tenant: world.harbour.tenant, recording: calls.listened, reason: 'request' } as const;
    await eraseRecording(world.vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(600_000) });
    const { data, recordings } = await read();
    expect(Object.keys(recordings)).toEqual([calls.plain]);
    expect(data.some(({ object }) => object?.['id'] === calls.listened)).toBe(true);
  });

  it('while the tenant is suspended', async () => {
    await world.suspend(world.harbour.tenant);
    expect((await read()).recordings).toEqual({});
  });
});
