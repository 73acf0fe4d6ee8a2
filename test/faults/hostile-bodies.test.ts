// Bodies made to cost much, sent to a real service: their cost, and whether another tenant still gets its answers.
import { request as open } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  composeDeployment,
  createStaffedTenant,
  type Deployment,
  minuteSignal,
  newDeployment,
  type Server,
  type StaffedTenant,
  startServer,
} from '../support/fault-deployment.ts';
import { HOSTILE_LISTS } from '../support/hostile-lists.ts';
import { HOSTILE, LARGE_TRANSCRIPTS, mediaFile } from '../support/media-files.ts';
import { cpuMs, peakMiB, resetPeak, residentMiB } from '../support/process-cost.ts';
import { ingestKeyOf, type PublicIngestKey, sealCall } from '../support/sealed-files.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';

const MIB = 1_048_576;
/** What a body may need in MiB beyond a WAV of its size: a decoder's thread, and garbage not collected yet. */
const MOST_MIB = 64;
/** What all of them together may leave in use. What the allocator keeps of freed memory is not the service's. */
const MOST_LEFT_MIB = 16;
const LIVE_MEMORY = join(import.meta.dirname, '../support/live-memory.mjs');
/** The CPU time of this many WAVs of the size, and of a reply: without bounds they took thousands. */
const MOST_TIMES = 25;
const MOST_MORE_MS = 1_000;
/** What the other tenant's replies meanwhile may take: a list that gives way takes longer, so there are more of them. */
const MOST_TIMES_REPLY = 2;
/** What a decoder may take for peaks, in its threads: 2 s, and 4 s per MiB. */
const decoding = (type: string, size: number): number =>
  type === 'audio/mpeg' || type === 'audio/ogg' ? 2_000 + (4_000 * size) / MIB : 0;
/** What a change of a call may take: some milliseconds, on a slow and busy machine. */
const CHANGE_MS = 20;
/** The longest reply to another tenant, even on a slow and busy machine. */
const MOST_WAIT_MS = 5_000;

const DECODED = [
  ['audio/mpeg', 'mpeg25.mp3'],
  ['audio/ogg', 'opus.ogg'],
] as const;

let deployment: Deployment;
let server: Server;
let [own, other]: [StaffedTenant | null, StaffedTenant | null] = [null, null];
let recording = '';
/** CPU time and memory of an ordinary deposit, and CPU time of a reply to the other tenant. */
let honest = { msPerByte: 0, msPerReply: 0, peak: 0 };
let calls = 0;
let ingestKey: PublicIngestKey;
let [reports, liveBefore] = [0, 0];

/** MiB that the service uses once its garbage is collected. */
async function liveMiB(): Promise<number> {
  const line = new RegExp(`live memory ${++reports}: (\\d+)`);
  server.signal('SIGUSR2');
  await until('the service reports its memory', () => line.test(server.log()));
  return Number(line.exec(server.log())?.[1]) / MIB;
}

type Reply = { readonly status: number; readonly text: string };

function send(method: string, path: string, key: string, type: string, body?: Uint8Array): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': type, 'content-length': body.length }),
    };
    const made = open(`${server.url}${path}`, { method, headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (piece: string) => {
        text += piece;
      });
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text }));
      reply.on('error', reject);
    });
    made.on('error', reject);
    made.end(body);
  });
}

const keyOf = (staffed: StaffedTenant | null): string => staffed?.depositor ?? '';
const put = (type: string, body: Uint8Array) => send('PUT', `/v1/ingest/pbx/call-${calls++}`, keyOf(own), type, body);

/** Milliseconds of other tenants' longest wait and of CPU time; their replies; MiB before it, and at most. */
type Cost = {
  readonly worstMs: number;
  readonly cpu: number;
  readonly replies: number;
  readonly before: number;
  readonly peak: number;
};

