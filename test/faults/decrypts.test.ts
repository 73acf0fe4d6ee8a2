// Every Decrypt that the key service saw has an event in the log with its reason: counted over a day's worth of uses.
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { runDoctor } from '../../src/vault/doctor/run-doctor.ts';
import { processStepGroups } from '../../src/vault/doctor/step-groups.ts';
import { CALLER } from '../support/double/adapters.ts';
import { doubleDeployment } from '../support/double/deployment.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { api, putAudio, requestAndOpen, wavHeader } from '../support/fault-client.ts';
import {
  composeDeployment,
  type Deployment,
  type Server,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from '../support/fault-deployment.ts';

let double: Double;
let deployment: Deployment;
let server: Server;
let people: StaffedTenant;
let sql: SqliteFile.Database;
/** The counts before any call. */
let began: number;

beforeAll(async () => {
  double = await startDouble();
  ({ deployment } = await doubleDeployment(double, CALLER));
  people = await staffDeployment(deployment);
  sql = new SqliteFile(deployment.database, { readonly: true });
  await double.forgetCalls();
  began = sum(counted());
  server = await startServer(deployment);
});
afterAll(async () => {
  await server?.stop();
  sql?.close();
  await deployment?.remove();
  await double?.close();
});

/** What was opened since the last `forgetCalls`, by use: the deposits of `object`, the tenants of the others. */
async function opened(): Promise<{ readonly object: string[]; readonly metadata: number }> {
  const calls = await double.calls('Decrypt');
  const object = calls.filter(({ context }) => context['vault:use'] === 'object');
  return {
    object: object.map(({ context }) => context['vault:deposit'] ?? '').sort(),
    metadata: calls.length - object.length,
  };
}

type Leaf = {
  readonly action: string;
  readonly actor: { readonly type: string };
  readonly object: Readonly<Record<string, string>>;
};

/** The process that made a deposit available. */
function sentBy(log: readonly Leaf[], id: string): string | undefined {
  return log.find(({ action, object }) => action === 'deposit.available' && object['id'] === id)?.actor.type;
}

function events(): Leaf[] {
  const leaves = sql.prepare('select leaf from audit_event where log = ? order by seq').pluck().all(people.tenant);
  return (leaves as Buffer[]).map((leaf) => JSON.parse(leaf.toString()) as Leaf);
}

/** Uses of the tenant's key outside of sessions, as the log's windows count them, by reason. */
function counted(): Readonly<Record<string, number>> {
  const rows = sql
    .prepare("select target, sum(count) as n from window where action = 'key.used' group by target")
    .all();
  return Object.fromEntries(
    (rows as { target: string; n: number }[]).map(({ target, n }) => [target.split(' ')[1], n]),
  );
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, n) => all + n, 0);
}

async function deposit(call: string): Promise<{ readonly status: number; readonly recording: string }> {
  const pieces = [wavHeader(100_000), Buffer.alloc(100_000, 3)];
  const answer = await putAudio(`${server.url}/v1/ingest/pbx/${call}`, people.depositor, pieces, null);
  const { recording = '' } = JSON.parse(answer?.body ?? '{}') as { recording?: string };
  return { status: answer?.status ?? 0, recording };
}

const depositsOf = (recording: string): string[] =>
  sql
    .prepare("select id from deposit where recording = ? and state = 'AVAILABLE' order by id")
    .pluck()
    .all(recording) as string[];

