// The bare minimum: what keeping the product's promises costs without its features. It serves a deployment that the
// product's own `init` made, on SQLite and a folder or on PostgreSQL and S3, with a keyring, and what it writes the product
// reads and verifies.
//
// It does, as the product: the lookup of the API key with principal and tenant, and the MACs of these and of every row
// that gives access; the same rows, MACs, sealed columns, blind indexes and events with their leaf hashes, in
// transactions that are on disk when they are acknowledged; blobs written under a free name: to a new file that is synced
// and linked, and its folders synced, or by a conditional request; sealing in the same parts and chunks by src/envelope;
// the stored audio read back, opened and compared with its digest; a sealed file opened while it arrives, with its key's
// row read each time and its content compared with the digest in it; later facts as entries of
// streams, chained and under a MAC; a session's state checked and its bytes counted before
// a range is opened; the log proven once a second.
//
// It leaves out: validation beyond JSON.parse, policy and roles, ranks of facts, idempotency, rate limits, budgets and the pace, log
// lines and metrics, media types, durations and peaks (so a deposit has one object and one blob less), names, the
// service's background work, deposits of several parts, and every answer but success.
import { type HttpBindings, serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { accessOf } from './access.ts';
import { amender } from './amendments.ts';
import { authenticator } from './caller.ts';
import { catalogueOf } from './catalogue.ts';
import { depositor } from './deposits.ts';
import { listener } from './listening.ts';
import { sealedFiles } from './sealed-files.ts';
import { openBareVault } from './vault.ts';

type Env = { Bindings: HttpBindings };
const [tenant = '', settings = '{}'] = process.argv.slice(2);
const vault = await openBareVault(JSON.parse(settings) as Record<string, string>, tenant);
const authenticated = authenticator(vault);
const callerOf = (c: Context<Env>) => vault.rows.read(authenticated(c.req.header('authorization')));
const [deposit, access, audio, catalogue] = [depositor(vault), accessOf(vault), listener(vault), catalogueOf(vault)];
const { amend, correct } = amender(vault);
const sealed = sealedFiles(vault, deposit);
const { write } = vault.rows;
const origin = (c: Context<Env>): string => c.env.incoming.socket.remoteAddress ?? '';
const app = new Hono<Env>();

app.get('/healthz', (c) => c.json({ status: 'ok' }));
app.put('/v1/ingest/:source/:call', async (c) => {
  const by = await callerOf(c);
  const of = (name: string): string => decodeURIComponent(c.req.header(`vault-meta-${name}`) ?? '');
  const type = c.req.header('content-type') ?? '';
  const call = { source: c.req.param('source'), call: c.req.param('call') };
  return c.json(await deposit(by, { ...call, of, type, bytes: c.env.incoming }), 201);
});
app.get('/v1/ingest-key', async (c) => {
  await callerOf(c);
  return c.json(await sealed.key());
});
app.put('/v1/sealed-files/:id', async (c) => c.json(await sealed.upload(await callerOf(c), c.env.incoming), 201));
app.patch('/v1/ingest/:source/:call', async (c) => {
  const by = await callerOf(c);
  return c.json(await write(amend(by, c.req.param('source'), c.req.param('call'), await c.req.json())));
});
app.post('/v1/access-requests', async (c) => {
  const by = await callerOf(c);
  return c.json(await write(access.ask(by, await c.req.json())), 201);
});
app.post('/v1/access-requests/:id/approve', async (c) => {
  const by = await callerOf(c);
  return c.json(await write(access.approve(by, c.req.param('id'), origin(c))));
});
app.post('/v1/grants/:id/sessions', async (c) => {
  const by = await callerOf(c);
  return c.json(await write(access.open(by, c.req.param('id'), origin(c))), 201);
});
app.get('/v1/sessions/:id/media', async (c) => {
  const by = await callerOf(c);
  const range = c.req.header('range');
  const { type, bytes, start, size } = await audio.read(by, c.req.param('id'), range);
  const part = { 'content-range': `bytes ${start}-${start + bytes.length - 1}/${size}`, 'accept-ranges': 'bytes' };
  return c.body(bytes, range === undefined ? 200 : 206, { 'content-type': type, ...part });
});
app.delete('/v1/sessions/:id', async (c) => {
  const by = await callerOf(c);
  audio.forget(c.req.param('id'));
  return c.json(await write(access.close(by, c.req.param('id'))));
});
app.get('/v1/recordings', async (c) => c.json(await catalogue.list(await callerOf(c))));
app.get('/v1/recordings/:id', async (c) => {
  const { version, ...shown } = await catalogue.read(await callerOf(c), c.req.param('id'));
  return c.json(shown, 200, { etag: `"${version}"` });
});
app.patch('/v1/recordings/:id', async (c) => {
  const by = await callerOf(c);
  const etag = c.req.header('if-match') ?? '';
  return c.json(await write(correct(by, c.req.param('id'), etag, await c.req.json())));
});
app.post('/v1/recordings/search', async (c) => {
  const by = await callerOf(c);
  return c.json(await catalogue.search(by, await c.req.json()));
});
app.onError((error, c) => {
  console.error(error);
  return c.json({ error: error.message }, 500);
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(JSON.stringify({ port, msg: 'listening' }));
});
process.once('SIGTERM', () => {
  server.close(() => vault.rows.close());
  if ('closeAllConnections' in server) server.closeAllConnections();
});
