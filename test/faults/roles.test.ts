// Processes of every role, each under its template of docs/operations/iam alone: what each can do and never does.
import { request as send } from 'node:http';
import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { envelopePath } from '../../src/envelope/envelope.ts';
import { ingestKeyPath } from '../../src/envelope/ingest-key-blob.ts';
import { objectPath } from '../../src/envelope/object.ts';
import { tenantPath } from '../../src/envelope/tenant-blob.ts';
import type { StoreLocation } from '../../src/model/tenant.ts';
import { s3At } from '../support/double/clients.ts';
import { asCaller, doubleDeployment, everythingIn, policyTemplate } from '../support/double/deployment.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { api, digestOf, playbackDigest, putAudio, requestAndOpen, wavHeader } from '../support/fault-client.ts';
import {
  type Deployment,
  type Server,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from '../support/fault-deployment.ts';
import { until } from '../support/until.ts';

const ROLES = ['all', 'ingest', 'listen', 'console', 'work'] as const;
type Role = (typeof ROLES)[number];

let double: Double;
let deployment: Deployment;
let place: StoreLocation;
let people: StaffedTenant;
let sql: SqliteFile.Database;
const servers = new Map<Role, Server>();

beforeAll(async () => {
  double = await startDouble();
  ({ deployment, place } = await doubleDeployment(double, 'OPERATOR'));
  for (const role of [...ROLES, 'operator'] as const) {
    await double.policy(role.toUpperCase(), policyTemplate(role, place));
  }
  people = await staffDeployment(deployment);
  sql = new SqliteFile(deployment.database, { readonly: true });
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
  sql?.close();
  await deployment?.remove();
  await double?.close();
});

/** The address of the process of a role; its caller at the double is the role's name in capitals. */
async function at(role: Role): Promise<string> {
  const env = { ...deployment.env, CALLVAULT_ROLE: role, CALLVAULT_NODE: role, ...asCaller(role.toUpperCase()) };
  const server = servers.get(role) ?? (await startServer({ ...deployment, env }));
  servers.set(role, server);
  return server.url;
}

async function callsOf(role: Role) {
  return (await double.calls()).filter(({ caller }) => caller === role.toUpperCase());
}

type Told = { readonly status: number; readonly recording: string; readonly sha256: string };

async function put(url: string, call: string, pieces: readonly Uint8Array[]): Promise<Told> {
  const answer = await putAudio(`${url}/v1/ingest/pbx/${call}`, people.depositor, pieces, null);
  const { recording = '', sha256 = '' } = JSON.parse(answer?.body ?? '{}') as Partial<Told>;
  return { status: answer?.status ?? 0, recording, sha256 };
}

/** Sends the beginning of a body of 40 MB and disconnects. */
async function cut(url: string, call: string, bytes: number): Promise<void> {
  const headers = {
    authorization: `Bearer ${people.depositor}`,
    'content-type': 'audio/wav',
    'content-length': 40_000_000,
  };
  const request = send(`${url}/v1/ingest/pbx/${call}`, { method: 'PUT', agent: false, headers });
  request.on('error', () => undefined);
  request.write(wavHeader(40_000_000 - 44));
  await new Promise((resolve) => request.write(Buffer.alloc(bytes, 7), resolve));
  await until('the upload is under way', () => states().includes('UPLOADING') && (bytes < 9_000_000 || parts() > 0));
  request.destroy();
}

const states = (): string[] =>
  sql
    .prepare("select state from deposit where state not in ('AVAILABLE', 'ABORTED') order by state")
    .pluck()
    .all() as string[];
const parts = (): number => sql.prepare('select count(*) from part').pluck().get() as number;

const small = (n: number): Buffer[] => [wavHeader(20_000), Buffer.alloc(20_000, n)];
const large = [wavHeader(20_000_000), Buffer.alloc(20_000_000, 5)];
const first: { small?: Told; large?: Told } = {};

describe('a process of role', () => {
  it('ingest takes calls in, of one part and of several, with transcripts, and leaves what it may not delete', async () => {
    const url = await at('ingest');
    first.small = await put(url, 'a', small(1));
    first.large = await put(url, 'b', large);
    expect([first.small, first.large]).toMatchObject([
      { status: 201, sha256: digestOf(small(1)) },
      { status: 201, sha256: digestOf(large) },
    ]);
    const transcript = await fetch(`${url}/v1/recordings/${first.small.recording}/transcripts/en`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${people.depositor}`, 'content-type': 'text/vtt' },
      body: 'WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n',
    });
    expect(transcript.status).toBe(201);
    expect(await put(url, 'a', small(1))).toMatchObject({ status: 200, recording: first.small.recording });
    expect((await put(url, 'a', small(2))).status).toBe(422);

    await cut(url, 'c', 100_000);
    await cut(url, 'd', 9_000_000);
    await until('both are given up', () => states().join() === 'ABORTING,ABORTING', { seen: states });
    // The store fails during the commitment: only a process that opens content can finish it.
    await double.fault({ kind: 'internal', operation: 'PutObject', times: 3, where: { key: '*/e/*' } });
    expect((await put(url, 'e', small(3))).status).toBe(503);
    expect(states()).toEqual(['ABORTING', 'ABORTING', 'COMMITTING']);
    expect((await put(url, 'e', small(3))).status).toBe(503);

    const calls = await callsOf('ingest');
    const decrypts = calls.filter(({ operation }) => operation === 'Decrypt');
    expect(new Set(decrypts.map(({ context }) => context['vault:use']))).toEqual(new Set(['metadata']));
    expect(calls.filter(({ operation, effect }) => operation === 'DeleteObject' && effect)).toEqual([]);
    // The denied calls are those of an abort, and nothing else.
    const denied = calls.filter(({ code }) => code?.startsWith('AccessDenied'));
    expect(new Set(denied.map(({ operation }) => operation))).toEqual(new Set(['AbortMultipartUpload']));
    expect(denied.every(({ key }) => key.includes('/e/'))).toBe(true);
  });

  it('work recovers stale deposits and sweeps unknown uploads, and then nothing is left', async () => {
    const ids = { tenant: people.tenant, recording: newId('rec'), deposit: newId('dep') };
    const s3 = s3At(double);
    const Key = `${place.prefix}/${objectPath({ ...ids, name: 'audio' })}`;
    await s3.send(new CreateMultipartUploadCommand({ Bucket: place.bucket, Key }));
    s3.destroy();
    expect(await everythingIn(double, place)).toContain(Key);
    await at('work');
    await until('no deposit is open', () => states().length === 0, { seen: states });
    await until('the upload is swept', async () => !(await everythingIn(double, place)).includes(Key));
    type Row = { tenant: string; recording: string; id: string; object: string };
    const rows = sql
      .prepare("select tenant, recording, id, object from deposit where state = 'AVAILABLE'")
      .all() as Row[];
    expect(rows).toHaveLength(4);
    const due = rows.flatMap((row) => [
      objectPath({ ...row, deposit: row.id, name: row.object }),
      ...(row.object === 'audio' ? [objectPath({ ...row, deposit: row.id, name: 'peaks' })] : []),
      envelopePath(row.tenant, row.recording, row.id),
    ]);
    const key = sql.prepare('select id from ingest_key').pluck().get() as string;
    const all = [tenantPath(people.tenant), ingestKeyPath(people.tenant, key), ...due]
      .map((path) => `${place.prefix}/${path}`)
      .sort();
    expect(await everythingIn(double, place)).toEqual(all);
    expect((await callsOf('work')).filter(({ code }) => code?.startsWith('AccessDenied'))).toEqual([]);
    expect(await put(await at('ingest'), 'e', small(3))).toMatchObject({ status: 200 });
  });

  it('listen plays ranges and transcripts, and writes nothing', async () => {
    const url = await at('listen');
    const { recording = '' } = first.small ?? {};
    expect(await playbackDigest(url, people, first.large?.recording ?? '')).toBe(digestOf(large));
    const session = await requestAndOpen(url, people, recording, 'weekly sample');
    const headers = { authorization: `Bearer ${people.reviewer}` };
    const range = { ...headers, range: 'bytes=40-143' };
    const media = await fetch(`${url}/v1/sessions/${session}/media`, { headers: range });
    expect([media.status, Buffer.from(await media.arrayBuffer())]).toEqual([
      206,
      Buffer.concat(small(1)).subarray(40, 144),
    ]);
    const text = await fetch(`${url}/v1/sessions/${session}/transcripts/en`, { headers });
    expect([text.status, await text.text()]).toEqual([200, expect.stringContaining('Hello')]);
    expect((await put(url, 'x', small(1))).status).toBe(404);
    const calls = await callsOf('listen');
    expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(['Decrypt', 'GetObject']));
    expect(calls.filter(({ code }) => code?.startsWith('AccessDenied'))).toEqual([]);
  });

  it('console reads the catalogue and touches no blob', async () => {
    const url = await at('console');
    const listed = await api<{ data: { id: string }[] }>(`${url}/v1/recordings`, people.reviewer, 'GET');
    expect(listed.data).toHaveLength(3);
    const one = await api<{ id: string }>(`${url}/v1/recordings/${first.small?.recording}`, people.reviewer, 'GET');
    expect(one.id).toBe(first.small?.recording);
    const found = await api<{ data: object[] }>(`${url}/v1/recordings/search`, people.reviewer, 'POST', {
      agent: 'amy',
    });
    expect(found.data).toEqual([]);
    // People request and decide here; sessions open in a process that serves content.
    const ask = { recording: one.id, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const asked = await api<{ id: string }>(`${url}/v1/access-requests`, people.reviewer, 'POST', ask);
    const decided = await api<{ grant: { id: string } }>(
      `${url}/v1/access-requests/${asked.id}/approve`,
      people.approver,
      'POST',
    );
    const session = `${url}/v1/grants/${decided.grant.id}/sessions`;
    const headers = { authorization: `Bearer ${people.reviewer}` };
    expect((await fetch(session, { method: 'POST', headers })).status).toBe(404);
    const calls = await callsOf('console');
    expect(new Set(calls.map(({ operation, context }) => `${operation} ${context['vault:use'] ?? ''}`))).toEqual(
      new Set(['Decrypt metadata']),
    );
  });

  it('all does everything', async () => {
    const url = await at('all');
    const made = await put(url, 'f', small(6));
    expect(made.status).toBe(201);
    expect(await playbackDigest(url, people, made.recording)).toBe(digestOf(small(6)));
    await cut(url, 'g', 9_000_000);
    await until('no deposit is open', () => states().length === 0, { seen: states });
    expect((await put(url, 'g', small(7))).status).toBe(201);
    expect((await callsOf('all')).filter(({ code }) => code?.startsWith('AccessDenied'))).toEqual([]);
  });

  it.each(ROLES)('%s is ready', async (role) => {
    const reply = await fetch(`${await at(role)}/readyz`);
    expect({ status: reply.status, body: await reply.text() }).toMatchObject({ status: 200 });
    expect(
      (await callsOf(role)).filter(
        ({ operation, code }) => code !== null && operation === 'HeadObject' && code !== 'NoSuchKey',
      ),
    ).toEqual([]);
  });
});
