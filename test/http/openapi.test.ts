// The API document: valid OpenAPI 3.1, every route, and a page without foreign origins.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Env } from '../../src/http/context.ts';
import { checkAgainstDocument } from '../support/api-conformance.ts';
import { sharedWorld } from '../support/worlds.ts';

type Operation = {
  readonly summary?: string;
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> };
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly headers?: object }>>;
};
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly components: { readonly securitySchemes: object; readonly schemas: object };
};

const world = sharedWorld();
let document: Document;
beforeAll(async () => {
  const reply = await world.call('GET', '/openapi.json');
  expect(reply.headers.get('content-type')).toBe('application/json');
  document = (await reply.json()) as Document;
});

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

describe('the API document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect({ valid, errors }).toMatchObject({ valid: true });
    expect(validator.version).toBe('3.1');
    expect((await validator.validate({ ...document, paths: { '/x': { get: { responses: 1 } } } })).valid).toBe(false);
  });

  it('has every route of the application, and no other', () => {
    const routes = world.app.routes.filter(({ method }) => method !== 'ALL');
    const served = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{.*\})?/g, '{$1}')}`);
    expect([...new Set(operations().map(([name]) => name))].sort()).toEqual([...new Set(served)].sort());
    expect(served.length).toBeGreaterThan(20);
  });

  it('describes the roles, problems and replies of every endpoint', () => {
    expect(document.components.securitySchemes).toMatchObject({
      key: { type: 'http', scheme: 'bearer' },
      basic: { type: 'http', scheme: 'basic' },
    });
    for (const [name, operation] of operations().filter(([at]) => at.includes(' /v1/'))) {
      // Signing in needs no credential.
      const open = / \/v1\/sign-in\/(link|passkey)/.test(name);
      const security = open ? [] : [{ key: [] }, { basic: [] }, { cookie: [] }];
      expect({ name, ...operation }).toMatchObject({ summary: expect.any(String), security });
      const statuses = Object.keys(operation.responses);
      expect(statuses).toEqual(expect.arrayContaining(['400', ...(open ? [] : ['401']), '403', '500', '503']));
      if (name.includes('{id}')) expect(statuses).toContain('404');
      for (const [status, response] of Object.entries(operation.responses)) {
        expect({ name, status, ...response }).toMatchObject({ content: expect.any(Object) });
        expect(response.headers).toHaveProperty('X-Request-Id');
        if (Number(status) >= 400) expect(Object.keys(response.content ?? {})).toEqual(['application/problem+json']);
      }
      expect(operation.responses['503']?.headers).toHaveProperty('Retry-After');
    }
  });

  it('gives each operation a unique name, a verb first, and one of its groups', () => {
    const names = operations().map(([, { operationId = '' }]) => operationId);
    expect(names.filter((name) => !/^[a-z]+(?:[A-Z][a-z]*)+$/.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(50);
    expect(new Set(names).size).toBe(names.length);
    const groups = document.tags.map(({ name }) => name);
    for (const { description } of document.tags) expect(description).toMatch(/\.$/);
    for (const [name, { tags }] of operations())
      expect({ name, known: groups.includes(tags?.[0] ?? '') }).toMatchObject({ known: true });
    expect(groups.filter((group) => !operations().some(([, { tags }]) => tags?.includes(group)))).toEqual([]);
  });

  it('declares the credentials of each operation, and the items of each array', () => {
    for (const [name, { security }] of operations())
      expect({ name, security }).toMatchObject({ security: expect.any(Array) });
    const empty: string[] = [];
    const look = (value: unknown, at: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const { type, items } = value as { type?: unknown; items?: unknown };
      if ([type].flat().includes('array') && items === undefined) empty.push(at);
      for (const [key, inner] of Object.entries(value)) look(inner, `${at}/${key}`);
    };
    look(document, '');
    expect(empty).toEqual([]);
    expect(JSON.stringify(document)).toContain('"prefixItems"');
  });

  it('describes uploads', () => {
    const ingest = document.paths['/v1/ingest/{source}/{callId}']?.['put'];
    const named = ingest?.parameters?.map(({ name, in: where }) => `${where} ${name}`);
    expect(named).toEqual(
      expect.arrayContaining(['header Vault-Meta-From', 'header Content-Digest', 'path callId', 'header Expect']),
    );
    expect(Object.keys(ingest?.requestBody?.content ?? {})).toEqual([...world.vault.probes.types]);
    expect(Object.keys(ingest?.responses ?? {})).toEqual(expect.arrayContaining(['201', '200', '413', '415', '422']));
    const transcript = document.paths['/v1/recordings/{id}/transcripts/{language}']?.['put'];
    expect(Object.keys(transcript?.requestBody?.content ?? {})).toContain('text/vtt');
    const media = document.paths['/v1/sessions/{id}/media']?.['get'];
    expect(Object.keys(media?.responses ?? {})).toEqual(expect.arrayContaining(['200', '206', '416']));
  });

  it('is compared with replies: unknown members are found', async () => {
    const app = new OpenAPIHono<Env>();
    const schema = z.strictObject({ a: z.string() });
    const responses = { 200: { description: 'x', content: { 'application/json': { schema } } } };
    app.openapi(createRoute({ method: 'get', path: '/x/{id}', responses }), (c) => c.json({ a: 'b' }));
    const held = checkAgainstDocument(() => app);
    const told = { requestId: '1', method: 'GET', route: '/x/:id', status: 200, milliseconds: 1 };
    const reply = (json: object) => Response.json(json, { headers: { 'x-request-id': '1' } });
    held.answered(told);
    await held.replied(reply({ a: 'b' }));
    expect(held.undocumented()).toEqual([]);
    await held.replied(reply({ a: 'b', more: 1 }));
    held.answered({ ...told, status: 409 });
    held.answered({ ...told, route: '/y' });
    expect(held.undocumented()).toEqual([
      'GET /x/:id: 200 / Unrecognized key: "more"',
      'GET /x/:id: 409 undefined',
      'GET /y is not in the document',
    ]);
  });
});

describe('the page', () => {
  it('names no other origin and runs no inline script', async () => {
    const page = await world.call('GET', '/docs');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(policy.split('; ').find((line) => line.startsWith('script-src'))).toBe("script-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/https?:|\/\//);
    expect(html).not.toMatch(/<script(?! src="\/docs\/)/);
    for (const [, file] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      const reply = await world.call('GET', file ?? '');
      expect(reply.status).toBe(200);
      expect(reply.headers.get('content-type')).toMatch(/^text\/(css|javascript); charset=utf-8$/);
      expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await reply.text()).length).toBeGreaterThan(100);
    }
  });

  it.each(['package.json', '..%2fpackage.json', 'swagger-ui.js', '%2e%2e', '__proto__'])(
    'has no file %s',
    async (name) => {
      expect((await world.call('GET', `/docs/${name}`)).status).toBe(404);
    },
  );
});