/** Does `work` while the other tenant keeps sending requests. */
async function besideOther<T>(work: () => Promise<T>): Promise<{ result: T } & Cost> {
  resetPeak(server.pid);
  const before = residentMiB(server.pid);
  const cpu = cpuMs(server.pid);
  let over = false;
  let [worstMs, replies] = [0, 0];
  const asking = (async () => {
    do {
      const asked = performance.now();
      const { status } = await send('GET', `/v1/recordings/${recording}`, other?.reviewer ?? '', '');
      expect(status).toBe(404);
      worstMs = Math.max(worstMs, performance.now() - asked);
      replies += 1;
      await sleep(2);
    } while (!over);
  })();
  try {
    const result = await work();
    return { result, worstMs, replies, cpu: cpuMs(server.pid) - cpu, before, peak: peakMiB(server.pid) };
  } finally {
    over = true;
    await asking;
  }
}

function expectLittle(
  name: string,
  size: number,
  cost: Cost,
  { held = 0, decodingMs = 0 }: { readonly held?: number; readonly decodingMs?: number } = {},
): void {
  // Memory that an earlier body left does not count.
  const more = cost.peak - Math.max(honest.peak, cost.before);
  const [mib, memory] = [(size / MIB).toFixed(1), more.toFixed(0)];
  const wait = cost.worstMs.toFixed(0);
  process.stdout.write(
    `${name}: ${mib} MiB, ${cost.cpu.toFixed(0)} ms of CPU, ${memory} MiB more memory, others waited ${wait} ms at most\n`,
  );
  expect(more).toBeLessThan(MOST_MIB + held);
  const replies = MOST_TIMES_REPLY * honest.msPerReply * cost.replies;
  expect(cost.cpu).toBeLessThan(MOST_TIMES * honest.msPerByte * size + MOST_MORE_MS + decodingMs + replies);
  expect(cost.worstMs).toBeLessThan(MOST_WAIT_MS);
}

beforeAll(async () => {
  deployment = await newDeployment({ CALLVAULT_LEASE_SECONDS: '60', NODE_OPTIONS: `--import=${LIVE_MEMORY}` });
  const { vault, close } = await composeDeployment(deployment);
  own = await createStaffedTenant(vault, 'Harbour Bank', { admin: 'Ada', approver: 'Sue', reviewer: 'Rob' });
  other = await createStaffedTenant(vault, 'Yunhai Travel', { admin: 'Lin', approver: 'Mei', reviewer: 'Wei' });
  ingestKey = await ingestKeyOf({ vault } as never, own as never);
  await close();
  server = await startServer(deployment);
  const described = await send(
    'POST',
    '/v1/recordings',
    keyOf(own),
    'application/json',
    Buffer.from('{"source":"pbx","call_id":"spoken"}'),
  );
  recording = (JSON.parse(described.text) as { recording: string }).recording;
  // The first deposits warm the service up; it keeps their memory for the next ones.
  const call = wav(20 * MIB);
  for (let n = 0; n < 3; n++) expect((await put('audio/wav', call)).status).toBe(201);
  for (const [type, name] of DECODED) expect((await put(type, mediaFile(name))).status).toBe(201);
  const { cpu: idle, replies } = await besideOther(() => sleep(1_000));
  const { cpu, peak } = await besideOther(() => put('audio/wav', call));
  honest = { msPerByte: cpu / call.length, msPerReply: idle / replies, peak };
  liveBefore = await liveMiB();
});
afterAll(async () => {
  await server?.stop();
  await deployment?.remove();
});

describe('a hostile recording', () => {
  it.each(Object.entries(HOSTILE))('%s does not slow others down, and is stored', async (name, [type, file]) => {
    const body = file();
    const { result, ...cost } = await besideOther(() => put(type, body));
    expect(result.status).toBe(201);
    expectLittle(name, body.length, cost, { decodingMs: decoding(type, body.length) });
  });
});

describe('a call after all of them', () => {
  it.each(DECODED)('of %s has its peaks', async (type, name) => {
    const { status, text } = await put(type, mediaFile(name));
    expect(status).toBe(201);
    const { recording: id, deposit } = JSON.parse(text) as { recording: string; deposit: string };
    const { vault, close } = await composeDeployment(deployment);
    const objects = await vault.db.read((rows) => rows.deposits.objects(own?.tenant ?? '', deposit), minuteSignal());
    await close();
    expect([id.slice(0, 4), ...objects.map((object) => object.name)]).toEqual(['rec_', 'audio', 'peaks']);
  });
});

