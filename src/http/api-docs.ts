// The API document at /openapi.json and the page at /docs: everything comes from this origin, no inline scripts.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { VaultError } from '../errors.ts';
import type { Env } from './context.ts';
import { openApiDocument } from './openapi.ts';
import { problemSchema } from './schemas/shapes.ts';

/** Files of swagger-ui-dist, by name. */
export type DocsFile = (name: 'swagger-ui.css' | 'swagger-ui-bundle.js') => Promise<Uint8Array>;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>callvault: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

// The page is read-only: people should not paste API keys into pages.
const START_SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
  queryConfigEnabled: false,
  supportedSubmitMethods: [],
  plugins: [() => ({ wrapComponents: { authorizeBtn: () => () => null, authorizeOperationBtn: () => () => null } })],
});
`;

const SCRIPT = 'text/javascript; charset=utf-8';
const FILE_TYPES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': SCRIPT,
  'start.js': SCRIPT,
} as const;
const FILE_NAMES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js'] as const;

const RATE_LIMITED_RESPONSE = {
  description: '`too_many_requests`',
  content: { 'application/problem+json': { schema: problemSchema } },
};
const documentRoute = createRoute({
  tags: ['service'],
  method: 'get',
  path: '/openapi.json',
  operationId: 'getOpenApi',
  security: [],
  summary: 'The OpenAPI document',
  description: 'The OpenAPI document of this deployment, generated from its routes.',
  responses: {
    200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: z.looseObject({}) } } },
    429: RATE_LIMITED_RESPONSE,
  },
});
const pageRoute = createRoute({
  tags: ['service'],
  method: 'get',
  path: '/docs',
  operationId: 'getDocs',
  security: [],
  summary: 'The OpenAPI document as a page',
  description: 'An HTML page for people; it loads everything from this deployment.',
  responses: {
    200: { description: 'A page', content: { 'text/html': { schema: z.string() } } },
    429: RATE_LIMITED_RESPONSE,
  },
});
const fileRoute = createRoute({
  tags: ['service'],
  method: 'get',
  path: '/docs/{file}',
  operationId: 'getDocsFile',
  security: [],
  summary: 'A file of the page',
  description: 'The page’s scripts and style sheet, by name.',
  request: { params: z.object({ file: z.string() }) },
  responses: {
    200: { description: 'A script or style sheet' },
    404: {
      description: '`not_found`',
      content: { 'application/problem+json': { schema: problemSchema } },
    },
    429: RATE_LIMITED_RESPONSE,
  },
});

/** Adds the API document of all routes of `app`, and the page if its files are available. */
export function addApiDocs(app: OpenAPIHono<Env>, file: DocsFile | undefined, version: string): void {
  let text: string | undefined;
  app.openapi(documentRoute, () => {
    text ??= JSON.stringify(openApiDocument(app, version));
    return reply(text, 'application/json') as never;
  });
  if (file === undefined) return;
  app.openapi(pageRoute, () => reply(PAGE, 'text/html; charset=utf-8') as never);
  app.openapi(fileRoute, async (c) => {
    const name = FILE_NAMES.find((one) => one === c.req.param('file'));
    if (name === undefined) throw new VaultError('not_found', 'there is no such file');
    return reply(name === 'start.js' ? START_SCRIPT : new Uint8Array(await file(name)), FILE_TYPES[name]) as never;
  });
}

function reply(body: string | Uint8Array<ArrayBuffer>, type: string): Response {
  const headers = { 'content-type': type, 'cache-control': 'no-cache', 'content-security-policy': POLICY };
  return new Response(body, { headers });
}
