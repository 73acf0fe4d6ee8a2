// Idempotency-Key: a repeated request has one effect and gets the original reply.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../scripts/docs/api-routes.ts';
import { type IdKind, newId } from '../../src/bytes/ids.ts';
import type { World } from '../support/world.ts';
import { EXAMPLES } from './examples/all.ts';
import { type Example, send } from './examples/example.ts';
import { type Keyed, makeKeyed, said, wishFor } from './keyed.ts';
import { expectProblem } from './problem.ts';

let world: World;
let recording: string;
let post: Keyed['post'];
let asked: Keyed['asked'];
let events: Keyed['events'];
let all: Keyed['all'];
beforeEach(async () => {
  ({ world, recording, post, asked, events, all } = await makeKeyed());
});
afterEach(() => world.end());

/** Every POST and PATCH that takes an Idempotency-Key. */
const KEYED = (await apiRoutes())
  .filter(({ operation }) => operation.parameters?.some(({ name }) => name === 'Idempotency-Key'))
  .map(({ request, operation }) => ({
    request,
    make: EXAMPLES[operation.operationId] as NonNullable<(typeof EXAMPLES)[string]>,
  }));

it('there are such operations', () => {
  expect(KEYED.length).toBeGreaterThan(30);
});

describe.each(KEYED)('$request', ({ request, make }) => {
  let example: Example;
  beforeEach(async () => {
    example = await make(world);
  });
  const sendWith = (key: string, changed: Partial<Example> = {}): Promise<Response> =>
    send(world, request.replace(/ .*/, ''), { ...example, ...changed }, { 'idempotency-key': key });

  it('repeated has no second effect and gets the same reply', async () => {
    const first = await sendWith('k-1');
    expect(first.status).toBeLessThan(300);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    const told = await said(first);
    expect(told.audit).not.toBeNull();
    const before = await all();
    for (const key of ['k-1', '"k-1"']) {
      const again = await sendWith(key);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(await said(again)).toEqual(told);
    }
    expect(await all()).toEqual(before);
    const [, log, index, hash] = /^(\S+) (\d+) (\S+)$/.exec(told.audit ?? '') ?? [];
    const kept = world.sql.prepare('select hash from audit_event where log = ? and seq = ?');
    const row = kept.get(world.harbour.tenant, Number(index)) as { hash: Buffer };
    expect([log, hash]).toEqual([`vault.example/${world.harbour.tenant}`, row.hash.toString('base64')]);
  });

  it('with the same key and another body is rejected', async () => {
    expect((await sendWith('k-1')).status).toBeLessThan(300);
    const before = await all();
    const { other, path } = example;
    if (other !== undefined)
      await expectProblem(await sendWith('k-1', { sent: { json: other } }), 422, 'idempotency_key_reused');
    if (request.includes('{id}')) {
      const elsewhere = path.replace(/(req|grt|ses|key|usr|chg|tea|bat|hld|rec|sub)_\w+/, (id) =>
        newId(id.slice(0, 3) as IdKind),
      );
      await expectProblem(await sendWith('k-1', { path: elsewhere }), 422, 'idempotency_key_reused');
    }
    expect(await all()).toEqual(before);
  });

  it('sent twelve times concurrently has one effect', async () => {
    const before = events();
    const replies = await Promise.all(Array.from({ length: 12 }, () => sendWith('k-1')));
    const firsts = replies.filter(({ status, headers }) => status < 300 && !headers.has('idempotency-replayed'));
    expect(firsts).toHaveLength(1);
    const told = await said(firsts[0] as Response);
    for (const reply of replies.filter((one) => one !== firsts[0])) {
      if (reply.status === 409) {
        expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
        const { retryable } = (await expectProblem(reply, 409, 'idempotency_in_progress')) as { retryable?: boolean };
        expect(retryable).toBe(true);
      } else expect(await said(reply)).toEqual(told);
    }
    expect(events() - before).toBe(example.events ?? 1);
    expect(await said(await sendWith('k-1'))).toEqual(told);
  });

  it('whose reply cannot be stored changes nothing, and succeeds once it can', async () => {
    const before = await all();
    world.sql.exec("create trigger jam before update on idempotency begin select raise(abort, 'jam'); end");
    await expectProblem(await sendWith('k-1'), 409, 'conflict');
    expect(await all()).toEqual(before);
    world.sql.exec('drop trigger jam');
    const later = await sendWith('k-1');
    expect(later.headers.get('idempotency-replayed')).toBeNull();
    expect(later.status).toBeLessThan(300);
  });
});

