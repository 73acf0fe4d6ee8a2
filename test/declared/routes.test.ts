// What routes declare, beside what is written by hand: one that is forgotten is named with the file that misses it.
import { describe, expect, it } from 'vitest';
import { apiRoutes, withRouteTables } from '../../scripts/docs/api-routes.ts';
import { textOf } from '../docs/documents.ts';
import { EXAMPLES } from '../http/examples/all.ts';
import { SILENT } from '../http/examples/silent.ts';
import { FOR_BROWSERS, MATRIX, MATRIX_ROLES } from '../support/role-matrix.ts';

const routes = await apiRoutes();
const requests = routes.map(({ request }) => request);

/** The route that a concrete request is of: `GET /v1/grants/{id}` of `GET /v1/grants/grt_…?…`. */
function routeOf(method: string, path: string): string | undefined {
  const parts = path.split('?')[0]?.split('/') ?? [];
  const fits = (request: string): boolean => {
    const [of, pattern = ''] = request.split(' ');
    const asked = pattern.split('/');
    const length = asked.at(-1) === '{path}' ? parts.length : asked.length;
    return (
      of === method && parts.length === length && asked.every((part, n) => part === parts[n] || part.startsWith('{'))
    );
  };
  const all = requests.filter(fits);
  return all.find((request) => !request.includes('{')) ?? all[0];
}

describe('every route', () => {
  const rows = MATRIX.filter(({ method }) => method !== 'HEAD').map((row) => ({
    ...row,
    route: routeOf(row.method, row.path) ?? `${row.method} ${row.path}`,
  }));

  it('is in the role matrix once, with the roles that it declares', () => {
    expect(
      requests.filter((request) => !FOR_BROWSERS.includes(request) && !rows.some(({ route }) => route === request)),
      'routes without a row in test/support/role-matrix.ts',
    ).toEqual([]);
    expect(
      [...rows.map(({ route }) => route), ...FOR_BROWSERS].filter((route) => !requests.includes(route)),
      'rows of test/support/role-matrix.ts without a route',
    ).toEqual([]);
    expect(new Set(rows.map(({ route }) => route)).size).toBe(rows.length);
    const declared = routes.map(({ request, operation }) => [
      request,
      MATRIX_ROLES.filter((role) => operation['x-roles']?.includes(role)),
    ]);
    const byHand = rows.map(({ route, may }) => [route, MATRIX_ROLES.filter((role) => may.includes(role))]);
    expect(Object.fromEntries(byHand), 'roles in test/support/role-matrix.ts').toEqual(
      Object.fromEntries(declared.filter(([request]) => !FOR_BROWSERS.includes(request as string))),
    );
  });

  it('has a name that no other has, roles unless it needs no credential, and its events', () => {
    const names = routes.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const open = routes.filter(({ operation }) => operation['x-roles'] === undefined).map(({ request }) => request);
    expect(open).toEqual(FOR_BROWSERS.filter((request) => request.startsWith('POST /v1/sign-in')));
    expect(routes.filter(({ operation }) => operation['x-audit'] === undefined)).toEqual([]);
    expect(routes.length).toBeGreaterThan(100);
  });

  it('has an example, among those that write events or those that write none', () => {
    const [writing, silent] = [Object.keys(EXAMPLES), Object.keys(SILENT)];
    const operations = routes.map(({ operation }) => operation);
    const missing = operations.filter(
      (one) => !(one['x-audit']?.length === 0 ? silent : writing).includes(one.operationId),
    );
    expect(
      missing.map((one) => one.operationId),
      'operations without an example in test/http/examples/',
    ).toEqual([]);
    const all = [...writing, ...silent];
    expect(
      all.filter((name) => !operations.some((one) => one.operationId === name)),
      'examples of no operation',
    ).toEqual([]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('is in docs/api.md as it is (npm run docs:api writes it)', async () => {
    const page = textOf('docs/api.md');
    expect(
      requests.filter((request) => !page.includes(`| \`${request}\` |`)),
      'routes that docs/api.md does not have: npm run docs:api',
    ).toEqual([]);
    expect(await withRouteTables(page), 'docs/api.md is not as the routes are: npm run docs:api').toBe(page);
    expect(await withRouteTables(page.replace('`GET /v1/me`', '`GET /v1/you`'))).toBe(page);
  });
});
