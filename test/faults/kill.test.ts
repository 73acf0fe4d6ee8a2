// kill −9 during deposits, twenty times: every acknowledged deposit exists, every other one is complete or deleted.
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { envelopePath } from '../../src/envelope/envelope.ts';
import { ingestKeyPath } from '../../src/envelope/ingest-key-blob.ts';
import { objectPath } from '../../src/envelope/object.ts';
import { tenantPath } from '../../src/envelope/tenant-blob.ts';
import { leafHash, logName, type StoredEvent } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { faultCalls } from '../support/fault-calls.ts';
import {
  type Deployment,
  dumpTables,
  filesUnder,
  newDeployment,
  type Server,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from '../support/fault-deployment.ts';
import { faultRandom } from '../support/fault-random.ts';
import { measureSlowdown } from '../support/machine-speed.ts';
import { until } from '../support/until.ts';

const KILLS = 20;
const random = faultRandom();

let deployment: Deployment;
let people: StaffedTenant;
let server: Server | undefined;
/** How much slower than a quiet machine this one is: servers run that much longer, and so do leases. */
let pace = 1;
const calls = faultCalls(random);

/** One round: deposits, and the kill among them. Some rounds run long enough to recover earlier deposits. */
async function round(number: number): Promise<void> {
  const started = await startServer(deployment);
  server = started;
  const life = pace * (number % 6 === 5 ? 1900 + random.int(700) : random.int(600));
  const sent = [calls.make(true), ...Array.from({ length: 6 }, () => calls.make(false))];
  const again = calls.all.filter((call) => !call.acknowledged && !sent.includes(call)).slice(-2);
  const answers = [...sent, ...again].map((call) =>
    calls.send(started.url, people, call, random.int(Math.max(1, life / 2))),
  );
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
  const open = "select id, state from deposit where state in ('UPLOADING', 'COMMITTING', 'ABORTING')";
  await until('no deposit is open', () => rows(open).length === 0, { everyMs: 100, seen: () => rows(open) });
}

/** The names that the store may hold: the tenant's and its ingest key's, and for each existing deposit its envelope and its objects. */
function namesDue(): string[] {
  const ingest = rows<{ tenant: string; id: string }>('select tenant, id from ingest_key');
  const due = [tenantPath(people.tenant), ...ingest.map(({ tenant, id }) => ingestKeyPath(tenant, id))];
  type Row = { tenant: string; recording: string; id: string; name: string };
  const objects = `select d.tenant, d.recording, d.id, o.name from deposit d
    join object o on o.tenant = d.tenant and o.deposit = d.id where d.state = 'AVAILABLE'`;
  for (const row of rows<Row>(objects)) due.push(objectPath({ ...row, deposit: row.id }));
  for (const row of rows<Row>("select tenant, recording, id, '' as name from deposit where state = 'AVAILABLE'")) {
    due.push(envelopePath(row.tenant, row.recording, row.id));
  }
  // Each audio here is readable, so each has peaks next to it.
  expect(due.filter((path) => path.endsWith('/peaks'))).toHaveLength((due.length - 2) / 3);
  return due.sort();
}

beforeAll(async () => {
  pace = await measureSlowdown();
  deployment = await newDeployment({ CALLVAULT_LEASE_SECONDS: String(2 * pace) });
  people = await staffDeployment(deployment);
});

afterAll(async () => {
  await server?.kill();
  await deployment.remove();
});

describe('a server that is killed during deposits', () => {
  it('keeps everything that it acknowledged, and nothing half done', { timeout: 1_800_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    for (let number = 0; number < KILLS; number++) await round(number);

    const last = await startServer(deployment);
    server = last;
    await settled();

    await calls.expectKept(last.url, people);
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
      expect(checkLog(logName(deployment.config.origin, log), events, leafHash)).toEqual([]);
    }
  });

  it('changes nothing when it is started once more', async () => {
    const before = dumpTables(deployment.database);
    const files = await filesUnder(deployment.folder);
    const once = await startServer(deployment);
    server = once;
    await sleep(pace * (2 * 2000 + 700));
    await once.stop();
    expect(dumpTables(deployment.database)).toBe(before);
    expect(await filesUnder(deployment.folder)).toEqual(files);
  });
});
