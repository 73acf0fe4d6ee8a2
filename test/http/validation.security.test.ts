// Invalid members of every request that the API document describes: sentences of the catalogue, in both languages.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { type Document, type Operation, operationsIn } from '../support/derived/operations.ts';
import { callersOf } from '../support/derived/probe.ts';
import type { RequestOptions } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Schema = {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
};
type Fault = { readonly pointer: string; readonly detail: string };
type Problem = { readonly code: string; readonly detail: string; readonly errors?: readonly Fault[] };
type Way = Awaited<ReturnType<typeof callersOf>>[number];
type Wrong = readonly [operation: Operation, query: string, sent: RequestOptions];

const world = sharedWorld();
const WRONG: readonly unknown[] = [7, -1, 1.5, 1e20, 'x', '', 'x'.repeat(2000), [], ['x'], {}, { x: 1 }, true, null];
const WRONG_QUERY: readonly string[] = ['x', '', '-1', '1e99', '1.5', 'x'.repeat(2000), '2026-11-28'];
/** Words of the library's sentences. */
const LIBRARY = /Invalid [A-Za-z]|Too (small|big)|Unrecognized|, received \w|must match|No matching/;

let ways: readonly Way[];
let wrong: readonly Wrong[];

beforeAll(async () => {
  const document = (await (await world.call('GET', '/openapi.json')).json()) as Document;
  ways = await callersOf(world, world.harbour);
  wrong = operationsIn(document).flatMap((operation) => wrongOf(document, operation));
});

/** Requests with each member of the body, and each parameter of the query, of each wrong kind. */
function wrongOf(document: Document, operation: Operation): readonly Wrong[] {
  const { parameters = [], requestBody } = document.paths[operation.path]?.[operation.method.toLowerCase()] ?? {};
  const { sent } = operation.call({});
  const queries = parameters.flatMap(({ name, in: place }) =>
    place === 'query' ? WRONG_QUERY.map((value): Wrong => [operation, `${name}=${value}`, sent]) : [],
  );
  const content = Object.entries(requestBody?.content ?? {}).find(([type]) => type.includes('json'));
  if (content === undefined || typeof sent.json !== 'object') return queries;
  const base = sent.json as object;
  const names = [...new Set([...propertiesOf(document, content[1].schema ?? {}), 'agnet'])];
  const bodies = names.flatMap((name) => WRONG.map((value) => ({ ...base, [name]: value })));
  return [
    ...queries,
    ...[...WRONG, ...bodies].map((json): Wrong => [operation, '', { ...sent, json: json as object }]),
  ];
}

function propertiesOf(document: Document, schema: Schema): readonly string[] {
  const named = schema.$ref?.replace('#/components/schemas/', '') ?? '';
  const known = named === '' ? schema : ((document.components?.schemas?.[named] ?? {}) as Schema);
  const options = [...(known.oneOf ?? []), ...(known.anyOf ?? [])];
  return [...Object.keys(known.properties ?? {}), ...options.flatMap((one) => propertiesOf(document, one))];
}

/** The problems of all wrong requests, with the operation of each. */
async function problems(language: string): Promise<readonly (readonly [string, Problem])[]> {
  const found: (readonly [string, Problem])[] = [];
  for (const [operation, query, sent] of wrong) {
    const way = ways.find(({ role }) => operation.roles?.includes(role) === true);
    if (way === undefined || operation.method === 'DELETE') continue;
    const ids = Object.fromEntries(operation.ids.map(({ place, kind }) => [place, newId(kind)]));
    const { path } = operation.call(ids);
    const [plain] = path.split('?');
    const headers = { ...sent.headers, 'accept-language': language };
    const reply = await way.call(operation.method, query === '' ? path : `${plain}?${query}`, { ...sent, headers });
    if (reply.status === 400) found.push([operation.name, (await reply.json()) as Problem]);
  }
  return found;
}