it('opens one metadata key for all deposits and pages, one data key for each deposit that a session plays', async () => {
  const made = [await deposit('a'), await deposit('b'), await deposit('c')];
  expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
  const recording = made[0]?.recording ?? '';
  const headers = { authorization: `Bearer ${people.depositor}`, 'content-type': 'text/vtt' };
  const body = 'WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n';
  const path = `${server.url}/v1/recordings/${recording}/transcripts/en`;
  expect((await fetch(path, { method: 'PUT', headers, body })).status).toBe(201);
  expect(await opened()).toEqual({ object: [], metadata: 1 });

  for (let page = 0; page < 5; page++) await api(`${server.url}/v1/recordings?limit=2`, people.reviewer, 'GET');
  for (const { recording: id } of made) await api(`${server.url}/v1/recordings/${id}`, people.reviewer, 'GET');
  await api(`${server.url}/v1/recordings/search`, people.reviewer, 'POST', { agent: 'amy' });
  expect(await opened()).toEqual({ object: [], metadata: 1 });

  const hear = async (session: string, range: string) => {
    const sent = { authorization: `Bearer ${people.reviewer}`, range };
    const reply = await fetch(`${server.url}/v1/sessions/${session}/media`, { headers: sent });
    expect([reply.status, (await reply.arrayBuffer()).byteLength]).toEqual([206, 100]);
  };
  const session = await requestAndOpen(server.url, people, recording, 'weekly sample');
  expect((await opened()).object).toEqual([]);
  for (const range of ['bytes=0-99', 'bytes=70000-70099', 'bytes=100-199']) await hear(session, range);
  const read = { headers: { authorization: `Bearer ${people.reviewer}` } };
  for (let time = 0; time < 2; time++) {
    expect((await fetch(`${server.url}/v1/sessions/${session}/transcripts/en`, read)).status).toBe(200);
  }
  const both = depositsOf(recording);
  expect(both).toHaveLength(2);
  expect(await opened()).toEqual({ object: both, metadata: 1 });

  const second = await requestAndOpen(server.url, people, made[1]?.recording ?? '', 'weekly sample');
  await hear(second, 'bytes=0-99');
  await hear(second, 'bytes=0-99');
  const all = [...both, ...depositsOf(made[1]?.recording ?? '')].sort();
  expect(await opened()).toEqual({ object: all, metadata: 1 });
});

it('opens nothing without an event', async () => {
  // A recovered deposit, and a run of the doctor: the other two reasons to open a data key.
  await double.fault({ kind: 'internal', operation: 'PutObject', times: 3, where: { key: '*/e/*' } });
  expect((await deposit('d')).status).toBe(503);
  const left = sql.prepare("select count(*) from deposit where state <> 'AVAILABLE'").pluck();
  await expect.poll(() => left.get()).toBe(0);
  const { vault, close } = await composeDeployment(deployment);
  const asWork = { ...vault, settings: { ...vault.settings, role: 'work' } as const };
  const notOk: string[] = [];
  for await (const { step, state } of runDoctor(vault, await processStepGroups(asWork, operatorActor('op-1')))) {
    if (state !== 'ok') notOk.push(`${step}: ${state}`);
  }
  // Nothing signs the logs here.
  expect(notOk).toEqual(['compare the signer with the logs: warning', 'read the anchor: skipped']);
  await close();

  const log = events();
  const count = (action: string, wanted: Readonly<Record<string, string>>): number =>
    log.filter(
      (leaf) => leaf.action === action && Object.entries(wanted).every(([name, is]) => leaf.object[name] === is),
    ).length;
  const calls = await double.calls('Decrypt');
  const objects = calls.filter(({ context }) => context['vault:use'] === 'object').map(({ context }) => context);
  const explained = new Map<string, readonly number[]>();
  for (const { 'vault:tenant': tenant, 'vault:recording': recording = '', 'vault:deposit': id = '' } of objects) {
    expect(tenant).toBe(people.tenant);
    const bySettling = count('deposit.committing', { id }) === 1 && sentBy(log, id) === 'system' ? 1 : 0;
    explained.set(id, [
      count('session.opened', { recording }),
      count('key.used', { why: 'doctor', recording, deposit: id }),
      bySettling,
    ]);
  }
  const times = (id: string): number => objects.filter((context) => context['vault:deposit'] === id).length;
  for (const [id, reasons] of explained) expect(times(id)).toBe(reasons.reduce((sum, n) => sum + n, 0));
  expect([...explained.values()].sort()).toEqual([
    [0, 1, 1],
    [1, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ]);
  // Counts per hour include the last use.
  const { settle = 0, ...others } = counted();
  expect(settle).toBe(1);
  expect(calls.length - objects.length).toBe(sum(others) - began);
});
