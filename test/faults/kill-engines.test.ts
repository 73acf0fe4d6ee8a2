// kill −9 of either of two processes on PostgreSQL and S3, twenty times under mixed load: nothing acknowledged is lost,
// no upload stays open, and recovery does not touch what the other process is uploading meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { envelopePath } from '../../src/envelope/envelope.ts';
import { ingestKeyPath } from '../../src/envelope/ingest-key-blob.ts';
import { objectPath } from '../../src/envelope/object.ts';
import { tenantPath } from '../../src/envelope/tenant-blob.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { type Cloud, needsCloud, openCloud } from '../support/cloud.ts';
import { faultCalls } from '../support/fault-calls.ts';
import { playbackDigest } from '../support/fault-client.ts';
import { type FaultProcesses, faultProcesses } from '../support/fault-processes.ts';
import { faultRandom } from '../support/fault-random.ts';
import { until } from '../support/until.ts';

const KILLS = 20;
const random = faultRandom();
const cloud = needsCloud();

describe.skipIf(!cloud.present)(`two processes on PostgreSQL and S3 ${cloud.reason}`, () => {
  let engines: Cloud;
  let processes: FaultProcesses;
  const calls = faultCalls(random);

  beforeAll(async () => {
    engines = await openCloud();
    processes = await faultProcesses((pace) => ({ ...engines.env, CALLVAULT_LEASE_SECONDS: String(2 * pace) }));
  });
  afterAll(async () => {
    await processes?.remove();
    await engines?.close();
  });

  /** Deposits and listening on both processes; one is killed; the slow deposit at the other one must succeed. */
  async function round(heard: { readonly recording: string; readonly sha256: string } | null): Promise<void> {
    const { people, pace, up } = processes;
    const victim = random.int(2);
    const [killed, other] = [await up(victim), await up(1 - victim)];
    const life = random.int(pace * 1500);
    const again = calls.all.filter((call) => !call.acknowledged).slice(-2);
    const sent = [killed, other].flatMap(({ url }) =>
      [calls.make(true), calls.make(false), calls.make(false)].map((call) =>
        calls.send(url, people, call, random.int(Math.max(1, life / 2))),
      ),
    );
    const retried = again.map((call) => calls.send(other.url, people, call, random.int(life + 1)));
    // Slower than the lease of 2 seconds and than the other's restart: it outlives the recovery.
    const slow = calls.send(other.url, people, calls.make(true), 0, pace * 40);
    const listening = heard === null ? null : playbackDigest(other.url, people, heard.recording);
    await sleep(life);
    await processes.kill(victim);
    await up(victim);
    await Promise.all([...sent, ...retried]);
    expect(await slow).toBe(201);
    if (heard !== null) expect(await listening).toBe(heard.sha256);
  }

  async function settled(): Promise<void> {
    const open = "select id, state from deposit where state in ('UPLOADING', 'COMMITTING', 'ABORTING')";
    const left = async () => [...(await engines.rows(open)), ...(await engines.uploads())];
    await until('neither a deposit nor an upload is open', async () => (await left()).length === 0, { everyMs: 200 });
  }

  it('lose nothing that they acknowledged and leave nothing half done', { timeout: 1_800_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    const { deployment, people, up } = processes;
    const first = calls.make(true);
    const server = await up(0);
    expect(await calls.send(server.url, people, first, 0)).toBe(201);
    const [recording] = await engines.rows<{ id: string }>("select id from recording where state = 'AVAILABLE'");
    const heard = { recording: recording?.id ?? '', sha256: first.sha256 };
    for (let number = 0; number < KILLS; number++) await round(number % 3 === 0 ? heard : null);

    const [one, two] = [await up(0), await up(1)];
    await settled();
    expect(await calls.expectKept(one.url, people)).toBeGreaterThan(KILLS);
    expect(await playbackDigest(two.url, people, heard.recording)).toBe(heard.sha256);
    await processes.stop();

    type Row = { tenant: string; recording: string; id: string; object: string };
    const there = await engines.rows<Row>(
      "select tenant, recording, id, object from deposit where state = 'AVAILABLE'",
    );
    const due = there.flatMap((row) => [
      objectPath({ ...row, deposit: row.id, name: row.object }),
      objectPath({ ...row, deposit: row.id, name: 'peaks' }),
      envelopePath(row.tenant, row.recording, row.id),
    ]);
    const keys = await engines.rows<{ tenant: string; id: string }>('select tenant, id from ingest_key');
    expect(keys).toHaveLength(1);
    for (const { tenant, id } of keys) due.push(tenantPath(tenant), ingestKeyPath(tenant, id));
    expect(await engines.blobs()).toEqual(due.sort());
    expect(await engines.uploads()).toEqual([]);
    const orphans =
      "select deposit from wrapped_key where deposit not in (select id from deposit where state = 'AVAILABLE')";
    expect(await engines.rows(orphans)).toEqual([]);
    type Event = { log: string; seq: string; leaf: Buffer; hash: Buffer };
    for (const log of ['deployment', people.tenant]) {
      const rows = await engines.rows<Event>(
        'select log, seq, leaf, hash from audit_event where log = $1 order by seq',
        [log],
      );
      const events = rows.map((row) => ({ ...row, seq: Number(row.seq) }));
      expect(events.length).toBeGreaterThan(0);
      expect(checkLog(logName(deployment.config.origin, log), events, leafHash)).toEqual([]);
    }
  });

  it('change nothing when they are started once more', async () => {
    const [rows, blobs] = [await engines.dump(), await engines.blobs()];
    await Promise.all([processes.up(0), processes.up(1)]);
    await sleep(processes.pace * (2 * 2000 + 700));
    await processes.stop();
    expect(await engines.dump()).toBe(rows);
    expect(await engines.blobs()).toEqual(blobs);
  });
});
