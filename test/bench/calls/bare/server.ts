// The bare minimum: what keeping the product's promises costs without its features. It serves a deployment that the
// product's own `init` made, on SQLite, a folder and a keyring, and what it writes the product reads and verifies.
//
// It does, as the product: the lookup of the API key with principal and tenant, and the MACs of these and of every row
// that gives access; the same rows, MACs, sealed columns, blind indexes and events with their leaf hashes, in
// transactions with synchronous = FULL; blobs written to a new file, synced, linked, and the folders synced; sealing in
// the same parts and chunks by src/envelope; the stored audio read back, opened and compared with its digest; a
// session's state checked and its bytes counted before a range is opened; the log proven once a second.
//
// It leaves out: validation beyond JSON.parse, policy and roles, idempotency, rate limits, budgets and the pace, log
// lines and metrics, media types, durations and peaks (so a deposit has one object and one blob less), names, the
// service's background work, deposits of several parts, and every answer but success.
import { mkdirSync } from 'node:fs';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { accessOf } from './access.ts';
import { authenticator } from './caller.ts';
import { catalogueOf } from './catalogue.ts';
import { depositor } from './deposits.ts';
import { listener } from './listening.ts';
import { openBareVault } from './vault.ts';

const [tenant = '', settings = '{}'] = process.argv.slice(2);
const vault = await openBareVault(JSON.parse(settings) as Record<string, string>, tenant);
mkdirSync(`${vault.store}/.staging`, { recursive: true });
const callerOf = authenticator(vault);
const [deposit, access, audio, catalogue] = [depositor(vault), accessOf(vault), listener(vault), catalogueOf(vault)];
const app = new Hono<{ Bindings: HttpBindings }>();

app.get('/healthz', (c) => c.json({ status: 'ok' }));
app.put('/v1/ingest/:source/:call', async (c) => {
  const by = callerOf(c.req.header('authorization'));
  return c.json(await deposit(by, c.req.param('source'), c.req.param('call'), c.env.incoming), 201);
});
app.post('/v1/access-requests', async (c) => {
  const by = callerOf(c.req.header('authorization'));
  return c.json(access.ask(by, await c.req.json()), 201);
});
app.post('/v1/access-requests/:id/approve', (c) => {
  const by = callerOf(c.req.header('authorization'));
  return c.json(access.approve(by, c.req.param('id'), c.env.incoming.socket.remoteAddress ?? ''));
});
app.post('/v1/grants/:id/sessions', (c) => {
  const by = callerOf(c.req.header('authorization'));
  return c.json(access.open(by, c.req.param('id'), c.env.incoming.socket.remoteAddress ?? ''), 201);
});
app.get('/v1/sessions/:id/media', async (c) => {
  const by = callerOf(c.req.header('authorization'));
  const range = c.req.header('range');
  const { type, bytes, start, size } = await audio.read(by, c.req.param('id'), range);
  const part = { 'content-range': `bytes ${start}-${start + bytes.length - 1}/${size}`, 'accept-ranges': 'bytes' };
  return c.body(bytes, range === undefined ? 200 : 206, { 'content-type': type, ...part });
});
app.delete('/v1/sessions/:id', (c) => {
  const by = callerOf(c.req.header('authorization'));
  audio.forget(c.req.param('id'));
  return c.json(access.close(by, c.req.param('id')));
});
app.get('/v1/recordings', (c) => c.json(catalogue.list(callerOf(c.req.header('authorization')))));
app.get('/v1/recordings/:id', (c) => {
  return c.json(catalogue.read(callerOf(c.req.header('authorization')), c.req.param('id')));
});
app.post('/v1/recordings/search', async (c) => {
  const by = callerOf(c.req.header('authorization'));
  return c.json(catalogue.search(by, await c.req.json()));
});
app.onError((error, c) => {
  console.error(error);
  return c.json({ error: error.message }, 500);
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(JSON.stringify({ port, msg: 'listening' }));
});
process.once('SIGTERM', () => {
  server.close();
  if ('closeAllConnections' in server) server.closeAllConnections();
});
