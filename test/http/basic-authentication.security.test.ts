// Basic authentication: an API key's id and secret work like the key as Bearer, and nothing else does.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS, type LimitName, type LimitTable } from '../../src/http/rate-limits.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem, type Problem, sameness } from './problem.ts';

/** The usual limits with windows longer than the test on a slow machine. */
const TABLE = Object.fromEntries(
  (Object.keys(LIMITS) as LimitName[]).map((name) => [name, { requests: LIMITS[name].requests, seconds: 3_600 }]),
) as LimitTable;

const world = sharedWorld({ trustedProxies: ['127.0.0.1'], limits: TABLE });
let url: string;
beforeAll(async () => {
  ({ url } = await world.listen());
});

let host = 0;
let address = '';
beforeEach(() => {
  host += 1;
  address = `192.0.2.${host}`;
});

const encoded = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
const basic = (id: string, secret: string): string => `Basic ${encoded(`${id}:${secret}`)}`;
const idOf = (secret: string): string => `key_${secret.slice(3, 29)}`;
/** A wrong secret for the same key. */
const wrongFor = (secret: string): string => `${secret.slice(0, -43)}${'A'.repeat(43)}`;

function me(authorization: string, more: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/v1/me`, { headers: { 'x-forwarded-for': address, authorization, ...more } });
}

/** Asserts the rejection that is the same for all credentials, without a password prompt. */
async function refused(reply: Response, detail: string): Promise<Problem> {
  expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  const problem = await expectProblem(reply, 401, 'unauthenticated');
  expect(problem.detail).toBe(detail);
  return problem;
}

const NOT_VALID = 'the credential is not valid';
const NEEDED = 'an API key is required: Authorization: Bearer cv_…';

describe('Basic authentication', () => {
  it.each(['Basic', 'basic', 'BASIC'])(
    'by %s with a key’s id and secret equals Bearer with the secret',
    async (scheme) => {
      const { id, key } = world.harbour.reviewer;
      const [one, other] = await Promise.all([me(basic(idOf(key), key).replace('Basic', scheme)), me(`Bearer ${key}`)]);
      expect([one.status, other.status]).toEqual([200, 200]);
      const { now: _now, ...body } = (await one.json()) as { now: string };
      expect(await other.json()).toMatchObject(body);
      expect(JSON.stringify(body)).toContain(id);
    },
  );

  it('rejects another secret, and an id of another key, as Bearer rejects a wrong secret', async () => {
    const { key } = world.harbour.reviewer;
    const other = world.harbour.colleague.key;
    const bearer = sameness(await refused(await me(`Bearer ${wrongFor(key)}`), NOT_VALID));
    const unknown = `key_${'0'.repeat(26)}`;
    for (const [id, secret] of [
      [idOf(key), wrongFor(key)],
      [idOf(key), other],
      [idOf(other), key],
      [unknown, key],
      ['', key],
      [world.harbour.reviewer.id, key],
      [idOf(key).toUpperCase(), key],
      [key, idOf(key)],
      // The second half alone is not the secret.
      [idOf(key), key.slice(-43)],
    ] as const) {
      expect(sameness(await refused(await me(basic(id, secret)), NOT_VALID)), id).toEqual(bearer);
    }
  });

  it('splits at the first colon', async () => {
    const { key } = world.harbour.reviewer;
    await refused(await me(basic(idOf(key), `${key}:`)), NOT_VALID);
    await refused(await me(basic(idOf(key), `:${key}`)), NOT_VALID);
    await refused(await me(basic(`${idOf(key)}:x`, key)), NOT_VALID);
  });

  it('rejects anything but base64 of UTF-8 with a colon', async () => {
    const { key } = world.harbour.reviewer;
    const good = encoded(`${idOf(key)}:${key}`);
    for (const token of [
      '',
      '%',
      good.replace(/=*$/, '!'),
      `${good}=`,
      `${good.slice(0, 8)} ${good.slice(8)}`,
      Buffer.from(`${idOf(key)}:${key}?>`).toString('base64url'),
      encoded(`${idOf(key)}${key}`),
      encoded(`${idOf(key)}:`),
      encoded(`${idOf(key)}:${key}\n`),
      encoded(Buffer.concat([Buffer.from(`${idOf(key)}:${key}`), Buffer.from([0xff])])),
      encoded(Buffer.concat([Buffer.from([0xc0, 0xaf]), Buffer.from(`:${key}`)])),
      encoded(`\u{feff}${'é'.repeat(10)}:ключ`),
      encoded('a'.repeat(4_000)),
    ]) {
      await refused(await me(`Basic ${token}`), NEEDED);
    }
  });

  it('is rejected together with Bearer, twice, and with a sign-in cookie', async () => {
    const { key } = world.harbour.reviewer;
    const [one, two] = [`Authorization: ${basic(idOf(key), key)}`, `Authorization: Bearer ${key}`];
    for (const [first, second] of [
      [one, two],
      [two, one],
      [one, one],
    ])
      expect(await raw(`${first}\r\n${second}`)).toMatch(/^HTTP\/1\.1 401 [\s\S]*www-authenticate: Bearer/i);
    expect(await raw(one)).toMatch(/^HTTP\/1\.1 200 /);
    const reply = await me(basic(idOf(key), key), { cookie: '__Host-callvault=x' });
    await expectProblem(reply, 400, 'malformed');
  });

  it('counts to the limits of its key and is logged, as with Bearer', async () => {
    const { id: made, secret } = await world.keyOf(world.harbour.tenant, world.harbour.reviewer.id);
    const most = LIMITS['api-keys'].requests;
    for (let n = 0; n < most; n++) {
      const reply = await me(n % 2 === 0 ? basic(made, wrongFor(secret)) : `Bearer ${wrongFor(secret)}`);
      expect(reply.status).toBe(401);
      expect(reply.headers.get('ratelimit-policy')).toContain('"api-keys";q=30');
    }
    await expectProblem(await me(basic(made, wrongFor(secret))), 429, 'too_many_requests');
    await expectProblem(await me(`Bearer ${wrongFor(secret)}`), 429, 'too_many_requests');
    const counted = "select sum(count) from window where action = 'api_key.refused' and target = ?";
    expect(world.sql.prepare(counted).pluck().get(made)).toBe(most);
    // Neither another key at this address nor the owner elsewhere is limited.
    const { key } = world.harbour.colleague;
    expect((await me(basic(idOf(key), key))).status).toBe(200);
    address = '198.51.100.1';
    expect((await me(basic(made, secret))).status).toBe(200);
  });

  it('with the good secret of one key under the id of another counts to that other key', async () => {
    const one = await world.keyOf(world.harbour.tenant, world.harbour.reviewer.id);
    const other = await world.keyOf(world.harbour.tenant, world.harbour.reviewer.id);
    expect((await me(`Bearer ${one.secret}`)).status).toBe(200);
    const refusals = () => {
      const counted = "select coalesce(sum(count), 0) from window where action = 'api_key.refused' and target = ?";
      return [one, other].map(({ id }) => world.sql.prepare(counted).pluck().get(id));
    };
    await refused(await me(basic(other.id, one.secret)), NOT_VALID);
    expect(refusals()).toEqual([0, 1]);
    expect((await me(basic(one.id, one.secret))).status).toBe(200);
  });

  it('never requests a password: a browser would show a dialog', async () => {
    const asked = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
    for (const more of [{}, asked, { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, { origin: url }]) {
      for (const authorization of ['', 'Basic', 'Basic YTpi', basic('key_x', 'cv_x')]) {
        const reply = await me(authorization, more);
        expect(reply.status).toBe(401);
        expect(reply.headers.get('www-authenticate')).toBe('Bearer');
      }
    }
  });
});

/** The reply to a request with exactly these header lines: fetch would join two of one name. */
async function raw(lines: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(`GET /v1/me HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${address}\r\nconnection: close\r\n${lines}\r\n\r\n`);
  return text(socket);
}