describe('an invalid request to any route', () => {
  it('gets sentences of ours in English', async () => {
    const found = await problems('en');
    expect(found.length).toBeGreaterThan(500);
    expect(found.filter(([, problem]) => LIBRARY.test(JSON.stringify(problem)))).toEqual([]);
    const details = found.flatMap(([name, { errors = [] }]) => errors.map(({ detail }) => [name, detail] as const));
    expect(details.filter(([, detail]) => !/^[a-z]/.test(detail))).toEqual([]);
    // The sentence for what has no other: no schema needs it.
    expect(details.filter(([, detail]) => detail === 'does not have the required form')).toEqual([]);
  }, 120_000);

  it('gets them in Chinese where a schema rejects it', async () => {
    const found = (await problems('zh-CN')).filter(([, { code }]) => code === 'malformed');
    expect(found.length).toBeGreaterThan(300);
    // What a policy or retention rules lack is said where it is read, in English.
    const english = found.flatMap(([name, { errors = [] }]) =>
      errors
        .filter(({ pointer, detail }) => !/^.(policy|rules)/.test(pointer) && !/[\u4e00-\u9fff]/.test(detail))
        .map((fault) => [name, fault]),
    );
    expect(english).toEqual([]);
  }, 120_000);
});

describe('very many unknown members', () => {
  it('are named up to 200, so that a small body makes no large reply', async () => {
    const json = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`x${n}`, 1]));
    const { key } = world.harbour.uploader;
    for (const path of ['/v1/sign-in/link', '/v1/ingest/pbx/many']) {
      const method = path.includes('ingest') ? 'PATCH' : 'POST';
      const problem = (await (await world.call(method, path, { key, json })).json()) as Problem;
      expect(problem.errors, path).toHaveLength(200);
      expect(problem.detail, path).toMatch(/and \d+ more/);
    }
  });
});

describe('the detail', () => {
  const detailOf = async (
    method: string,
    path: string,
    who: 'uploader' | 'reviewer' | 'supervisor',
    json?: unknown,
  ) => {
    const { key } = world.harbour[who];
    const reply = await world.call(method, path, { key, ...(json === undefined ? {} : { json: json as object }) });
    return ((await reply.json()) as Problem).detail;
  };
  const id = newId('rec');

  it.each([
    ['POST', '/v1/recordings', 'uploader', [], 'The body must be an object'],
    [
      'POST',
      '/v1/recordings',
      'uploader',
      { source: 'a', call_id: 'b', agnet: 'x' },
      '/agnet is unknown; there are source, call_id, leg, ',
    ],
    ['POST', '/v1/recordings', 'uploader', { source: 'a' }, '/call_id is required'],
    ['PATCH', '/v1/ingest/pbx/a', 'uploader', { agnet: 'x' }, '/agnet is unknown; there are started_at, direction, '],
    [
      'PATCH',
      '/v1/ingest/pbx/a',
      'uploader',
      { numbers: { caller: '1' } },
      '/numbers/caller is unknown; there are from, to',
    ],
    ['PATCH', `/v1/recordings/${id}`, 'supervisor', { agent: 'x' }, '/reason is required'],
    [
      'POST',
      '/v1/recordings/search',
      'reviewer',
      { number_end: '12' },
      '/number_end must be the last four digits of a number',
    ],
    ['POST', '/v1/recordings/search', 'reviewer', {}, 'The body must have at least one of number, '],
    ['GET', '/v1/recordings?limit=0', 'reviewer', undefined, '/limit must be at least 1'],
    [
      'GET',
      '/v1/recordings?from=2026-11-28',
      'reviewer',
      undefined,
      '/from must be an RFC 3339 time with an offset, such as 2026-11-28T09:00:00Z',
    ],
  ] as const)('of %s %s by the %s names the member and what it must be', async (method, path, who, json, said) => {
    expect((await detailOf(method, path, who, json)).startsWith(said)).toBe(true);
  });

  it('lists the kinds of a change', async () => {
    const json = { kind: 'frob', note: 'a reason' };
    const reply = await world.call('POST', '/v1/changes', { key: world.harbour.admin.key, json });
    const { errors } = await expectProblem(reply, 400, 'malformed');
    const detail = expect.stringMatching(/^must be one of settings, people, .*lift$/) as string;
    expect(errors).toEqual([{ pointer: '/kind', detail }]);
  });
});