describe('a reply is replayed unchanged', () => {
  it('after the request was approved, its grant used and revoked, and its session closed', async () => {
    const { reviewer, supervisor } = world.harbour;
    const wish = wishFor(recording);
    const ask = () => post(reviewer, '/v1/access-requests', 'ask', wish);
    const first = await said(await ask());
    const { id } = JSON.parse(first.body) as { id: string };
    const approve = () => post(supervisor, `/v1/access-requests/${id}/approve`, 'approve');
    const second = await said(await approve());
    const { grant } = JSON.parse(second.body) as { grant: { id: string } };
    const open = () => post(reviewer, `/v1/grants/${grant.id}/sessions`, 'open');
    const third = await said(await open());
    const session = (JSON.parse(third.body) as { id: string }).id;
    for (let n = 0; n < 5; n++) expect(await said(await open())).toEqual(third);
    expect((await world.call('DELETE', `/v1/sessions/${session}`, { key: reviewer.key })).status).toBe(200);
    expect((await post(supervisor, `/v1/grants/${grant.id}/revoke`, 'revoke')).status).toBe(200);
    expect(await said(await ask())).toEqual(first);
    expect(await said(await approve())).toEqual(second);
    expect(await said(await open())).toEqual(third);
    // A replayed reply grants nothing.
    const heard = await world.call('GET', `/v1/sessions/${session}/media`, { key: reviewer.key });
    await expectProblem(heard, 403, 'session_ended');
    const left = world.sql.prepare('select uses - uses_left from access_grant where id = ?').pluck().get(grant.id);
    expect(left).toBe(1);
  });

  it('for the first of two required approvals', async () => {
    const id = await asked();
    world.sql.prepare('update access_request set approvals_needed = 2 where id = ?').run(id);
    await world.reseal();
    const second = await world.person(world.harbour.tenant, ['supervisor']);
    const approve = () => post(world.harbour.supervisor, `/v1/access-requests/${id}/approve`, 'k');
    const told = await said(await approve());
    expect(JSON.parse(told.body)).toMatchObject({ state: 'requested', grant: null });
    const other = await post(second, `/v1/access-requests/${id}/approve`, 'k');
    expect(await other.json()).toMatchObject({ state: 'approved' });
    expect(await said(await approve())).toEqual(told);
  });

  it('for a call that was already described', async () => {
    const body = { source: 'pbx', call_id: 'twice' };
    const describe1 = (key: string) => post(world.harbour.uploader, '/v1/recordings', key, body);
    const [first, second] = [await said(await describe1('a')), await said(await describe1('b'))];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await said(await describe1('a'))).toEqual(first);
    expect(await said(await describe1('b'))).toEqual(second);
  });

  it('only to callers who may still use the route', async () => {
    const { supervisor } = world.harbour;
    const path = `/v1/access-requests/${await asked()}/approve`;
    expect((await post(supervisor, path, 'k')).status).toBe(200);
    world.sql.prepare("update principal set roles = 'reviewer' where id = ?").run(supervisor.id);
    await world.reseal();
    await expectProblem(await post(supervisor, path, 'k'), 403, 'forbidden');
    world.sql.prepare("update principal set roles = 'supervisor' where id = ?").run(supervisor.id);
    await world.reseal();
    world.sql.prepare("update tenant set state = 'SUSPENDED' where tenant = ?").run(world.harbour.tenant);
    await expectProblem(await post(supervisor, path, 'k'), 503, 'not_available');
  });
});
