// Personal data wherever a caller can put it, on every route: none of it reaches the log or the metrics.
import { beforeAll, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { createApp } from '../../src/http/app.ts';
import { createLog, logRequest } from '../../src/main/log.ts';
import { createMeasures } from '../../src/measure/measures.ts';
import { scanBytes, searchPatternsOf, textCanary } from '../support/leak-scanner.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const SAID = {
  number: '+442079461357',
  digits: '442079461357',
  agent: 'agent.canary.ottoline',
  'call id': 'call-canary-7f3e9a51',
  reason: 'canary reason why I must hear this',
  ticket: 'TICKET-canary-88412',
} as const;
const needles = Object.entries(SAID).flatMap(([name, text]) => searchPatternsOf(textCanary(name, text)));

const world = sharedWorld();
let app: ReturnType<typeof createApp>;
let log = '';
const measures = createMeasures((error) => (error instanceof VaultError ? error.code : 'other'));
beforeAll(async () => {
  const to = createLog('node-1', {
    write: (line) => {
      log += line;
    },
  });
  to.level = 'trace';
  const requests = measures.requests(() => 0);
  app = createApp(
    world.vault,
    (request) => {
      requests.answered(request);
      logRequest(to, request);
    },
    { readiness: world.ready },
  );
});

const enc = encodeURIComponent;
const HEADERS = {
  'vault-meta-from': enc(SAID.number),
  'vault-meta-to': enc(SAID.number),
  'vault-meta-agent': SAID.agent,
  'vault-meta-queue': SAID.agent,
  'vault-meta-ticket': SAID.ticket,
  'vault-meta-leg': SAID['call id'],
  'vault-meta-file-name': `${SAID['call id']}.wav`,
  'x-request-id': SAID['call id'],
  'user-agent': SAID.agent,
  referer: `https://pbx.example/${SAID.digits}`,
  cookie: `agent=${SAID.agent}`,
  'accept-language': SAID.agent,
  'idempotency-key': SAID['call id'],
  'if-range': SAID.number,
  range: `bytes=${SAID.digits}-`,
  tracestate: `pbx=${SAID.digits}`,
};
const SPOILT: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'vault-meta-direction': SAID.agent },
  { 'vault-meta-agent': '%zz' },
  { 'content-digest': `sha-256=:${Buffer.from(SAID.digits).toString('base64')}:` },
  { 'content-type': `audio/${SAID['call id']}` },
  { traceparent: SAID.digits },
];

type Documented = {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly parameters?: readonly { in: string; name: string }[] }>>>
  >;
};

it('personal data in paths, queries, headers and bodies is never logged', async () => {
  const all = new Map(app.routes.map(({ method, path }) => [`${method} ${path}`, { method, path }]));
  const routes = [...all.values()].filter(({ method }) => method !== 'ALL');
  expect(routes.length).toBeGreaterThan(20);
  const { harbour } = world;
  const keys = [harbour.uploader, harbour.reviewer, harbour.supervisor, harbour.privacy, harbour.auditor];
  const secrets = [...keys.map(({ key }) => key), `cv_${SAID['call id']}`, ''];
  const document = (await (await app.request('/openapi.json')).json()) as Documented;
  const spoken = { cursor: enc(SAID.number), purpose: SAID.agent, for: SAID.agent };
  // Including the API document.
  let asked = 1;
  for (const { method, path } of routes) {
    const { parameters = [] } = document.paths[path.replace(/:([a-zA-Z]+)/g, '{$1}')]?.[method.toLowerCase()] ?? {};
    const taken = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    for (const fill of [SAID.number, `${SAID['call id']}%ff`, `${SAID.agent}%0a`]) {
      // A route rejects an unknown parameter before it does anything: once with it, then without.
      const query = Object.entries(spoken).filter(([name]) => taken.includes(name) || fill === SAID.number);
      const at = `${path.replace(/:[a-zA-Z]+/g, fill)}?${query.map(([name, value]) => `${name}=${value}`).join('&')}`;
      for (const [n, secret] of secrets.entries()) {
        const json = { source: SAID.agent, call_id: SAID['call id'], number: SAID.number, reason: SAID.reason };
        const body = path.endsWith('audio') || path.includes('ingest') ? new Uint8Array(wav(20)) : JSON.stringify(json);
        const type = typeof body === 'string' ? 'application/json' : 'audio/wav';
        const headers = {
          ...HEADERS,
          'content-type': type,
          authorization: `Bearer ${secret}`,
          ...SPOILT[(n + asked) % SPOILT.length],
        };
        const bare = method === 'GET' || method === 'HEAD';
        const reply = await app.request(at, { method, headers, ...(bare ? {} : { body }) });
        // An event stream does not end.
        if (reply.headers.get('content-type') === 'text/event-stream') await reply.body?.cancel();
        else await reply.arrayBuffer();
        asked++;
      }
    }
  }
  // And successful requests.
  const stored = await app.request(`/v1/ingest/pbx/${enc(SAID.number)}`, {
    method: 'PUT',
    headers: {
      ...HEADERS,
      'vault-meta-leg': '0',
      'content-type': 'audio/wav',
      authorization: `Bearer ${harbour.uploader.key}`,
    },
    body: new Uint8Array(wav(100)),
  });
  expect(stored.status).toBe(201);
  const lines = log.trim().split('\n');
  expect(lines).toHaveLength(asked + 1);
  expect(new Set(lines.map((line) => String((JSON.parse(line) as { status: number }).status))).size).toBeGreaterThan(5);
  const text = await measures.registry.metrics();
  expect(text).toContain('route="/v1/recordings/:id"');
  expect(scanBytes('log', Buffer.from(log), needles)).toEqual([]);
  expect(scanBytes('metrics', Buffer.from(text), needles)).toEqual([]);
  for (const secret of secrets.filter((one) => one !== '')) expect(log).not.toContain(secret);
  expect(text).not.toMatch(/ten_|rec_[0-9a-z]{26}/);
});

it('a trace continues in log line and reply; an invalid one is ignored', async () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const of = async (traceparent: string): Promise<string | null> =>
    (await app.request('/healthz', { headers: { traceparent } })).headers.get('traceparent');
  const reply = await of(`00-${id}-00f067aa0ba902b7-01`);
  expect(reply).toMatch(new RegExp(`^00-${id}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
  expect(JSON.parse(log.trim().split('\n').at(-1) ?? '')).toMatchObject({ trace: id, route: '/healthz' });
  expect(await of(`cc-${id}-00f067aa0ba902b7-00-what-comes-later`)).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-00$`));
  for (const bad of [
    '',
    id,
    `00-${id}-00f067aa0ba902b7`,
    `00-${id}-00f067aa0ba902b7-01-more`,
    `ff-${id}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${id}-${'0'.repeat(16)}-01`,
    `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
  ]) {
    expect(await of(bad)).toBeNull();
    expect(JSON.parse(log.trim().split('\n').at(-1) ?? '')).not.toHaveProperty('trace');
  }
  expect((await app.request('/healthz')).headers.get('traceparent')).toBeNull();
});
