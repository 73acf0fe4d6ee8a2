// Partial approvals and reasons of revocations: every way to get or to read more must fail.
import { beforeAll, describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
let recording: string;
beforeAll(async () => {
  recording = await world.deposited(world.harbour, 'call', wav(1000));
});

const post = (who: KeyHolder, path: string, json?: unknown) => world.call('POST', path, { key: who.key, json });
const rowsOf = async (table: string) => (await world.snapshot(true)).filter((line) => line.startsWith(`${table} `));

async function ask(wish: object = {}): Promise<string> {
  const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15, objects: ['audio'], ...wish };
  return ((await (await post(world.harbour.reviewer, '/v1/access-requests', json)).json()) as { id: string }).id;
}

describe('an approval', () => {
  it.each([
    { minutes: 16 },
    { minutes: 0 },
    { minutes: -1 },
    { minutes: 1.5 },
    { minutes: '5' },
    { minutes: 1e9 },
    { objects: ['transcript'] },
    { objects: ['audio', 'transcript'] },
    { objects: [] },
    { objects: ['export'] },
    { objects: 'audio' },
    { minutes: 5, uses: 99 },
    { person: 'usr_other' },
    null,
    [],
  ])('of %j is rejected and changes nothing', async (only) => {
    const id = await ask();
    const before = await world.snapshot(true);
    await expectProblem(
      await post(world.harbour.supervisor, `/v1/access-requests/${id}/approve`, only),
      400,
      'malformed',
    );
    expect(await world.snapshot(true)).toEqual(before);
  });

  it('with a body that is not JSON is not a full approval', async () => {
    const path = `/v1/access-requests/${await ask()}/approve`;
    const sent = { key: world.harbour.supervisor.key, body: '{"minutes":1}' };
    const before = await world.snapshot(true);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
      await expectProblem(await world.call('POST', path, { ...sent, type }), 415, 'media_type_unsupported');
    const cut = await world.call('POST', path, { ...sent, type: 'application/json', body: '{"minutes":' });
    await expectProblem(cut, 400, 'malformed');
    const long = { ...sent, type: 'application/json', body: `{"minutes":1,"a":"${'x'.repeat(300_000)}"}` };
    await expectProblem(await world.call('POST', path, long), 413, 'body_too_large');
    expect(await world.snapshot(true)).toEqual(before);
  });

  it('of part of an own request is denied as well', async () => {
    const { supervisor } = world.harbour;
    const json = { recording, purpose: 'quality', reason: 'own sample', minutes: 15 };
    const asked = (await (await post(supervisor, '/v1/access-requests', json)).json()) as { id: string };
    const reply = await post(supervisor, `/v1/access-requests/${asked.id}/approve`, { minutes: 1 });
    expect((await expectProblem(reply, 403, 'access_refused')).checks).toContainEqual({
      check: 'another-person',
      ok: false,
      code: 'own_request',
    });
  });

  it('of two at once with different scopes creates one grant, with the scope of one', async () => {
    const second = await world.person(world.harbour.tenant, ['supervisor']);
    for (let round = 0; round < 5; round++) {
      const path = `/v1/access-requests/${await ask()}/approve`;
      const grants = (await rowsOf('access_grant')).length;
      const [wide, narrow] = await Promise.all([
        post(world.harbour.supervisor, path),
        post(second, path, { minutes: 1 }),
      ]);
      const won = wide.status === 200 ? wide : narrow;
      expect([wide.status, narrow.status].sort()).toEqual([200, 403]);
      expect(await rowsOf('access_grant')).toHaveLength(grants + 1);
      const { grant } = (await won.json()) as { grant: { minutes: number } };
      expect(grant.minutes).toBe(won === narrow ? 1 : 15);
    }
  });

  it('is the same under one Idempotency-Key, and another body is another request', async () => {
    const path = `/v1/access-requests/${await ask()}/approve`;
    const sent = { key: world.harbour.supervisor.key, headers: { 'idempotency-key': 'approve-1' } };
    const first = await world.call('POST', path, { ...sent, json: { minutes: 2 } });
    const again = await world.call('POST', path, { ...sent, json: { minutes: 2 } });
    expect([again.status, await again.json()]).toEqual([200, await first.json()]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await expectProblem(await world.call('POST', path, sent), 422, 'idempotency_key_reused');
    await expectProblem(
      await world.call('POST', path, { ...sent, json: { minutes: 3 } }),
      422,
      'idempotency_key_reused',
    );
  });
});

describe('invisible text, or text with control characters,', () => {
  it.each([
    '\u200b\u200b\u200b',
    '\u2060 \u00a0\u00ad',
    'a\u0000bc',
    '\u001b[31mred',
    'a\u009b31m',
    'ab\ud800',
    'a\rb',
  ])('is not a valid reason: %j', async (reason) => {
    const { reviewer, supervisor } = world.harbour;
    const wish = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const [asked, grant] = [await ask(), await world.grant(world.harbour, recording)];
    const before = await world.snapshot(true);
    for (const [who, path, json] of [
      [reviewer, '/v1/access-requests', { ...wish, reason }],
      [reviewer, '/v1/access-requests', { ...wish, ticket: reason }],
      [supervisor, `/v1/access-requests/${asked}/deny`, { reason }],
      [supervisor, `/v1/grants/${grant}/revoke`, { reason }],
    ] as const)
      await expectProblem(await post(who, path, json), 400, 'malformed');
    expect(await world.snapshot(true)).toEqual(before);
  });
});

describe('a revocation', () => {
  it.each([{ reason: 'no' }, { reason: 'x'.repeat(501) }, { reason: 7 }, { reason: '   ' }, { why: 'because' }])(
    'with %j is rejected and the grant stays',
    async (body) => {
      const grant = await world.grant(world.harbour, recording);
      await expectProblem(await post(world.harbour.supervisor, `/v1/grants/${grant}/revoke`, body), 400, 'malformed');
      const read = await world.call('GET', `/v1/grants/${grant}`, { key: world.harbour.reviewer.key });
      expect(await read.json()).toMatchObject({ state: 'approved', revoked: null });
    },
  );

  it('stores its reason sealed: no row has it in clear', async () => {
    const grant = await world.grant(world.harbour, recording);
    const reason = 'unmistakable words of a reason';
    expect((await post(world.harbour.supervisor, `/v1/grants/${grant}/revoke`, { reason })).status).toBe(200);
    const tables = ['access_grant', 'audit_event', 'audit_detail', 'decision', 'idempotency'];
    for (const table of tables) {
      const rows = world.sql.prepare(`select * from ${table}`).raw().all() as unknown[][];
      const bytes = Buffer.concat(
        rows.flat().map((value) => Buffer.from(Buffer.isBuffer(value) ? value : String(value))),
      );
      expect(bytes.includes(reason)).toBe(false);
    }
  });

  it('succeeds without its reason when the tenant’s key is unavailable', async () => {
    const grant = await world.grant(world.harbour, recording);
    const { vault, harbour } = world;
    vault.metadataKeys.block(harbour.tenant);
    try {
      const headers = { 'idempotency-key': 'revoke-1' };
      const sent = { key: harbour.supervisor.key, headers, json: { reason: 'wrong recording' } };
      expect((await world.call('POST', `/v1/grants/${grant}/revoke`, sent)).status).toBe(200);
    } finally {
      vault.metadataKeys.unblock(harbour.tenant);
    }
    const row = world.sql.prepare('select state, revoked_by, revoked_words from access_grant where id = ?').get(grant);
    expect(row).toEqual({ state: 'REVOKED', revoked_by: harbour.supervisor.id, revoked_words: null });
  });
});

describe('lists', () => {
  it.each([
    '/v1/access-requests?state=open',
    '/v1/access-requests?state=REQUESTED',
    '/v1/access-requests?mine=yes',
    '/v1/access-requests?cursor=x',
    '/v1/grants?state=dead',
    '/v1/grants?mine=1',
    '/v1/grants?limit=0',
    '/v1/grants?limit=201',
    '/v1/grants?cursor=..',
  ])('%s is rejected', async (path) => {
    await expectProblem(await world.call('GET', path, { key: world.harbour.supervisor.key }), 400, 'malformed');
  });

  it('contain nothing of another tenant, with any filter', async () => {
    await world.grant(world.harbour, recording);
    for (const path of [
      '/v1/grants?mine=false',
      '/v1/grants',
      '/v1/access-requests',
      '/v1/access-requests?mine=false',
    ]) {
      for (const who of ['supervisor', 'reviewer', 'privacy'] as const) {
        const reply = await world.call('GET', path, { key: world.yunhai[who].key });
        expect(await reply.json()).toEqual({ data: [], next_cursor: null });
      }
    }
  });

  it('show privacy and a colleague nothing of requests by others', async () => {
    await ask();
    for (const who of ['privacy', 'colleague'] as const) {
      for (const path of ['/v1/access-requests?state=requested', '/v1/grants?mine=false']) {
        const reply = await world.call('GET', path, { key: world.harbour[who].key });
        expect(await reply.json()).toEqual({ data: [], next_cursor: null });
      }
    }
  });
});
