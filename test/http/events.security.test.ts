// The event stream: who receives nothing, and what ends it.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { revokeApiKey } from '../../src/vault/people/api-keys.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { signInBrowser } from '../support/browser.ts';
import { type EventStream, openStream } from '../support/event-stream.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { type KeyHolder, makeWorld, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

let world: World;
let recording: string;
let url: string;
const open: EventStream[] = [];
beforeEach(async () => {
  world = await makeWorld();
  url = `${(await world.listen()).url}/v1/events`;
  recording = await world.deposited(world.harbour, 'call', wav(1000));
});
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close();
  await world.end();
});

const operator = operatorActor('op-1');
const minute = () => ({ signal: AbortSignal.timeout(600_000) });
const bearer = (by: KeyHolder) => ({ authorization: `Bearer ${by.key}` });

async function follow(headers: Readonly<Record<string, string>>, begun = true): Promise<EventStream> {
  const stream = await openStream(url, headers);
  open.push(stream);
  if (begun) await until('the stream begins', () => stream.events.length > 0, { everyMs: 5 });
  return stream;
}
const post = (by: KeyHolder, path: string, json?: object) => world.call('POST', path, { key: by.key, json });
const soon = (ended: Promise<void>) => Promise.race([ended.then(() => 'ended'), sleep(60_000, 'goes on')]);

describe('no event is sent', () => {
  it('to another tenant, to a colleague, to privacy; nor a request to a reviewer', async () => {
    const { reviewer, colleague, privacy, supervisor } = world.harbour;
    const quiet = [
      await follow(bearer(world.yunhai.supervisor)),
      await follow(bearer(world.yunhai.reviewer)),
      await follow(bearer(colleague)),
      await follow(bearer(privacy)),
    ];
    const mine = await follow(bearer(reviewer));
    const grant = await world.grant(world.harbour, recording);
    await world.session(world.harbour, grant);
    await post(supervisor, `/v1/grants/${grant}/revoke`);
    await mine.wait(3);
    expect(mine.accessEvents().map(({ type }) => type)).toEqual(['approved', 'revoked', 'session_ended']);
    await sleep(500);
    for (const stream of quiet) expect(stream.accessEvents()).toEqual([]);
  });

  it('to a supervisor about their own request, nor about sessions of others', async () => {
    const { supervisor } = world.harbour;
    const second = await world.person(world.harbour.tenant, ['supervisor']);
    const [mine, theirs] = [await follow(bearer(supervisor)), await follow(bearer(second))];
    const json = { recording, purpose: 'quality', reason: 'own sample', minutes: 15 };
    const { id } = (await (await post(supervisor, '/v1/access-requests', json)).json()) as { id: string };
    const approved = await post(second, `/v1/access-requests/${id}/approve`);
    const { grant } = (await approved.json()) as { grant: { id: string } };
    const opened = (await (await post(supervisor, `/v1/grants/${grant.id}/sessions`)).json()) as { id: string };
    await world.call('DELETE', `/v1/sessions/${opened.id}`, { key: supervisor.key });
    await mine.wait(2);
    await theirs.wait(2);
    await sleep(400);
    expect(mine.accessEvents().map(({ type }) => type)).toEqual(['approved', 'session_ended']);
    expect(theirs.accessEvents().map(({ type }) => type)).toEqual(['requested', 'approved']);
  });

  it('to a key without the scope to decide, though its owner may', async () => {
    const { tenant, supervisor } = world.harbour;
    const { secret } = await world.keyOf(tenant, supervisor.id, ['request']);
    const stream = await follow({ authorization: `Bearer ${secret}` });
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    await post(world.harbour.reviewer, '/v1/access-requests', json);
    await sleep(600);
    expect(stream.accessEvents()).toEqual([]);
  });

  it.each(['uploader', 'auditor', 'admin'] as const)('to %s', async (role) => {
    const reply = await world.call('GET', '/v1/events', { key: world.harbour[role].key });
    await expectProblem(reply, 403, 'forbidden');
  });
});

