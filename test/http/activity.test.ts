// Activity: newest first, with names and reasons, by index; a filtered page examines a bounded number of events.
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

type Event = {
  readonly index: number;
  readonly at: string;
  readonly actor: { readonly id: string; readonly type: string; readonly name: string | null };
  readonly action: string;
  readonly object: Readonly<Record<string, string>>;
  readonly detail: Readonly<Record<string, string>> | null;
  readonly detail_state: string;
  readonly leaf: string;
  readonly hash: string;
};
type Page = {
  readonly data: readonly Event[];
  readonly next_cursor: string | null;
  readonly log: string;
  readonly names: Readonly<Record<string, string>>;
  readonly looked: { readonly newest: number; readonly oldest: number; readonly since: string } | null;
};

const world = sharedWorld();
const made = { recording: '', grant: '', session: '' };
beforeAll(async () => {
  const { harbour } = world;
  made.recording = await world.deposited(harbour, 'a', wav(1000));
  made.grant = await world.grant(harbour, made.recording, { reason: 'complaint 4711', ticket: 'CS-1' });
  made.session = await world.session(harbour, made.grant);
});

const read = async (query = '', of: World = world): Promise<Page> => {
  const reply = await of.call('GET', `/v1/activity${query}`, { key: of.harbour.auditor.key });
  expect(reply.status).toBe(200);
  return (await reply.json()) as Page;
};

describe('a page', () => {
  it('has the newest events first, including this read, with names and reasons', async () => {
    const { data, names, log } = await read();
    const { harbour } = world;
    expect(data.map(({ index }) => index)).toEqual([...data.keys()].reverse());
    expect(data.map(({ at }) => at)).toEqual([...data.map(({ at }) => at)].sort().reverse());
    expect(data[0]).toMatchObject({
      action: 'log.read',
      actor: { id: harbour.auditor.id, type: 'person', name: 'Rita' },
    });
    const approved = data.find(({ action }) => action === 'access.approved');
    expect(approved).toMatchObject({
      actor: { id: harbour.supervisor.id, name: 'Sue', auth: 'api-key' },
      detail: null,
    });
    expect(approved).toMatchObject({ detail_state: 'none', object: { recording: made.recording, grant: made.grant } });
    const asked = data.find(({ action }) => action === 'access.requested');
    expect(asked).toMatchObject({ detail_state: 'opened', detail: { reason: 'complaint 4711', ticket: 'CS-1' } });
    expect(names[harbour.reviewer.id]).toBe('Rita');
    expect(log).toBe(`vault.example/${harbour.tenant}`);
  });

  it('names the people in an object', async () => {
    const { data, names } = await read('?action=api_key.created');
    const owners = data.map(({ object }) => object['principal'] ?? '');
    expect(owners.length).toBeGreaterThan(5);
    for (const owner of owners) expect(names[owner]).toMatch(/^(Rita|Sue|Ann|pbx)$/);
  });

  it('contains the bytes and hashes of the log', async () => {
    const reply = await world.call('GET', '/v1/audit/events?limit=1000', { key: world.harbour.auditor.key });
    const { data: all } = (await reply.json()) as { data: { index: number; leaf: string; hash: string }[] };
    for (const { index, leaf, hash } of (await read()).data) {
      expect(all[index]).toMatchObject({ index, leaf, hash });
      expect(sha256(Uint8Array.of(0), Buffer.from(leaf, 'base64')).toString('base64')).toBe(hash);
      expect(JSON.parse(Buffer.from(leaf, 'base64').toString())).toMatchObject({ seq: index });
    }
  });

  it('ends below its cursor, and the last one has no next', async () => {
    const { data: all } = await read('?limit=200');
    const seen: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await read(`?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.data.map(({ index }) => index));
      expect(page.looked).toMatchObject({ newest: page.data[0]?.index, oldest: page.data.at(-1)?.index });
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(all.map(({ index }) => index));
    expect(await read('?cursor=0')).toMatchObject({ data: [], next_cursor: null, looked: null });
  });

  it('is counted as one read of the log', async () => {
    await read();
    await read();
    const { data } = await read('?action=log.read');
    expect(data.length).toBeLessThanOrEqual(2);
  });
});

describe('a filter', () => {
  it('by action, by area, by person and by recording', async () => {
    const { harbour } = world;
    const actions = async (query: string) => (await read(query)).data.map(({ action }) => action);
    expect(await actions('?action=access.approved')).toEqual(['access.approved']);
    expect(new Set(await actions('?action=access'))).toEqual(new Set(['access.approved', 'access.requested']));
    expect(await actions('?action=acces')).toEqual([]);
    expect(new Set(await actions('?action=session,access.approved'))).toEqual(
      new Set(['session.opened', 'access.approved']),
    );
    expect(await actions(`?person=${harbour.reviewer.id}&action=session`)).toEqual(['session.opened']);
    expect(await actions(`?person=${harbour.reviewer.id}`)).toContain('person.added');
    expect(await actions(`?recording=${made.recording}`)).toEqual(
      expect.arrayContaining(['session.opened', 'access.approved', 'access.requested', 'deposit.available']),
    );
  });

  it('by time: the first included, the last not', async () => {
    const { data } = await read('?limit=200');
    const at = data[3]?.at ?? '';
    const from = await read(`?from=${at}&limit=200`);
    expect(from.data.map(({ index }) => index)).toEqual(
      (await read('?limit=200')).data.filter((one) => one.at >= at).map(({ index }) => index),
    );
    const to = await read(`?to=${at}&limit=200`);
    expect(to.data.map(({ index }) => index)).toEqual(data.filter((one) => one.at < at).map(({ index }) => index));
    expect((await read('?to=2020-01-01T00:00:00Z')).data).toEqual([]);
    expect((await read('?from=2100-01-01T00:00:00Z')).data).toEqual([]);
  });
});

it('a filter without matches examines some thousands of events and reports how far', async () => {
  const long = await makeWorld();
  const { harbour, vault } = long;
  const many = Array.from({ length: 3_600 }, () =>
    event(harbour.tenant, operatorActor('op-1'), 'log.read', { id: 'x' }, {}),
  );
  await vault.db.change(async () => ({ result: 0, events: many }), { signal: AbortSignal.timeout(600_000) });
  const first = await read('?action=tenant.created', long);
  expect(first.data).toEqual([]);
  expect(first.looked?.newest).toBeGreaterThan(3_600);
  expect(first.looked?.oldest).toBe(Number(first.next_cursor));
  expect((first.looked?.newest ?? 0) - (first.looked?.oldest ?? 0)).toBe(2_499);
  const second = await read(`?action=tenant.created&cursor=${first.next_cursor}`, long);
  expect(second.data.map(({ action }) => action)).toEqual(['tenant.created']);
  expect(second.next_cursor).toBeNull();
  await long.end();
});

it('while the tenant is suspended the log is readable, without names and details', async () => {
  const { vault, harbour } = world;
  await suspendTenant(vault, operatorActor('op-1'), harbour.tenant, { signal: AbortSignal.timeout(600_000) });
  const { data, names } = await read('?action=access');
  expect(names).toEqual({});
  expect(data.find(({ action }) => action === 'access.requested')).toMatchObject({
    detail: null,
    detail_state: 'sealed',
    actor: { name: null },
  });
});
