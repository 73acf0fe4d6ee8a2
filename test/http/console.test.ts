// The console's page and assets: security policy, caching, and no conflict with the API.
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const SCRIPT = {
  type: 'text/javascript; charset=utf-8',
  bytes: new TextEncoder().encode('1'),
  gzip: async () => new Uint8Array(gzipSync('1')),
};
const files = {
  page: '<meta name="csp-nonce" content="__CSP_NONCE__">',
  assets: new Map([['main-1a.js', SCRIPT]]),
};

const world = sharedWorld();
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  app = createApp(world.vault, undefined, { console: files });
});

const page = (path: string, more: RequestInit = {}) =>
  app.request(path, { headers: { accept: 'text/html,application/xhtml+xml' }, ...more });

it.each(['/', '/sign-in', '/recordings/rec_0?t=83', '/no/such/page'])('%s is the page', async (path) => {
  const reply = await page(path);
  expect(reply.status).toBe(200);
  expect(reply.headers.get('cache-control')).toBe('no-store');
  const csp = reply.headers.get('content-security-policy') ?? '';
  const nonce = /'nonce-([\w-]+)'/.exec(csp)?.[1] ?? '';
  expect(await reply.text()).toBe(`<meta name="csp-nonce" content="${nonce}">`);
  expect(csp).toContain("default-src 'none'; script-src 'self'; ");
  expect(csp).toContain("require-trusted-types-for 'script'; trusted-types default");
  expect(csp).not.toMatch(/unsafe|https?:|\*/);
  expect(reply.headers.get('x-frame-options')).toBe('DENY');
  expect((await page(path)).headers.get('content-security-policy')).not.toBe(csp);
});

it('an asset is cached for good, and a missing one is a problem', async () => {
  const reply = await app.request('/assets/main-1a.js');
  expect(reply.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(reply.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  // A worker runs under the policy of its script's reply.
  const csp = reply.headers.get('content-security-policy');
  expect(csp).toMatch(/^default-src 'none'; connect-src 'self'; /);
  expect(await reply.text()).toBe('1');
  for (const path of ['/assets/none.js', '/assets/', '/assets/..%2fmain.ts', '/assets/main-1a.js/']) {
    await expectProblem(await page(path), 404, 'not_found');
  }
});

it.each([
  ['gzip, deflate, br', true],
  ['br;q=1.0, gzip;q=0.8', true],
  ['gzip;q=0', false],
  ['gzip;q=0.0, br', false],
  ['identity', false],
  ['', false],
])('an asset requested with Accept-Encoding: %s is compressed: %s', async (accepted, zipped) => {
  const reply = await app.request('/assets/main-1a.js', { headers: { 'accept-encoding': accepted } });
  expect(reply.headers.get('content-encoding')).toBe(zipped ? 'gzip' : null);
  expect(reply.headers.get('vary')).toBe('accept-encoding');
  const bytes = Buffer.from(await reply.arrayBuffer());
  expect((zipped ? gunzipSync(bytes) : bytes).toString()).toBe('1');
});

it('a program with a wrong address gets a problem, and no page hides an API route', async () => {
  await expectProblem(await app.request('/recordings'), 404, 'not_found');
  await expectProblem(await page('/v1/nothing'), 404, 'not_found');
  await expectProblem(await page('/v1/recordings'), 401, 'unauthenticated');
  expect((await page('/recordings', { method: 'POST' })).status).toBe(404);
  expect((await page('/healthz')).headers.get('content-type')).toContain('json');
  expect((await page('/docs')).headers.get('content-security-policy')).not.toContain('trusted-types');
});

it('a HEAD returns the headers only', async () => {
  const reply = await page('/', { method: 'HEAD' });
  expect([reply.status, await reply.text()]).toEqual([200, '']);
});
