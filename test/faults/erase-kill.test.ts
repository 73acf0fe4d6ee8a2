// Erasing with the real command and the real service, killed −9 again and again: it completes and leaves nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { leafHash, logName, type StoredEvent } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { builtBin } from '../support/built.ts';
import { api, putAudio, requestAndOpen, wavHeader } from '../support/fault-client.ts';
import {
  type Deployment,
  filesUnder,
  newDeployment,
  type Server,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from '../support/fault-deployment.ts';
import { faultRandom } from '../support/fault-random.ts';
import { type Canary, scanFolder } from '../support/leak-scanner.ts';
import { measureSlowdown } from '../support/machine-speed.ts';
import { until } from '../support/until.ts';

const random = faultRandom();
let deployment: Deployment;
let people: StaffedTenant;
let server: Server | undefined;
let backup: string;
/** How much slower than a quiet machine this one is: processes run that much longer before they are killed. */
let pace = 1;

/** Runs `work` over the database file while no process has it open. */
function over<T>(work: (file: SqliteFile.Database) => T): T {
  const file = new SqliteFile(deployment.database);
  try {
    return work(file);
  } finally {
    file.close();
  }
}

const rows = <T>(query: string, ...values: string[]): T[] => over((file) => file.prepare(query).all(...values) as T[]);

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** `callvault recordings erase …`, killed after `killAfter` milliseconds unless null. */
async function erase(recording: string, killAfter: number | null, ...more: readonly string[]): Promise<Ended> {
  const given = ['recordings', 'erase', recording, '--tenant', people.tenant, '--reason', 'request', ...more];
  const env = { ...process.env, ...deployment.env, CALLVAULT_OPERATOR: 'op-17' };
  const child = spawn(process.execPath, [builtBin(), ...given], { env, stdio: 'pipe' });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const closed = once(child, 'close');
  if (killAfter !== null) {
    await sleep(killAfter);
    child.kill('SIGKILL');
  }
  const [code] = (await closed) as [number | null];
  return { code, out, err };
}

async function put(callId: string): Promise<string> {
  const audio = [wavHeader(200_000), random.bytes(200_000)];
  const reply = await putAudio(`${server?.url}/v1/ingest/pbx/${callId}`, people.depositor, audio, null);
  return (JSON.parse(reply?.body ?? '{}') as { recording: string }).recording;
}

/** Everything that must be gone in the end: wrapped keys, sealed facts, indexes, salts and details. */
function canariesOf(recording: string): Canary[] {
  const found: Canary[] = [];
  const collect = (name: string, query: string): void => {
    for (const { bytes } of rows<{ bytes: Buffer }>(query, recording)) found.push({ name, bytes, text: false });
  };
  const deposits = 'select id from deposit where recording = ?';
  collect('wrapped key', `select wrapped as bytes from wrapped_key where deposit in (${deposits})`);
  collect('facts', 'select facts as bytes from recording where id = ?');
  collect('digest', 'select digest as bytes from deposit where recording = ?');
  collect('detail', 'select sealed as bytes from audit_detail where recording = ?');
  collect('salt', 'select salt as bytes from audit_detail where recording = ?');
  collect('words', 'select words as bytes from access_request where recording = ?');
  collect('comment', 'select words as bytes from comment where recording = ?');
  return found;
}

const stateOf = (recording: string): string | undefined =>
  rows<{ state: string }>('select state from recording where id = ?', recording)[0]?.state;
const passOf = (recording: string): number | undefined =>
  rows<{ pass: number }>('select pass from erasure where recording = ?', recording)[0]?.pass;

beforeAll(async () => {
  pace = await measureSlowdown();
  deployment = await newDeployment({ CALLVAULT_LEASE_SECONDS: String(2 * pace) });
  backup = `${deployment.folder}.backup`;
  people = await staffDeployment(deployment);
});

afterAll(async () => {
  await server?.kill();
  await deployment.remove();
  await rm(backup, { force: true });
});

describe('an erasure', () => {
  it('that is killed at any time completes, and leaves nothing', { timeout: 1_800_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    server = await startServer(deployment);
    const [recording, kept] = [await put('call-1'), await put('call-2')];
    const session = await requestAndOpen(server.url, people, recording, 'a reason that is nobody else’s business');
    const media = await fetch(`${server.url}/v1/sessions/${session}/media`, {
      headers: { authorization: `Bearer ${people.reviewer}` },
    });
    expect((await media.arrayBuffer()).byteLength).toBe(200_044);
    const comment = {
      start_ms: 0,
      category: 'note',
      visibility: 'private',
      text: 'a comment that is nobody else’s business',
    };
    await api(`${server.url}/v1/sessions/${session}/comments`, people.reviewer, 'POST', comment);
    await server.kill();
    const canaries = canariesOf(recording);
    expect(canaries.map(({ name }) => name)).toEqual([
      'wrapped key',
      'facts',
      'digest',
      // Of asking; and of approving and opening, which record the client address.
      ...['detail', 'detail', 'detail', 'salt', 'salt', 'salt'],
      'words',
      'comment',
    ]);
    expect(new Set((await scanFolder(deployment.folder, canaries)).map(({ canary }) => canary)).size).toBe(7);
    over((file) => file.pragma('wal_checkpoint(TRUNCATE)'));
    await copyFile(deployment.database, backup);

    for (const after of [300, 500, 700, 900]) await erase(recording, pace * (after + random.int(200)));
    const erased = await erase(recording, null);
    expect(erased.code).toBe(0);
    expect(erased.err).toMatch(
      /its keys are deleted from the database and playback has ended; the service .* deletes the stored objects/,
    );
    expect(erased.err).toContain('backups, replicas and WAL archives');
    const line = JSON.parse(erased.out) as { state: string; tombstone: string; audit: string };
    expect(line).toMatchObject({ recording, state: 'ERASING' });
    expect(line.audit).toMatch(new RegExp(`^vault\\.example/${people.tenant} \\d+ [A-Za-z0-9+/]{43}=$`));

    // The service is killed in each of its passes, and time passes between its lives.
    for (const pass of [0, 1, 2]) {
      for (let life = 0; life < 3; life++) {
        over((file) => file.exec("update erasure set due = '2020-01-01T00:00:00.000Z' where due is not null"));
        server = await startServer(deployment);
        await sleep(1700 + pace * random.int(700));
        await server.kill();
        if (passOf(recording) !== pass) break;
      }
      if (passOf(recording) === pass) {
        server = await startServer(deployment);
        await until('the erasure passes on', () => passOf(recording) !== pass);
        await server.kill();
      }
    }
    expect(stateOf(recording)).toBe('ERASED');
    const stored = await filesUnder(deployment.store);
    expect(stored.filter((name) => name.includes(recording))).toEqual([]);
    expect(stored.filter((name) => name.includes('/x/'))).toEqual([line.tombstone]);
    expect((await filesUnder(deployment.store)).filter((name) => name.includes(kept))).toHaveLength(3);
    expect(await scanFolder(deployment.folder, canaries)).toEqual([]);
    const query = 'select log, seq, leaf, hash from audit_event where log = ? order by seq';
    const events = rows<StoredEvent>(query, people.tenant);
    expect(checkLog(logName(deployment.config.origin, people.tenant), events, leafHash)).toEqual([]);
    const actions = events.map(({ leaf }) => (JSON.parse(Buffer.from(leaf).toString()) as { action: string }).action);
    expect(actions.filter((action) => action.startsWith('recording.eras'))).toEqual([
      'recording.erasing',
      'recording.erased',
    ]);
    const again = await erase(recording, null, '--wait');
    expect(again.err).toMatch(/was already erased: ERASED/);
    expect(JSON.parse(again.out)).toMatchObject({ state: 'ERASED', tombstone: line.tombstone, audit: line.audit });
    const foreign = await erase(`rec_${'0'.repeat(26)}`, null);
    expect(foreign).toMatchObject({ code: 1, out: '' });
    expect(foreign.err).toContain('there is no such recording');
  });

  it('is replayed by a service that starts over an older database', async () => {
    for (const end of ['-wal', '-shm']) await rm(`${deployment.database}${end}`, { force: true });
    await copyFile(backup, deployment.database);
    const [recording] = rows<{ recording: string }>("select recording from deposit where state = 'AVAILABLE'");
    const list = (await filesUnder(deployment.store)).find((name) => name.includes('/x/')) ?? '';
    const { erased } = JSON.parse(await readFile(join(deployment.store, list), 'utf8')) as {
      erased: [{ recording: string }];
    };
    const id = erased[0].recording;
    expect(stateOf(id)).toBe('AVAILABLE');
    expect(recording).toBeDefined();
    server = await startServer(deployment);
    const reply = await fetch(`${server.url}/v1/recordings/${id}`, {
      headers: { authorization: `Bearer ${people.reviewer}` },
    });
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([410, 'erased']);
    const wish = { recording: id, purpose: 'quality', reason: 'to hear it', minutes: 15 };
    await expect(api(`${server.url}/v1/access-requests`, people.reviewer, 'POST', wish)).rejects.toThrow('410');
    expect(rows('select deposit from wrapped_key')).toHaveLength(1);
    await server.stop();
  });
});
