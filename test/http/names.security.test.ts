// Suggestions of names: the tenant's own, by prefix, for callers who may list recordings, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rows } from '../../src/ports/database.ts';
import { suggestNames } from '../../src/vault/catalogue/suggest-names.ts';
import { event, systemActor } from '../../src/vault/core/events/events.ts';
import { signInBrowser } from '../support/browser.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { Cast, KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const OURS = [
  ['Rosa Lane', 'loans'],
  ['rosa lane', 'Loans'],
  ['Roberto', 'cards'],
  ['陈思远', '信用卡争议'],
  ['Amy', 'loans'],
] as const;
type Wanted = { readonly field?: string; readonly prefix?: unknown; readonly limit?: unknown };
type Answer = { readonly data: readonly string[]; readonly complete: boolean };

describe.each(ENGINES)('on $engine, suggestions of names $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const upload = async (cast: Cast, call: string, agent: string, queue: string): Promise<string> => {
    const headers = { 'vault-meta-agent': encodeURIComponent(agent), 'vault-meta-queue': encodeURIComponent(queue) };
    return world.deposited(cast, call, wav(100), headers);
  };
  beforeAll(async () => {
    for (const [n, [agent, queue]] of OURS.entries()) await upload(world.harbour, `ours-${n}`, agent, queue);
    await upload(world.yunhai, 'theirs', 'Rosalind', 'loyalty');
  });

  const send = (by: KeyHolder, json: Wanted): Promise<Response> =>
    world.call('POST', '/v1/recordings/names', { key: by.key, json });
  const names = async (by: KeyHolder, json: Wanted): Promise<Answer> => {
    const reply = await send(by, { field: 'agent', ...json });
    expect(reply.status).toBe(200);
    return (await reply.json()) as Answer;
  };

  it.runIf(present)('begin with the prefix, ignoring case, each name once', async () => {
    const { reviewer } = world.harbour;
    expect(await names(reviewer, { prefix: 'ro' })).toEqual({ data: ['Roberto', 'Rosa Lane'], complete: true });
    expect(await names(reviewer, { prefix: ' ROS' })).toEqual({ data: ['Rosa Lane'], complete: true });
    expect(await names(reviewer, { prefix: '陈' })).toMatchObject({ data: ['陈思远'] });
    expect(await names(reviewer, { prefix: 'lane' })).toMatchObject({ data: [] });
    expect(await names(reviewer, { field: 'queue', prefix: 'l' })).toMatchObject({ data: ['loans'] });
    expect(await names(reviewer, { field: 'queue', prefix: 'r' })).toMatchObject({ data: [] });
    expect(await names(reviewer, { prefix: 'r', limit: 1 })).toEqual({ data: ['Roberto'], complete: true });
  });

  it.runIf(present)('match recordings when searched for', async () => {
    const { reviewer } = world.harbour;
    const [agent] = (await names(reviewer, { prefix: 'ros' })).data;
    const found = await world.call('POST', '/v1/recordings/search', { key: reviewer.key, json: { agent } });
    expect(((await found.json()) as { data: object[] }).data).toHaveLength(2);
  });

  it.runIf(present)('are the tenant’s own', async () => {
    expect(await names(world.yunhai.reviewer, { prefix: 'ro' })).toEqual({ data: ['Rosalind'], complete: true });
    expect(JSON.stringify(await names(world.harbour.reviewer, { prefix: 'ro' }))).not.toContain('Rosalind');
    expect(await names(world.yunhai.reviewer, { field: 'queue', prefix: 'l' })).toMatchObject({ data: ['loyalty'] });
  });

  it.runIf(present)('are for callers who may list recordings, by key and by cookie', async () => {
    const { harbour } = world;
    for (const who of ['reviewer', 'supervisor', 'privacy'] as const)
      expect((await names(harbour[who], { prefix: 'ro' })).data).toHaveLength(2);
    for (const who of ['uploader', 'auditor', 'admin'] as const)
      await expectProblem(await send(harbour[who], { field: 'agent', prefix: 'ro' }), 403, 'forbidden', 'Rosa');
    const { secret } = await world.keyOf(harbour.tenant, harbour.reviewer.id, ['request']);
    await expectProblem(await send({ id: '', key: secret }, { field: 'agent', prefix: 'ro' }), 403, 'forbidden');
    const browser = await signInBrowser(world, harbour.tenant, harbour.colleague.id);
    const asked = await browser.call('POST', '/v1/recordings/names', { json: { field: 'agent', prefix: 'ro' } });
    expect(((await asked.json()) as Answer).data).toHaveLength(2);
  });

  it.runIf(present)('need one field, and a prefix', async () => {
    const { reviewer } = world.harbour;
    for (const json of [
      {},
      { field: 'agent' },
      { field: 'agent', prefix: '' },
      { field: 'agent', prefix: 'x'.repeat(129) },
      { field: 'agent', prefix: 7 },
      { field: 'ticket', prefix: 'r' },
      { field: 'number', prefix: '1' },
      { field: 'agent', prefix: 'r', limit: 21 },
      { field: 'agent', prefix: 'r', limit: 0 },
      { field: 'agent', prefix: 'r', tenant: world.yunhai.tenant },
    ])
      await expectProblem(await send(reviewer, json), 400, 'malformed');
    const wild = ["' or 1=1 --", '%', '_', '.*', '\u0000'];
    for (const prefix of wild) expect(await names(reviewer, { prefix })).toMatchObject({ data: [] });
  });

  it.runIf(present)('are counted as reads of the list, without the typed text', async () => {
    const by = await world.person(world.harbour.tenant, ['reviewer']);
    for (const prefix of ['r', 'ro', 'ros']) await names(by, { prefix });
    const wait = { signal: AbortSignal.timeout(600_000) };
    const stored = await world.vault.db.read((rows) => rows.log.events(world.harbour.tenant, 0, 100_000), wait);
    const texts = stored.map(({ leaf }) => Buffer.from(leaf).toString()).filter((text) => text.includes(by.id));
    const looks = texts.filter((text) => (JSON.parse(text) as { action: string }).action === 'catalogue.read');
    expect(looks).toHaveLength(1);
    expect(texts.join()).not.toMatch(/"ros?"/);
  });

  it.runIf(present)('exclude erased recordings', async () => {
    const { harbour } = world;
    const id = await upload(harbour, 'gone', 'Zacharias', 'zoo');
    expect(await names(harbour.reviewer, { prefix: 'zach' })).toMatchObject({ data: ['Zacharias'] });
    const wait = { signal: AbortSignal.timeout(600_000) };
    // The state of a row during an erasure, which a list could still read.
    await world.vault.db.change(async (tx) => {
      const row = await tx.recordings.lock(harbour.tenant, id);
      if (row === null) throw new Error('there is no such recording');
      await tx.recordings.change(row, { facts: null, state: 'ERASED' });
      const object = { type: 'recording', id, begun: 0, database: 'freed' } as const;
      return {
        result: undefined,
        events: [event(harbour.tenant, systemActor(world.vault.settings), 'recording.erased', object, {})],
      };
    }, wait);
    expect(await names(harbour.reviewer, { prefix: 'zach' })).toEqual({ data: [], complete: true });
  });

  it.runIf(present)('serve two concurrent requests of a person, and those of others', async () => {
    const { reviewer, colleague } = world.harbour;
    const wanted = { field: 'agent', prefix: 'ro' };
    const [replies, other] = await Promise.all([
      Promise.all(Array.from({ length: 12 }, () => send(reviewer, wanted))),
      send(colleague, wanted),
    ]);
    expect(other.status).toBe(200);
    const refused = replies.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(12);
    for (const reply of refused) await expectProblem(reply, 429, 'too_many_streams');
    expect((await send(reviewer, wanted)).status).toBe(200);
  });

  it.runIf(present)('examine a limited number of names, and report that', async () => {
    const { harbour } = world;
    const by = {
      tenant: harbour.tenant,
      principal: harbour.reviewer.id,
      auth: 'api-key',
      roles: ['reviewer'],
    } as const;
    let read = 0;
    const [one = ''] = await world.vault.db.read((rows) => rows.recordings.onePerValue(harbour.tenant, 'agent', 1), {
      signal: AbortSignal.timeout(600_000),
    });
    const many = (rows: Rows): Rows => ({
      ...rows,
      recordings: {
        ...rows.recordings,
        onePerValue: (_tenant, _label, limit) => Promise.resolve(Array.from({ length: limit }, () => one)),
        findMany: (_tenant, ids) => {
          read += ids.length;
          return rows.recordings.findMany(harbour.tenant, [...new Set(ids)]);
        },
      },
    });
    const { db } = world.vault;
    const vault = {
      ...world.vault,
      db: { ...db, read: ((work, wait) => db.read((rows) => work(many(rows)), wait)) as typeof db.read },
    };
    const request = { req: 'r', signal: AbortSignal.timeout(600_000) };
    const found = await suggestNames(vault, { ...by, scopes: [] } as never, 'agent', 'x', 10, request as never);
    expect(found).toEqual({ names: [], complete: false });
    expect(read).toBe(2000);
  });
});
