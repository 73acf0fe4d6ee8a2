// kill −9 during deposits, twenty times: what was acknowledged is there, what was not is whole or gone.
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { envelopePath } from '../../src/envelope/envelope.ts';
import { objectPath } from '../../src/envelope/object.ts';
import { tenantPath } from '../../src/envelope/tenant-blob.ts';
import { logName, type StoredEvent } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log-check.ts';
import { api, digestOf, heardDigest, putAudio, wavHeader } from '../support/fault-client.ts';
import {
  composed,
  type Deployment,
  dumpTables,
  filesUnder,
  newDeployment,
  type Server,
  type Staffed,
  staff,
  startServer,
} from '../support/fault-deployment.ts';
import { faultRandom } from '../support/fault-random.ts';

const KILLS = 20;
const BIG = 20 * 1024 * 1024;
const PIECE = 256 * 1024;
const random = faultRandom();
const noise = random.bytes(BIG);

type Call = {
  readonly id: string;
  readonly pieces: readonly Buffer[];
  readonly length: number | null;
  readonly sha256: string;
  acknowledged: boolean;
};

type Page = { readonly data: Listed[]; readonly next_cursor: string | null };

type Listed = { readonly id: string; readonly state: string; readonly call_id: string };

let deployment: Deployment;
let people: Staffed;
let server: Server | undefined;
const calls: Call[] = [];

/** A new call: its own random head, then noise from anywhere. */
function newCall(big: boolean): Call {
  const size = big ? BIG - random.int(4 * 1024 * 1024) : 64 + random.int(400_000);
  const pieces = [wavHeader(size), random.bytes(32)];
  for (let at = 0; at < size - 32; at += PIECE) pieces.push(noise.subarray(at, Math.min(at + PIECE, size - 32)));
  const call = {
    id: `call-${calls.length}`,
    pieces,
    length: random.int(2) === 0 ? null : size + 44,
    sha256: digestOf(pieces),
    acknowledged: false,
  };
  calls.push(call);
  return call;
}

async function send(url: string, call: Call, wait: number): Promise<void> {
  await sleep(wait);
  const answer = await putAudio(`${url}/v1/ingest/pbx/${call.id}`, people.depositor, call.pieces, call.length);
  if (answer !== null && (answer.status === 200 || answer.status === 201)) {
    expect(JSON.parse(answer.body)).toMatchObject({ sha256: call.sha256 });
    call.acknowledged = true;
  } else if (answer !== null) {
    // The service may only say that it cannot now: a try that was cut still holds its lease.
    expect({ call: call.id, ...answer }).toMatchObject({ status: expect.toSatisfy((s) => s === 409 || s >= 503) });
  }
}

/** One round: deposits, and the kill in the midst of them. Some rounds live long enough to settle earlier ones. */
async function round(number: number): Promise<void> {
  const started = await startServer(deployment);
  server = started;
  const life = number % 6 === 5 ? 1900 + random.int(700) : random.int(600);
  const sent = [newCall(true), ...Array.from({ length: 6 }, () => newCall(false))];
  const again = calls.filter((call) => !call.acknowledged && !sent.includes(call)).slice(-2);
  const answers = [...sent, ...again].map((call) => send(started.url, call, random.int(Math.max(1, life / 2))));
  await sleep(life);
  await started.kill();
  await Promise.all(answers);
}

function rows<T>(query: string, ...values: string[]): T[] {
  const file = new SqliteFile(deployment.database, { readonly: true });
  try {
    return file.prepare(query).all(...values) as T[];
  } finally {
    file.close();
  }
}

async function settled(): Promise<void> {
  const giveUp = performance.now() + 40_000;
  const open = "select id, state from deposit where state in ('UPLOADING', 'COMMITTING', 'ABORTING')";
  while (rows(open).length > 0) {
    if (performance.now() > giveUp) expect(rows(open)).toEqual([]);
    await sleep(100);
  }
}

async function allListed(url: string): Promise<Listed[]> {
  const found: Listed[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: Page = await api<Page>(`${url}/v1/recordings?limit=50${from}`, people.reviewer, 'GET');
    found.push(...page.data);
    cursor = page.next_cursor;
  }
  return found;
}

/** The names that the store may hold: the tenant's, and two for each deposit that is there. */
function namesDue(): string[] {
  const due = [tenantPath(people.tenant)];
  type Row = { tenant: string; recording: string; id: string; object: string };
  for (const row of rows<Row>("select tenant, recording, id, object from deposit where state = 'AVAILABLE'")) {
    due.push(objectPath({ ...row, deposit: row.id, name: row.object }));
    due.push(envelopePath(row.tenant, row.recording, row.id));
  }
  return due.sort();
}

beforeAll(async () => {
  deployment = await newDeployment();
  const { vault, close } = await composed(deployment);
  people = await staff(vault, 'Harbour Bank', { admin: 'Ann', approver: 'Sue', reviewer: 'Rita' });
  await close();
});

afterAll(async () => {
  await server?.kill();
  await deployment.remove();
});

describe('a server that is killed during deposits', () => {
  it('keeps all that it acknowledged, and nothing half', { timeout: 180_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    for (let number = 0; number < KILLS; number++) await round(number);

    const last = await startServer(deployment);
    server = last;
    await settled();

    const listed = await allListed(last.url);
    const byCall = new Map(listed.map((recording) => [recording.call_id, recording]));
    expect(byCall.size).toBe(listed.length);
    const lost = calls.filter((call) => call.acknowledged && !byCall.has(call.id));
    expect(lost.map(({ id }) => id)).toEqual([]);
    for (const recording of listed) {
      const call = calls.find(({ id }) => id === recording.call_id);
      const heard = await heardDigest(last.url, people, recording.id);
      expect({ ...recording, heard }).toMatchObject({ state: 'available', heard: call?.sha256 });
    }
    // The faults were real ones: some calls came through, some were cut.
    expect(calls.filter((call) => call.acknowledged).length).toBeGreaterThan(0);
    expect(calls.filter((call) => !call.acknowledged).length).toBeGreaterThan(0);
    await last.stop();

    expect(await filesUnder(deployment.store)).toEqual(namesDue());
    expect(rows('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const keys = rows(
      "select deposit from wrapped_key where deposit not in (select id from deposit where state = 'AVAILABLE')",
    );
    expect(keys).toEqual([]);
    for (const log of ['deployment', people.tenant]) {
      const events = rows<StoredEvent>('select log, seq, leaf, hash from audit_event where log = ? order by seq', log);
      expect(events.length).toBeGreaterThan(0);
      expect(checkLog(logName(deployment.config.origin, log), events)).toEqual([]);
    }
  });

  it('changes nothing when it is started once more', { timeout: 60_000 }, async () => {
    const before = dumpTables(deployment.database);
    const files = await filesUnder(deployment.folder);
    const once = await startServer(deployment);
    server = once;
    await sleep(2 * 2000 + 700);
    await once.stop();
    expect(dumpTables(deployment.database)).toBe(before);
    expect(await filesUnder(deployment.folder)).toEqual(files);
  });
});
