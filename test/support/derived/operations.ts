// The operations of the API, derived from its document alone: roles, parameters of the path, required input.
import { type IdKind, newId } from '../../../src/bytes/ids.ts';
import { wav } from '../wav.ts';
import type { RequestOptions } from '../world.ts';

/** A parameter of a path or a body that names an object of a tenant. */
export type IdParameter = { readonly place: string; readonly kind: IdKind };

export type Operation = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** The roles that may call it; null if it needs no credential. */
  readonly roles: readonly string[] | null;
  /** The ids in its path and its body. */
  readonly ids: readonly IdParameter[];
  /** Its path and request, for these ids by the names of their parameters. */
  readonly call: (ids: Readonly<Record<string, string>>) => { readonly path: string; readonly sent: RequestOptions };
};

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly items?: Schema;
};
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema?: Schema };
type Described = {
  readonly 'x-roles'?: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
};
export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
};

/** The kind of id that `{id}` is after each segment, and the values of other parameters. */
const KIND_AFTER_SEGMENT: Readonly<Record<string, IdKind>> = {
  recordings: 'rec',
  'access-requests': 'req',
  grants: 'grt',
  sessions: 'ses',
  passkeys: 'pky',
  'api-keys': 'key',
  people: 'usr',
  comments: 'cmt',
  changes: 'chg',
  policies: 'pol',
  retention: 'ret',
  holds: 'hld',
  'subject-requests': 'sub',
  teams: 'tea',
  batches: 'bat',
};
/** Segments after which `{id}` is no id of callvault's, but the caller's. */
const IDS_OF_CALLERS: Readonly<Record<string, string>> = {
  'sealed-files': '00000000-0000-4000-8000-000000000000',
};
const KIND_OF_PARAMETER: Readonly<Record<string, IdKind>> = {
  ...{ tenant: 'ten', recording: 'rec', comment: 'cmt', request: 'req', person: 'usr' },
  ...{ reviewer: 'usr', instead_of: 'grt', event: 'evt' },
};
const WORDS: Readonly<Record<string, string>> = {
  source: 'pbx',
  callId: 'derived-1',
  language: 'en',
  path: 'entries/000',
};
const BODIES: Readonly<Record<string, { readonly type: string; readonly body: Uint8Array | string }>> = {
  'audio/wav': { type: 'audio/wav', body: wav(100) },
  'text/csv': { type: 'text/csv', body: 'call_id\nderived-1\n' },
  'text/vtt': { type: 'text/vtt', body: 'WEBVTT\n' },
  'application/octet-stream': { type: 'application/octet-stream', body: 'no sealed file' },
};
const HEADERS: Readonly<Record<string, string>> = { 'If-Match': '"1"' };
const VALID_VALUES: Readonly<Record<string, unknown>> = {
  person: { numbers: ['+441234567898'] },
  ...{ purpose: 'quality', agent: 'a', kind: 'consent' },
  recordings: [newId('rec')],
  ...{ from: '2026-11-01', to: '2026-11-30' },
};

/** Every operation under /v1. Throws for one that cannot be derived, because the meaning of a parameter is unknown. */
export function operationsIn(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    path.startsWith('/v1/')
      ? Object.entries(methods).map(([method, described]) => derive(document, path, method, described))
      : [],
  );
}

function derive(document: Document, path: string, method: string, described: Described): Operation {
  const name = `${method.toUpperCase()} ${path}`;
  const roles = described['x-roles'] ?? null;
  if (roles === null && described.security?.length !== 0) throw new Error(`${name} names neither roles nor nobody`);
  const ids: IdParameter[] = [];
  const segments = path.split('/');
  for (const [n, segment] of segments.entries()) {
    const parameter = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (parameter === undefined || parameter in WORDS) continue;
    if (parameter === 'id' && (segments[n - 1] ?? '') in IDS_OF_CALLERS) continue;
    const kind =
      KIND_OF_PARAMETER[parameter] ?? (parameter === 'id' ? KIND_AFTER_SEGMENT[segments[n - 1] ?? ''] : undefined);
    if (kind === undefined) throw new Error(`${name} has a {${parameter}} that nobody has said the kind of`);
    ids.push({ place: parameter, kind });
  }
  const content = described.requestBody?.content ?? {};
  const raw = Object.keys(BODIES).find((type) => type in content);
  // A transcript can be JSON that no schema describes.
  const patch = content['application/merge-patch+json'];
  const given = raw === undefined ? (content['application/json'] ?? patch)?.schema : undefined;
  const named = given?.$ref?.replace('#/components/schemas/', '');
  const json = named === undefined ? given : document.components?.schemas?.[named];
  for (const property of namesIn(json)) {
    const kind = KIND_OF_PARAMETER[property];
    if (kind !== undefined) ids.push({ place: property, kind });
  }
  if (described.requestBody !== undefined && json === undefined && raw === undefined)
    throw new Error(`${name} takes a body that nobody has made one of`);
  const headers = Object.fromEntries(
    (described.parameters ?? [])
      .filter((one) => one.in === 'header' && one.required === true)
      .map(({ name: header }) => [header, HEADERS[header] ?? '']),
  );
  const query = (described.parameters ?? [])
    .filter((one) => one.in === 'query' && one.required === true)
    .map((one) => `${one.name}=${String(example(name, one.name, one.schema ?? {}))}`);
  return {
    name,
    method: method.toUpperCase(),
    path,
    roles,
    ids,
    call: (of) => {
      const own = path.replace(/([a-z-]+)\/\{id\}/, (whole, segment: string) =>
        segment in IDS_OF_CALLERS ? `${segment}/${IDS_OF_CALLERS[segment]}` : whole,
      );
      const filled = own.replace(/\{(\w+)\}/g, (_, at: string) => of[at] ?? WORDS[at] ?? '');
      const body = raw === undefined ? {} : (BODIES[raw] ?? {});
      const input: RequestOptions = json === undefined ? body : { json: exampleOf(name, json, of) };
      const sent = Object.keys(headers).length === 0 ? input : { ...input, headers };
      return { path: query.length === 0 ? filled : `${filled}?${query.join('&')}`, sent };
    },
  };
}

/** The properties of a body, and of what its lists contain. */
function namesIn(schema: Schema | undefined): string[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, { items, type }]) => [
    // An object is no id, whatever its name.
    ...(type === 'object' ? [] : [name]),
    ...namesIn(items),
  ]);
}

function exampleOf(name: string, schema: Schema, given: Readonly<Record<string, string>>): Record<string, unknown> {
  const wanted = schema.required ?? [];
  // A search needs at least one term, and a correction one fact.
  const names = schema.properties?.['agent'] === undefined ? wanted : [...new Set([...wanted, 'agent'])];
  return Object.fromEntries(
    names.map((key) => [key, given[key] ?? example(name, key, schema.properties?.[key] ?? {}, given)]),
  );
}

function example(name: string, key: string, schema: Schema, given: Readonly<Record<string, string>> = {}): unknown {
  if (key in VALID_VALUES) return VALID_VALUES[key];
  if (schema.enum !== undefined) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (schema.format === 'uuid') return '00000000-0000-4000-8000-000000000000';
  if (schema.format === 'date-time') return new Date(Date.now() + 86_400_000).toISOString();
  if (type === 'string') return 'x'.repeat(Math.max(schema.minLength ?? 1, 3));
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (type === 'boolean') return true;
  if (type === 'array') return [example(name, key, schema.items ?? {}, given)];
  if (type === 'object') return exampleOf(name, schema, given);
  throw new Error(`${name} wants a ${key} that nobody has made one of`);
}
