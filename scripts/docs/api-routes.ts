// The tables of routes in docs/api.md, made from the API document. `npm run docs:api` writes them; a test compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from '../../src/http/app.ts';
import { ROLES } from '../../src/model/principal.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

const BEGIN = '<!-- routes: made by npm run docs:api -->\n';
const END = '<!-- end of routes -->\n';

const HEAD = '| request | does | query | roles | events |\n|---|---|---|---|---|\n';

/** Parameters that every list with pages has: the page says so once. */
const OF_PAGES: readonly string[] = ['cursor', 'limit'];

type Parameter = { readonly name: string; readonly in: string; readonly description?: string };

/** An operation of the API document. */
export type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly [string];
  readonly parameters?: readonly Parameter[];
  /** Roles, unless it needs no credential. */
  readonly 'x-roles'?: readonly string[];
  /** Events, unless it is no part of the API of tenants. */
  readonly 'x-audit'?: readonly string[];
};

/** An operation and how to request it: `GET /v1/me`. */
export type Route = { readonly request: string; readonly operation: Operation };

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
};

/** The API document, as a vault without rows serves it. */
async function apiDocument(): Promise<Document> {
  const vault = { settings: { role: 'all' }, probes: { types: [] } } as unknown as Vault;
  return (await (await createApp(vault).request('/openapi.json')).json()) as Document;
}

/** The operations under /v1, in the document's order. */
export async function apiRoutes(): Promise<Route[]> {
  return routesOf(await apiDocument());
}

function routesOf({ paths }: Document): Route[] {
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        request: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    );
}

/** The text of docs/api.md with the tables as the document has them. Throws for a text without the two marks. */
export async function withRouteTables(text: string): Promise<string> {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error('docs/api.md has no place for the tables of routes');
  const document = await apiDocument();
  const routes = routesOf(document);
  const groups = document.tags.map(({ name, description }) => {
    const rows = routes.filter(({ operation }) => operation.tags[0] === name).map(rowOf);
    return rows.length === 0 ? '' : `### ${name}\n\n${description}\n\n${HEAD}${rows.join('')}\n`;
  });
  return `${text.slice(0, from)}${BEGIN}\n${groups.join('')}${text.slice(to)}`;
}

function rowOf({ request, operation }: Route): string {
  const query = (operation.parameters ?? []).filter(
    ({ name, in: place }) => place === 'query' && !OF_PAGES.includes(name),
  );
  const cells = [
    code(request),
    operation.summary,
    query
      .map(({ name, description }) => code(name) + (description === undefined ? '' : ` (${description})`))
      .join(', '),
    rolesOf(operation),
    (operation['x-audit'] ?? []).map(code).join(', '),
  ];
  return `| ${cells.join(' | ')} |\n`.replaceAll('|  |', '| |');
}

function rolesOf({ 'x-roles': roles }: Operation): string {
  if (roles === undefined) return 'no credential';
  return ROLES.every((role) => roles.includes(role)) ? 'everyone' : roles.join(', ');
}

function code(text: string): string {
  return `\`${text}\``;
}

const [, script] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  const page = join(import.meta.dirname, '../../docs/api.md');
  writeFileSync(page, await withRouteTables(readFileSync(page, 'utf8')));
}
