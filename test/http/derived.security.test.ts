// Access to every operation, derived from the API document: roles, callers without credentials, other tenants.
import { afterEach, describe, expect, it } from 'vitest';
import { type Document, operationsIn } from '../support/derived/operations.ts';
import { plantedRoute } from '../support/derived/planted-route.ts';
import { callersOf, crossTenantLeaks, permissionMistakes } from '../support/derived/probe.ts';
import { makeWorld, type World, type WorldOptions } from '../support/world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.end();
});

async function open(options: WorldOptions = {}): Promise<{ world: World; document: Document }> {
  const world = await makeWorld(options);
  worlds.push(world);
  return { world, document: await documentOf(world) };
}

const documentOf = async (world: World): Promise<Document> =>
  (await (await world.call('GET', '/openapi.json')).json()) as Document;

/** A planted route that reads recordings of any tenant. */
const plantHole = plantedRoute(async (rows, id) => {
  const all = await rows.tenants.all();
  const found = await Promise.all(all.map(({ tenant }) => rows.recordings.find(tenant, id)));
  return found.find((one) => one !== null) ?? null;
});

describe('every operation of the document', () => {
  it('is open to its roles only, by key and by cookie, and never without a credential', async () => {
    const { world, document } = await open();
    const operations = operationsIn(document);
    expect(operations.length).toBeGreaterThan(40);
    expect(await permissionMistakes(world, operations, await callersOf(world, world.harbour))).toEqual([]);
  });

  it('shows another tenant’s people nothing, and lets them change nothing', async () => {
    const { world, document } = await open();
    expect(await crossTenantLeaks(world, operationsIn(document), world.harbour, world.yunhai)).toEqual([]);
  });
});

describe('the derivation', () => {
  it('finds a planted leak between tenants', async () => {
    const { world, document } = await open({ routes: plantHole });
    const operations = operationsIn(document).filter(({ path }) => path.endsWith('/planted'));
    const leaks = await crossTenantLeaks(world, operations, world.harbour, world.yunhai);
    expect(leaks).toContain('GET /v1/recordings/{id}/planted as reviewer by cookie answers 200');
    expect(leaks).toContain('GET /v1/recordings/{id}/planted as supervisor by key distinguishes foreign from missing');
  });

  it('finds a route open to more roles than documented', async () => {
    const { world, document } = await open();
    const paths = structuredClone(document.paths) as Record<string, Record<string, { 'x-roles'?: string[] }>>;
    const list = paths['/v1/recordings']?.['get'];
    if (list !== undefined) list['x-roles'] = ['auditor'];
    const operations = operationsIn({ ...document, paths } as Document).filter(
      ({ name }) => name === 'GET /v1/recordings',
    );
    const wrong = await permissionMistakes(world, operations, await callersOf(world, world.harbour));
    expect(wrong).toContain('GET /v1/recordings answers 200 to reviewer by key');
    expect(wrong).toContain('GET /v1/recordings answers 403 to auditor by cookie');
  });

  it.each([
    ['names no roles', { '/v1/odd': { get: {} } }],
    ['has an id of no known kind', { '/v1/odd/{thing}': { get: { 'x-roles': ['reviewer'] } } }],
    ['has an id after a word that is new', { '/v1/odd/{id}': { get: { 'x-roles': ['reviewer'] } } }],
    [
      'takes a body that nobody knows how to make',
      { '/v1/odd': { post: { 'x-roles': ['reviewer'], requestBody: { content: { 'image/png': {} } } } } },
    ],
  ])('fails for an operation that %s', (_, paths) => {
    expect(() => operationsIn({ paths } as Document)).toThrow(/\/v1\/odd/);
  });
});
