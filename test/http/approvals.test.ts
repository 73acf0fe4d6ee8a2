// Decisions: partial approvals, revocations with a reason, and what both sides see.
import { beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();
let recording: string;
beforeAll(async () => {
  recording = await ingest('call', { 'vault-meta-from': '13812345678', 'vault-meta-to': '%2B442079460958' });
});

type Json = Readonly<Record<string, unknown>>;
type Seen = Json & { readonly id: string; readonly grant: (Json & { readonly id: string }) | null };

async function ingest(callId: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const more = { 'vault-meta-agent': 'Rosa', 'vault-meta-queue': 'loans', 'vault-meta-direction': 'inbound' };
  return world.deposited(world.harbour, callId, wav(1000), { ...more, ...headers });
}

async function call<T = Seen>(method: string, path: string, by: KeyHolder, json?: unknown, status = 200): Promise<T> {
  const reply = await world.call(method, path, { key: by.key, json });
  expect(reply.status, path).toBe(status);
  return (await reply.json()) as T;
}

async function ask(of = recording, wish: Json = {}): Promise<string> {
  const json = { recording: of, purpose: 'quality', reason: 'weekly sample', ticket: 'T-1', minutes: 15, ...wish };
  return (await call('POST', '/v1/access-requests', world.harbour.reviewer, json, 201)).id;
}

describe('an approval', () => {
  it('of less creates a smaller grant, and the request keeps its scope', async () => {
    const { supervisor, reviewer } = world.harbour;
    const id = await ask();
    const only = { minutes: 5, objects: ['audio'] };
    const approved = await call('POST', `/v1/access-requests/${id}/approve`, supervisor, only);
    expect(approved).toMatchObject({ minutes: 15, objects: ['audio', 'transcript'], grant: only });
    const seen = await call('GET', `/v1/access-requests/${id}`, reviewer);
    expect(seen['decisions']).toEqual([
      expect.objectContaining({ approver: supervisor.id, approver_name: 'Sue', reason: null, ...only }),
    ]);
  });

  it('without a body, or with an empty one, grants the whole request', async () => {
    for (const body of [undefined, {}]) {
      const id = await ask();
      const { grant } = await call('POST', `/v1/access-requests/${id}/approve`, world.harbour.supervisor, body);
      expect(grant).toMatchObject({ objects: ['audio', 'transcript'], uses: 3, uses_left: 3 });
    }
  });

  it('combines with others: the fewest minutes and the common objects', async () => {
    const second = await world.person(world.harbour.tenant, ['supervisor']);
    const id = await ask();
    world.sql.prepare('update access_request set approvals_needed = 2 where id = ?').run(id);
    await world.reseal();
    const path = `/v1/access-requests/${id}/approve`;
    const first = await call('POST', path, world.harbour.supervisor, { minutes: 10, objects: ['audio'] });
    expect(first).toMatchObject({ state: 'requested', grant: null });
    const nothing = await call<Json>('POST', path, second, { objects: ['transcript'] }, 400);
    expect(nothing['code']).toBe('malformed');
    const { grant } = await call('POST', path, second, { minutes: 12 });
    expect(grant).toMatchObject({ minutes: 10, objects: ['audio'] });
  });
});

it('an empty body counts as no body, with any type and encoding', async () => {
  const { port } = await world.listen();
  const headers = { authorization: `Bearer ${world.harbour.supervisor.key}` };
  for (const type of [undefined, 'application/json', 'application/x-www-form-urlencoded']) {
    const sent = type === undefined ? headers : { ...headers, 'content-type': type };
    const path = `http://127.0.0.1:${port}/v1/access-requests/${await ask()}/approve`;
    const reply = await fetch(path, { method: 'POST', headers: sent });
    expect([reply.status, ((await reply.json()) as Seen)['state']]).toEqual([200, 'approved']);
  }
});

it('a body of undeclared length without a type is not taken for an empty one', async () => {
  const { port } = await world.listen();
  const path = `http://127.0.0.1:${port}/v1/access-requests/${await ask()}/approve`;
  const headers = { authorization: `Bearer ${world.harbour.supervisor.key}` };
  const body = new Blob(['{"minutes":1}']).stream();
  const reply = await fetch(path, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
  expect(reply.status).toBe(415);
});

describe('a request', () => {
  it('is shown with names, use and checks, and the recording without whole numbers', async () => {
    const { supervisor, reviewer } = world.harbour;
    const id = await ask();
    const forDecider = await call('GET', `/v1/access-requests/${id}`, supervisor);
    expect(forDecider).toMatchObject({
      requester: reviewer.id,
      requester_name: 'Rita',
      reason: 'weekly sample',
      ticket: 'T-1',
      recording_facts: {
        direction: 'inbound',
        from_masked: '138****5678',
        to_masked: '+44 ****0958',
        agent: 'Rosa',
        queue: 'loans',
        basis_kind: 'consent',
        state: 'available',
        objects: ['audio'],
      },
    });
    const { asked_30d: asked, denied_30d: denied } = forDecider['requester_use'] as Record<string, number>;
    expect([asked, denied]).toEqual([expect.any(Number), 0]);
    expect(asked).toBeGreaterThan(0);
    const names = (forDecider['checks'] as { check: string; ok: boolean }[]).map(({ check }) => check);
    expect(names.indexOf('recording-available')).toBeLessThan(names.indexOf('another-person'));
    expect(JSON.stringify(forDecider)).not.toContain('13812345678');
    expect((await call('GET', `/v1/access-requests/${id}`, reviewer))['checks']).toBeNull();
  });

  it('that is denied shows the reason and the decider to its requester', async () => {
    const id = await ask();
    await call('POST', `/v1/access-requests/${id}/deny`, world.harbour.supervisor, { reason: 'no sample this week' });
    const seen = await call('GET', `/v1/access-requests/${id}`, world.harbour.reviewer);
    expect(seen['decisions']).toEqual([
      expect.objectContaining({ approver_name: 'Sue', decision: 'deny', reason: 'no sample this week' }),
    ]);
  });

  it('is marked in a list where another has the same number, which no reply shows', async () => {
    const { reviewer } = world.harbour;
    const numbers = [
      ['same-1', '+442079460111', 'inbound'],
      ['same-2', '+442079460111', 'outbound'],
      ['same-3', '+442079460112', 'inbound'],
      ['same-4', '020 7946 0111', 'inbound'],
    ] as const;
    const asked: string[] = [];
    for (const [callId, number, direction] of numbers) {
      const end = direction === 'inbound' ? 'from' : 'to';
      const agent = direction === 'inbound' ? 'to' : 'from';
      const of = await ingest(callId, {
        [`vault-meta-${end}`]: encodeURIComponent(number),
        [`vault-meta-${agent}`]: encodeURIComponent('+442079460999'),
        'vault-meta-direction': direction,
      });
      asked.push(await ask(of));
    }
    const { data } = await call<{ data: Seen[] }>('GET', '/v1/access-requests?limit=4', reviewer);
    const groups = asked.map((id) => data.find((one) => one.id === id)?.['same_number']);
    expect(groups).toEqual([1, 1, null, 1]);
    expect(JSON.stringify(data)).not.toContain('2079460111');
    // Only requests of the same page count.
    const first = await call<{ data: Seen[] }>('GET', '/v1/access-requests?limit=2', reviewer);
    expect(first.data.map((one) => one['same_number'])).toEqual([null, null]);
  });

  it('is found by state and requester', async () => {
    const { supervisor, reviewer, colleague } = world.harbour;
    const [open, own] = [await ask(), (await call('POST', '/v1/access-requests', supervisor, wishOf(), 201)).id];
    const ids = async (query: string, by: KeyHolder) =>
      (await call<{ data: Seen[] }>('GET', `/v1/access-requests?limit=200&${query}`, by)).data.map(({ id }) => id);
    expect(await ids('state=requested&mine=false', supervisor)).toContain(open);
    expect(await ids('state=requested&mine=false', supervisor)).not.toContain(own);
    expect(await ids('mine=true', supervisor)).toEqual([own]);
    expect(await ids('state=denied', reviewer)).not.toContain(open);
    expect(await ids('state=requested', reviewer)).toContain(open);
    expect(await ids('mine=false', colleague)).toEqual([]);
    expect(await ids('', colleague)).toEqual([]);
  });
});

const wishOf = () => ({ recording, purpose: 'quality', reason: 'own sample', minutes: 5 });

describe('a grant', () => {
  it('that is revoked shows when, by whom and why', async () => {
    const { supervisor, reviewer } = world.harbour;
    const id = await world.grant(world.harbour, recording);
    expect(await call('GET', `/v1/grants/${id}`, reviewer)).toMatchObject({ revoked: null, requester_name: 'Rita' });
    await call('POST', `/v1/grants/${id}/revoke`, supervisor, { reason: 'wrong recording' });
    expect(await call('GET', `/v1/grants/${id}`, reviewer)).toMatchObject({
      state: 'revoked',
      revoked: { by: { id: supervisor.id, name: 'Sue' }, reason: 'wrong recording' },
      recording_facts: { from_masked: '138****5678' },
    });
    const other = await world.grant(world.harbour, recording);
    await call('POST', `/v1/grants/${other}/revoke`, reviewer);
    expect(await call('GET', `/v1/grants/${other}`, reviewer)).toMatchObject({ revoked: { reason: null } });
  });

  it('is listed while it is live: own ones, and for people who decide all', async () => {
    const { supervisor, reviewer, colleague } = world.harbour;
    const [live, over] = [await world.grant(world.harbour, recording), await world.grant(world.harbour, recording)];
    await call('POST', `/v1/grants/${over}/revoke`, reviewer);
    const ids = async (query: string, by: KeyHolder) =>
      (await call<{ data: Seen[] }>('GET', `/v1/grants?limit=200&${query}`, by)).data.map(({ id }) => id);
    expect(await ids('state=live', reviewer)).toContain(live);
    expect(await ids('state=live', reviewer)).not.toContain(over);
    expect(await ids('', reviewer)).toContain(over);
    expect(await ids('state=live&mine=false', supervisor)).toContain(live);
    expect(await ids('state=live', supervisor)).toEqual([]);
    expect(await ids('mine=false', colleague)).toEqual([]);
    const [first, second] = await ids('', reviewer);
    const page = await call<{ data: Seen[]; next_cursor: string }>('GET', '/v1/grants?limit=1', reviewer);
    expect(page.data.map(({ id }) => id)).toEqual([first]);
    expect(await ids(`cursor=${page.next_cursor}`, reviewer)).toContain(second);
    for (const path of ['/v1/grants', '/v1/access-requests']) {
      const whole = await call<{ data: Seen[] }>('GET', `${path}?limit=200`, reviewer);
      const exact = await call<{ next_cursor: string | null }>('GET', `${path}?limit=${whole.data.length}`, reviewer);
      expect(exact.next_cursor).toBeNull();
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query = `limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const next: { data: Seen[]; next_cursor: string | null } = await call('GET', `${path}?${query}`, reviewer);
        seen.push(...next.data.map(({ id }) => id));
        cursor = next.next_cursor;
      }
      expect(seen).toEqual(whole.data.map(({ id }) => id));
    }
  });
});

it('an erasure deletes all text about a recording, including the reason of a revocation', async () => {
  const { harbour, vault } = world;
  const erased = await ingest('to-erase');
  const denied = await ask(erased);
  await call('POST', `/v1/access-requests/${denied}/deny`, harbour.supervisor, { reason: 'said of it' });
  const revoked = await world.grant(harbour, erased);
  await call('POST', `/v1/grants/${revoked}/revoke`, harbour.supervisor, { reason: 'said of it' });
  const open = await world.grant(harbour, erased);
  const what = { tenant: harbour.tenant, recording: erased, reason: 'request' } as const;
  await eraseRecording(vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(600_000) });
  const seen = await call('GET', `/v1/access-requests/${denied}`, harbour.reviewer);
  expect(seen).toMatchObject({ reason: '', ticket: null, recording_facts: null, decisions: [{ reason: null }] });
  expect(await call('GET', `/v1/grants/${revoked}`, harbour.reviewer)).toMatchObject({ revoked: { reason: null } });
  expect(await call('GET', `/v1/grants/${open}`, harbour.reviewer)).toMatchObject({
    revoked: { by: { id: 'op-1', name: null } },
    recording_facts: null,
  });
  expect(await call('GET', `/v1/access-requests/${denied}`, harbour.supervisor)).toMatchObject({
    recording_facts: null,
  });
  const rows = world.sql.prepare('select revoked_words from access_grant where recording = ?').pluck().all(erased);
  expect(rows).toEqual([null, null]);
});
