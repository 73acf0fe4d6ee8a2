// Security headers of every reply, and replies to unsupported methods.
import { request } from 'node:http';
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { signInBrowser } from '../support/browser.ts';
import { environmentOf } from '../support/vault.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type RequestOptions } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
let recording: string;
let session: string;
beforeAll(async () => {
  recording = await world.deposited(world.harbour, 'call', wav(1000));
  session = await world.session(world.harbour, await world.grant(world.harbour, recording));
});

const EVERY = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function expectHeaders(reply: Response): void {
  const headers = Object.fromEntries(reply.headers);
  expect(headers).toMatchObject(EVERY);
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  expect(headers).not.toHaveProperty('x-powered-by');
}

describe('a reply', () => {
  const [reviewer, uploader] = ['reviewer', 'uploader'] as const;
  type Asked = readonly [
    status: number,
    method: string,
    path: string,
    who?: 'reviewer' | 'uploader',
    sent?: RequestOptions,
  ];
  const asked: readonly Asked[] = [
    [200, 'GET', '/healthz'],
    [200, 'GET', '/v1/recordings', reviewer],
    [200, 'GET', '/v1/sessions/SES/media', reviewer],
    [206, 'GET', '/v1/sessions/SES/media', reviewer, { headers: { range: 'bytes=0-1' } }],
    [416, 'GET', '/v1/sessions/SES/media', reviewer, { headers: { range: 'bytes=9999-' } }],
    [201, 'PUT', '/v1/ingest/pbx/headers', uploader, { type: 'audio/wav', body: wav(10) }],
    [401, 'GET', '/v1/recordings'],
    [403, 'GET', '/v1/recordings', uploader],
    [400, 'GET', '/v1/recordings?limit=x', reviewer],
    [404, 'GET', '/nothing'],
    [400, 'GET', '/v1/recordings/%ff', reviewer],
    [405, 'DELETE', '/v1/recordings', reviewer],
    [204, 'OPTIONS', '/v1/recordings'],
  ];
  it.each(asked.map((one) => [one] as const))('to %j has all headers', async (one) => {
    const [status, method, path, who, sent = {}] = one;
    const key = who === undefined ? {} : { key: world.harbour[who].key };
    const origin = { origin: 'https://elsewhere.example', 'access-control-request-method': 'PUT' };
    const headers = { ...origin, ...sent.headers };
    const reply = await world.call(method, path.replace('SES', session), { ...sent, ...key, headers });
    expect(reply.status).toBe(status);
    expectHeaders(reply);
    expect(reply.headers.get('strict-transport-security')).toBeNull();
    if (path.startsWith('/v1') && status !== 204) expect(reply.headers.get('cache-control')).toMatch(/no-store/);
  });

  it('has HSTS only where browsers use https', async () => {
    const secure = await makeWorld({ https: true });
    const reply = await secure.call('GET', '/healthz');
    expect(reply.headers.get('strict-transport-security')).toBe('max-age=31536000');
    await secure.end();
    const env = environmentOf('/nowhere');
    expect(readConfig(env).url).toBeNull();
    expect(readConfig({ ...env, CALLVAULT_URL: 'https://vault.example' }).url).toBe('https://vault.example');
    for (const bad of ['vault.example', 'https://vault.example/', 'ftp://vault.example', 'https://a b']) {
      expect(() => readConfig({ ...env, CALLVAULT_URL: bad })).toThrow(/CALLVAULT_URL must be like/);
    }
  });

  it('to an invalid request is short and has the important headers', async () => {
    const { port } = await world.listen();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nhost: a b secretword\r\nconnection: close\r\n\r\n');
    let text = '';
    for await (const piece of socket) text += String(piece);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toMatch(/^x-content-type-options: nosniff\r$/im);
    expect(text).toMatch(/^content-security-policy: default-src 'none'/im);
    expect(text).not.toContain('secretword');
  });
});