describe('a stream ends', () => {
  it('at once with its own sign-in, and with no other', async () => {
    const { tenant, reviewer } = world.harbour;
    const [one, other] = [
      await signInBrowser(world, tenant, reviewer.id),
      await signInBrowser(world, tenant, reviewer.id),
    ];
    const cookie = ({ cookies }: typeof one) => ({
      cookie: `__Host-callvault=${cookies.get('__Host-callvault')?.value}`,
    });
    const [first, second] = [await follow(cookie(one)), await follow(cookie(other))];
    const since = performance.now();
    await one.call('DELETE', '/v1/sign-in');
    expect(await soon(first.ended)).toBe('ended');
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(await Promise.race([second.ended.then(() => 'ended'), sleep(400, 'goes on')])).toBe('goes on');
    expect((await follow(cookie(one), false)).status).toBe(401);
  });

  it('before it begins if the sign-in ends meanwhile', async () => {
    const browser = await signInBrowser(world, world.harbour.tenant, world.harbour.reviewer.id);
    const db = world.vault.db as { note: (...given: never[]) => Promise<unknown> };
    const { note } = db;
    // The read is counted just before the log is read.
    db.note = async (...given) => {
      db.note = note;
      await browser.call('DELETE', '/v1/sign-in');
      return note(...given);
    };
    const headers = { cookie: `__Host-callvault=${browser.cookies.get('__Host-callvault')?.value}` };
    expect((await follow(headers, false)).status).toBe(401);
  });

  it('with an idle sign-in: the stream does not keep that alive', async () => {
    const { tenant, reviewer } = world.harbour;
    const browser = await signInBrowser(world, tenant, reviewer.id);
    const headers = { cookie: `__Host-callvault=${browser.cookies.get('__Host-callvault')?.value}` };
    for (let n = 0; n < 3; n++) {
      world.forward(4 * 60_000);
      (await follow(headers)).close();
    }
    const stream = await follow(headers);
    world.forward(24 * 3_600_000);
    expect(await soon(stream.ended)).toBe('ended');
  });

  it('at once with its API key', async () => {
    const { tenant, reviewer } = world.harbour;
    const { id, secret } = await world.keyOf(tenant, reviewer.id);
    const stream = await follow({ authorization: `Bearer ${secret}` });
    await revokeApiKey(world.vault, operator, id, null, minute());
    expect(await soon(stream.ended)).toBe('ended');
  });

  it('at once with its tenant', async () => {
    const stream = await follow(bearer(world.harbour.reviewer));
    const other = await follow(bearer(world.yunhai.reviewer));
    await suspendTenant(world.vault, operator, world.harbour.tenant, minute());
    expect(await soon(stream.ended)).toBe('ended');
    expect(await Promise.race([other.ended.then(() => 'ended'), sleep(400, 'goes on')])).toBe('goes on');
  });

  it('never: one that resumes from before a suspension continues after it', async () => {
    const { tenant, reviewer } = world.harbour;
    const first = await follow(bearer(reviewer));
    const last = first.events[0]?.id ?? '';
    await suspendTenant(world.vault, operator, tenant, minute());
    await resumeTenant(world.vault, operator, tenant, minute());
    const again = await follow({ ...bearer(reviewer), 'last-event-id': last });
    expect(await Promise.race([again.ended.then(() => 'ended'), sleep(600, 'goes on')])).toBe('goes on');
  });

  it.each([
    ["update principal set state = 'OFF' where id = ?", 'who is turned off'],
    ["update principal set roles = 'privacy' where id = ?", 'whose roles change'],
  ])('at the next check of the person: %s', async (statement) => {
    const { supervisor } = world.harbour;
    const stream = await follow(bearer(supervisor));
    world.sql.prepare(statement).run(supervisor.id);
    world.forward(16_000);
    expect(await soon(stream.ended)).toBe('ended');
  });

  it('as soon as the server shuts down', async () => {
    const streams = [await follow(bearer(world.harbour.reviewer)), await follow(bearer(world.yunhai.reviewer))];
    world.ready.drain();
    for (const stream of streams) expect(await soon(stream.ended)).toBe('ended');
    const reply = await world.call('GET', '/v1/events', { key: world.harbour.reviewer.key });
    await expectProblem(reply, 503, 'not_available');
  });
});

it('a person has at most eight streams, and closing one frees it', async () => {
  const { reviewer, colleague } = world.harbour;
  const streams: EventStream[] = [];
  for (let n = 0; n < 8; n++) streams.push(await follow(bearer(reviewer)));
  const ninth = await world.call('GET', '/v1/events', { key: reviewer.key });
  expect(ninth.headers.get('retry-after')).toBe('30');
  await expectProblem(ninth, 429, 'too_many_streams');
  expect((await follow(bearer(colleague))).status).toBe(200);
  streams[0]?.close();
  await until('the one that was left is free', async () => {
    const stream = await follow(bearer(reviewer), false);
    return stream.status === 200;
  });
});

it.each(['x', '-1', '1e3', '99999999999999', '999999999999999999999', '__proto__', "1' or 1=1"])(
  'Last-Event-ID %j starts with new events',
  async (last) => {
    const stream = await follow({ ...bearer(world.harbour.reviewer), 'last-event-id': last });
    expect(stream.status).toBe(200);
    await sleep(300);
    expect(stream.accessEvents()).toEqual([]);
  },
);

it('a client far behind gets a missed event and continues with new events', async () => {
  const { reviewer, tenant } = world.harbour;
  const insert = world.sql.prepare('insert into audit_event (log, seq, id, leaf, hash) values (?, ?, ?, ?, ?)');
  const size = world.sql.prepare('select size from audit_head where log = ?').pluck().get(tenant) as number;
  world.sql.transaction(() => {
    for (let n = 0; n < 2_100; n++) insert.run(tenant, size + n, `evt_${n}`, Buffer.from('{}'), Buffer.alloc(32));
  })();
  world.sql.prepare('update audit_head set size = size + 2100 where log = ?').run(tenant);
  const stream = await follow({ ...bearer(reviewer), 'last-event-id': '3' });
  expect(stream.events[0]).toMatchObject({ event: 'missed', data: '{}' });
  const near = await follow({ ...bearer(reviewer), 'last-event-id': String(size + 200) });
  expect(near.events.some(({ event }) => event === 'missed')).toBe(false);
  await world.grant(world.harbour, recording);
  for (const one of [stream, near]) await one.wait(1);
});

it('HEAD opens no subscription', async () => {
  for (let n = 0; n < 12; n++) {
    const reply = await world.call('HEAD', '/v1/events', { key: world.harbour.reviewer.key });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  }
});
