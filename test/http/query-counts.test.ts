// What uploads and calls about listening and later facts cost the database: statements, transactions, and round trips to PostgreSQL.
// The figures are ceilings: lower one with the change that makes a call cheaper.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropEndedKeys } from '../../src/vault/listening/drop-ended-keys.ts';
import { needs } from '../support/needs.ts';
import { countQueries, type QueryCounts } from '../support/query-counts.ts';
import { ingestKeyOf, putSealed, sealCall } from '../support/sealed-files.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wavOf } from '../support/vault.ts';
import { makeWorld, type World } from '../support/world.ts';

/** The most that one call may cost, authentication included, once the tenant's key is in memory. */
const CEILINGS = {
  // These two, and amending, read whose the source is: before the body, and as it commits.
  'upload a call': { statements: 38, reads: 2, writes: 3, roundTrips: 36 },
  'upload a sealed file': { statements: 32, reads: 3, writes: 2, roundTrips: 29 },
  'ask for access': { statements: 10, reads: 2, writes: 1, roundTrips: 8 },
  'approve a request': { statements: 12, reads: 2, writes: 1, roundTrips: 9 },
  'open a session': { statements: 9, reads: 1, writes: 1, roundTrips: 7 },
  'hear a range': { statements: 4, reads: 2, writes: 1, roundTrips: 10 },
  /** For all sessions of a tenant together. */
  'drop ended keys': { statements: 2, reads: 1, writes: 0, roundTrips: 4 },
  'read a recording': { statements: 12, reads: 2, writes: 1, roundTrips: 14 },
  'list recordings': { statements: 9, reads: 2, writes: 1, roundTrips: 9 },
  // These two read the legal holds whose rule a changed recording may match.
  'correct a recording': { statements: 18, reads: 2, writes: 1, roundTrips: 15 },
  'amend a call': { statements: 15, reads: 2, writes: 1, roundTrips: 11 },
} as const satisfies Readonly<Record<string, QueryCounts>>;

type CallName = keyof typeof CEILINGS;

const postgresql = needs('postgresql');
const ENGINES = [
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...postgresql },
] as const;

describe.each(ENGINES)('on $engine $reason', ({ engine, present }) => {
  let world: World;
  /** The ETag of the last reply. */
  let etag = '';
  const spent = new Map<CallName, Awaited<ReturnType<typeof countQueries>>>();

  const counted = async <T>(name: CallName, call: () => Promise<Response>): Promise<T> => {
    let body: Uint8Array = new Uint8Array();
    let headers = new Headers();
    const found = await countQueries(async () => {
      const reply = await call();
      body = new Uint8Array(await reply.arrayBuffer());
      ({ headers } = reply);
      if (reply.status >= 300) throw new Error(`${name}: ${reply.status} ${Buffer.from(body).toString()}`);
    });
    spent.set(name, found);
    etag = headers.get('etag') ?? '';
    return name === 'hear a range' ? (undefined as T) : (JSON.parse(Buffer.from(body).toString()) as T);
  };

  /** One call of each kind: upload, ask, approve, open, hear, list, read, correct, amend. */
  async function story(recording: string): Promise<void> {
    const { tenant, reviewer, supervisor, uploader } = world.harbour;
    const [audio, call] = [wavOf(480_000), randomUUID()];
    const facts = { source: 'pbx', call_id: `sealed-${call}` };
    const sealed = await sealCall({ tenant, key: await ingestKeyOf(world, world.harbour) }, audio, facts);
    await counted('upload a call', () => world.ingest(world.harbour, call, audio));
    await counted('upload a sealed file', () => putSealed(world, world.harbour, sealed));
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const { id } = await counted<{ id: string }>('ask for access', () =>
      world.call('POST', '/v1/access-requests', { key: reviewer.key, json }),
    );
    const { grant } = await counted<{ grant: { id: string } }>('approve a request', () =>
      world.call('POST', `/v1/access-requests/${id}/approve`, { key: supervisor.key }),
    );
    const { id: session } = await counted<{ id: string }>('open a session', () =>
      world.call('POST', `/v1/grants/${grant.id}/sessions`, { key: reviewer.key }),
    );
    // The first range also proves the log and unwraps the key.
    for (const range of ['bytes=0-65535', 'bytes=65536-131071']) {
      await counted('hear a range', () =>
        world.call('GET', `/v1/sessions/${session}/media`, { key: reviewer.key, headers: { range } }),
      );
    }
    await counted('drop ended keys', async () => {
      expect(await dropEndedKeys(world.vault, { signal: AbortSignal.timeout(600_000) })).toBe(0);
      return Response.json({});
    });
    await counted('list recordings', () => world.call('GET', '/v1/recordings', { key: reviewer.key }));
    await counted('read a recording', () => world.call('GET', `/v1/recordings/${recording}`, { key: reviewer.key }));
    const correction = { ticket: `T-${session}`, reason: 'the agent wrote another one down' };
    await counted('correct a recording', () =>
      world.call('PATCH', `/v1/recordings/${recording}`, {
        ...{ key: supervisor.key, json: correction },
        headers: { 'if-match': etag },
      }),
    );
    const record = { agent: session, queue: 'claims', interaction: session, wrap_up: 'refund' };
    await counted('amend a call', () =>
      world.call('PATCH', '/v1/ingest/pbx/call', { key: uploader.key, json: record }),
    );
  }

  beforeAll(async () => {
    if (!present) return;
    world = await makeWorld(engine === 'sqlite' ? {} : { postgres: await freshDatabase(await serverOf(engine)) });
    const made = await world.ingest(world.harbour, 'call', wavOf(480_000));
    const { recording } = (await made.json()) as { recording: string };
    // Once to open the windows of counted events and the connections, once to count.
    for (let n = 0; n < 2; n++) await story(recording);
  });
  afterAll(() => world?.end());

  it.skipIf(!present).each(Object.keys(CEILINGS) as CallName[])('to %s costs no more than before', (name) => {
    const found = spent.get(name);
    const most = engine === 'sqlite' ? { ...CEILINGS[name], roundTrips: 0 } : CEILINGS[name];
    const over = Object.entries(most).filter(([what, ceiling]) => (found?.counted[what as never] ?? 0) > ceiling);
    expect(over, `${JSON.stringify(found?.counted)}\n${found?.texts.join('\n')}`).toEqual([]);
    expect(found?.counted.statements).toBeGreaterThan(0);
  });

  it.skipIf(!present)('to upload a sealed file reads the row of its key once, and writes nothing to it', () => {
    const { texts = [] } = spent.get('upload a sealed file') ?? {};
    expect(texts.filter((text) => text.includes('ingest_key'))).toEqual([expect.stringMatching(/^select /)]);
  });
});