describe('a header', () => {
  const ours = 'https://vault.example';
  it.each<[string, Record<string, string | string[]>]>([
    ['Sec-Fetch-Site, ours first', { 'sec-fetch-site': ['same-origin', 'cross-site'] }],
    ['Sec-Fetch-Site, ours last', { 'sec-fetch-site': ['cross-site', 'same-origin'] }],
    ['Origin, ours first', { origin: [ours, 'https://evil.example'] }],
    ['Origin, ours last', { origin: ['https://evil.example', ours] }],
    ['Origin, beside another Sec-Fetch-Site', { origin: ours, 'sec-fetch-site': 'same-site' }],
    ['Origin, with a slash', { origin: `${ours}/` }],
  ])('that is repeated or inexact does not pass as same-origin: %s', async (_, headers) => {
    const { port } = await world.listen();
    const browser = await signInBrowser(world, world.harbour.tenant, world.harbour.reviewer.id);
    const cookie = `__Host-callvault=${browser.cookies.get('__Host-callvault')?.value}`;
    const status = await new Promise<number>((resolve, reject) => {
      const options = { port, method: 'DELETE', path: '/v1/sign-in', headers: { cookie, ...headers } };
      request(options, (reply) => resolve(reply.resume().statusCode ?? 0))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
    expect((await browser.call('GET', '/v1/me')).status).toBe(200);
  });

  it.each(['x-http-method-override', 'x-http-method', 'x-method-override'])(
    '%s does not change the method of a POST',
    async (name) => {
      const browser = await signInBrowser(world, world.harbour.tenant, world.harbour.reviewer.id);
      const reply = await browser.call('POST', '/v1/sign-in?_method=DELETE', { headers: { [name]: 'DELETE' } });
      await expectProblem(reply, 405, 'method_not_allowed');
      expect((await browser.call('GET', '/v1/me')).status).toBe(200);
    },
  );
});

describe('a path', () => {
  it.each([
    ['/v1/recordings', 'GET, HEAD, POST, OPTIONS'],
    ['/v1/recordings/rec_1', 'GET, HEAD, PATCH, OPTIONS'],
    ['/v1/recordings/search', 'POST, GET, HEAD, PATCH, OPTIONS'],
    ['/v1/recordings/names', 'POST, GET, HEAD, PATCH, OPTIONS'],
    ['/v1/ingest/pbx/%2B442079460123', 'PUT, PATCH, GET, HEAD, OPTIONS'],
    ['/v1/sessions/ses_1', 'GET, HEAD, DELETE, OPTIONS'],
    ['/healthz', 'GET, HEAD, OPTIONS'],
  ])('%s lists its methods', async (path, allow) => {
    const sorted = (text: string | null) => (text ?? '').split(', ').sort();
    const told = await world.call('OPTIONS', path);
    expect(told.status).toBe(204);
    expect(sorted(told.headers.get('allow'))).toEqual(sorted(allow));
    expect(await told.text()).toBe('');
    const refused = await world.call('PROPFIND', path, { key: world.harbour.admin.key });
    expect(sorted(refused.headers.get('allow'))).toEqual(sorted(allow));
    await expectProblem(refused, 405, 'method_not_allowed', '442079460123');
  });

  it('that is unknown is not found with any method', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'OPTIONS']) {
      const reply = await world.call(method, '/v1/nothing');
      expect(reply.headers.get('allow')).toBeNull();
      await expectProblem(reply, 404, 'not_found');
    }
  });

  it('answers HEAD as GET, without the body', async () => {
    const { key } = world.harbour.reviewer;
    for (const path of ['/healthz', '/v1/recordings', `/v1/sessions/${session}/media`]) {
      const [get, head] = [await world.call('GET', path, { key }), await world.call('HEAD', path, { key })];
      expect(head.status).toBe(200);
      expect(await head.text()).toBe('');
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
      expectHeaders(head);
      await get.body?.cancel();
    }
  });
});