describe('a large transcript', () => {
  it.each(Object.entries(LARGE_TRANSCRIPTS))('of %s does not slow others down', async (name, large) => {
    const [status, made, type = 'application/vnd.callvault.transcript+json'] = large;
    const body = made();
    const language = { 'text/plain': 'de', 'application/json': 'fr' }[type] ?? 'en';
    const path = `/v1/recordings/${recording}/transcripts/${language}`;
    const { result, ...cost } = await besideOther(() => send('PUT', path, keyOf(own), type, body));
    expect(result.status).toBe(status);
    // The service holds it whole, in pieces and in one.
    expectLittle(name, body.length, cost, { held: (2 * body.length) / MIB });
  });
});

describe('a hostile call list', () => {
  it.each(Object.entries(HOSTILE_LISTS))('%s does not slow others down', async (name, made) => {
    const body = made(100_000, 0);
    const path = '/v1/call-lists?source=pbx';
    const { result, ...cost } = await besideOther(() => send('POST', path, keyOf(own), 'text/csv', body));
    expect(result.status).toBe(name.includes('never closed') ? 400 : 200);
    // Each of its lines changes the call, as a request would.
    const changes = name.includes('other values') ? Number(JSON.parse(result.text).lines) : 0;
    expectLittle(name, body.length, cost, { decodingMs: changes * CHANGE_MS });
  });
});

describe('a hostile sealed file', () => {
  const BROKEN = 8 * MIB;
  const facts = () => ({ source: 'pbx', call_id: `sealed-${calls++}` });
  const many = (length: number, name: (n: number) => string) =>
    Object.fromEntries(Array.from({ length }, (_, n) => [name(n), 'x']));
  const nested = (depth: number): object => (depth === 0 ? {} : { a: nested(depth - 1) });
  const seal = (content: Uint8Array, more: object = {}, meta: object = {}) =>
    sealCall({ tenant: own?.tenant ?? '', key: ingestKey }, content, { ...facts(), ...more }, meta);

  it.each<readonly [string, number, () => ReturnType<typeof seal>]>([
    [
      'whose chunks are noise',
      400,
      async () => {
        const { id, file } = await seal(wav(BROKEN));
        return { id, file: Buffer.concat([file.subarray(0, 2_000), Buffer.alloc(BROKEN, 0x5a)]) };
      },
    ],
    [
      'that is noise',
      400,
      async () => ({ id: '0b0e7e6e-1c43-4a68-9d26-8f3f5d1b7f10', file: Buffer.alloc(BROKEN, '{') }),
    ],
    ['with another digest than it says', 400, () => seal(wav(BROKEN), {}, { sha256: '0'.repeat(64) })],
    ['with very many fields', 400, () => seal(wav(100), { fields: many(2_500, (n) => `f-${n}`) })],
    [
      'with unknown facts',
      400,
      () =>
        seal(
          wav(100),
          many(2_500, (n) => `f-${n}`),
        ),
    ],
    ['with nested facts', 400, () => seal(wav(100), { fields: nested(2_000) } as object)],
    ...Object.entries(HOSTILE).map(
      ([name, [type, file]]) => [`with a recording: ${name}`, 201, () => seal(file(), {}, { type })] as const,
    ),
  ])('%s does not slow others down', async (name, least, made) => {
    const { id, file } = await made();
    const type = 'application/octet-stream';
    const { result, ...cost } = await besideOther(() => send('PUT', `/v1/sealed-files/${id}`, keyOf(own), type, file));
    expect(result.status, result.text).toBeGreaterThanOrEqual(least);
    expect(result.status).toBeLessThan(500);
    expectLittle(name, file.length, cost, { decodingMs: decoding('audio/mpeg', file.length) });
  });
});

describe('the service after all of them', () => {
  it('uses little more memory than before', async () => {
    const more = (await liveMiB()) - liveBefore;
    process.stdout.write(`live memory: ${liveBefore.toFixed(1)} MiB before, ${more.toFixed(1)} MiB more\n`);
    expect(more).toBeLessThan(MOST_LEFT_MIB);
  });
});
