// Parts of the API document that every endpoint shares: problems by status, headers, upload bodies.
import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { ErrorCode } from '../errors.ts';
import type { AuditAction } from '../model/log/event-catalogue.ts';
import type { Permission } from '../model/permissions.ts';
import type { Env } from './context.ts';
import { META_HEADERS } from './metadata.ts';
import { OPENAPI_TAGS } from './openapi-tags.ts';
import { statusOf } from './problems.ts';
import { problemSchema } from './schemas/shapes.ts';

type Responses = RouteConfig['responses'];
type DocumentedRoute = Pick<RouteConfig, 'method' | 'path' | 'request' | 'responses'>;

/** An upload: its media types, and whether headers may carry metadata. `of`: an object that is stored, or a list of calls. */
export type Upload = {
  readonly types: readonly string[];
  readonly metadata: boolean;
  readonly of?: 'object' | 'list';
};

const COMMON_CODES: readonly ErrorCode[] = [
  ...(['malformed', 'unauthenticated', 'forbidden', 'cross_site', 'too_many_requests', 'internal'] as const),
  ...(['audit_unavailable', 'clock_differs', 'database_busy', 'database_unavailable'] as const),
  ...(['key_refused', 'key_service_unavailable', 'not_available'] as const),
];
const JSON_CODES: readonly ErrorCode[] = ['body_too_large', 'media_type_unsupported'];
const LIST_CODES: readonly ErrorCode[] = [
  ...(['media_type_unsupported', 'body_cut', 'body_too_slow', 'upload_in_progress'] as const),
];
const UPLOAD_CODES: readonly ErrorCode[] = [
  ...(['media_type_unsupported', 'media_type_mismatch', 'body_empty', 'audio_empty', 'body_cut'] as const),
  ...(['body_too_large', 'body_too_slow', 'digest_mismatch', 'call_differs', 'upload_in_progress'] as const),
  ...(['store_unavailable', 'integrity'] as const),
];

/** The problem codes of an endpoint: those of every one, those of its form, and its own. */
function errorCodesOf(
  { path, request }: DocumentedRoute,
  upload: Upload | undefined,
  own: readonly ErrorCode[],
): ErrorCode[] {
  return [
    ...COMMON_CODES,
    ...(path.includes('{id}') ? (['not_found'] as const) : []),
    ...(request?.body === undefined ? [] : JSON_CODES),
    ...(upload === undefined ? [] : upload.of === 'list' ? LIST_CODES : UPLOAD_CODES),
    ...own,
  ];
}

/** The responses that a route declares, and a problem for each status it may return. */
export function responsesOf(route: DocumentedRoute, upload: Upload | undefined, own: readonly ErrorCode[]): Responses {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(errorCodesOf(route, upload, own))) {
    byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  }
  const refusals = [...byStatus].map(([status, codes]) => [
    status,
    {
      description: codes.map((code) => `\`${code}\``).join(', '),
      headers: {
        ...REQUEST_ID,
        ...(status === 503 || status === 429 ? RETRY_AFTER : {}),
        ...(status === 429 ? RATE_LIMIT : {}),
        ...(status === 401 ? AUTHENTICATE : {}),
        ...(status === 415 ? ACCEPT : {}),
      },
      content: { 'application/problem+json': { schema: problemSchema } },
    },
  ]);
  const changes = route.method === 'get' ? {} : AUDIT;
  const named = Object.entries(route.responses).map(([status, response]) => [
    status,
    'content' in response || 'description' in response
      ? { ...response, headers: { ...REQUEST_ID, ...changes, ...('headers' in response ? response.headers : {}) } }
      : response,
  ]);
  return { ...Object.fromEntries(refusals), ...Object.fromEntries(named) } as Responses;
}

/** A description of who may call an endpoint (null: anyone) and which events it writes. */
export function descriptionOf(audit: readonly AuditAction[], permission: Permission | null): string {
  const coded = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');
  const scope = permission?.scope ?? null;
  return [
    permission === null ? 'No credential required.' : `Roles: ${coded(permission.roles)}.`,
    ...(scope === null ? [] : [`Scope of an API key: ${coded([scope])}.`]),
    audit.length === 0 ? 'Writes no event.' : `Events in the log: ${coded(audit)}.`,
  ].join(' ');
}

/** The additions of an upload to its route: a body of bytes, and headers. */
export function uploadOf({
  types,
  metadata,
  of = 'object',
}: Upload): Pick<RouteConfig, 'parameters'> & { readonly body: object } {
  const binary = { schema: { type: 'string', format: 'binary' } } as const;
  const header = (name: string, description: string) =>
    ({ name, in: 'header', required: false, description, schema: { type: 'string' } }) as const;
  return {
    body: { required: true, content: Object.fromEntries(types.map((type) => [type, binary])) },
    parameters: [
      ...(of === 'object'
        ? [header('Content-Digest', 'RFC 9530, `sha-256=:…:`; verified before anything is stored')]
        : []),
      header('Expect', '`100-continue`: a request with invalid headers is rejected before the client sends the body'),
      ...(metadata ? META_HEADERS.map((name) => header(name, 'UTF-8, percent-encoded')) : []),
    ],
  };
}

const header = (name: string, description: string) =>
  ({ [name]: { description, schema: { type: 'string' } } }) as const;
const REQUEST_ID = header('X-Request-Id', 'the server’s id of the request');
const RETRY_AFTER = header('Retry-After', 'seconds');
const RATE_LIMIT = {
  ...header('RateLimit-Policy', 'draft-ietf-httpapi-ratelimit-headers: the limits that apply'),
  ...header('RateLimit', 'the remaining requests, and the seconds until the limit resets'),
};
const AUTHENTICATE = header('WWW-Authenticate', '`Bearer`');
const ACCEPT = header('Accept', 'the accepted media types (RFC 9110, section 15.5.16)');
const AUDIT = header(
  'Vault-Audit',
  '`<log> <index> <leaf hash, base64>` of the event, if the request changed something',
);

/** The API document: OpenAPI 3.1, from the routes of `app`; `version` is the package's. */
export function openApiDocument(app: OpenAPIHono<Env>, version: string): object {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'callvault',
      version,
      description: 'An encrypted vault for call recordings. The credential determines the tenant, never the path.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      contact: { name: 'The operator of this deployment' },
    },
    servers: [{ url: '/', description: 'This deployment' }],
    tags: OPENAPI_TAGS,
  });
}
