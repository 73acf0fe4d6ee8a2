// The gauges of the logs, scraped from a real server: while all is well, and in each situation that one of them shows.
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { segmentName } from '../../src/model/log/segment.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import {
  composeDeployment,
  type Deployment,
  minuteSignal,
  newDeployment,
  type Server,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from '../support/fault-deployment.ts';
import { signerFile } from '../support/signer-file.ts';
import { withOtherHandle } from '../support/sqlite-database.ts';
import { until } from '../support/until.ts';

/** Loaded before the server: rounds that come every hour come every second. */
const HURRIED = `data:text/javascript,${encodeURIComponent(
  'const set = setInterval; globalThis.setInterval = (work, ms, ...rest) => set(work, Math.min(ms, 1000), ...rest);',
)}`;

const WELL = {
  callvault_logs_held: 0,
  callvault_logs_stopped: 0,
  callvault_logs_other_signer: 0,
  callvault_log_events_unsealed: 0,
  callvault_log_foreign_blobs: 0,
  callvault_log_faults: 0,
};
type Gauges = { readonly [name in keyof typeof WELL]: number };

let deployment: Deployment;
let people: StaffedTenant;
let server: Server | null = null;

beforeEach(async () => {
  const places = await newDeployment();
  const more = {
    CALLVAULT_SIGNER: signerFile(join(places.folder, 'signer.pem')),
    CALLVAULT_ANCHOR: `folder:${join(places.folder, 'anchor')}`,
    CALLVAULT_SEAL_SECONDS: '1',
    CALLVAULT_METRICS_LISTEN: '127.0.0.1:0',
    NODE_OPTIONS: `--import ${HURRIED}`,
  };
  deployment = { ...places, env: { ...places.env, ...more } };
  people = await staffDeployment(deployment);
  // Or the server creates one, with an event, while the test counts them.
  const { vault, close } = await composeDeployment(deployment);
  await maintainIngestKeys(vault, minuteSignal());
  await close();
});
afterEach(async () => {
  await server?.kill();
  server = null;
  await deployment.remove();
});

async function start(): Promise<void> {
  server = await startServer(deployment);
}

async function stop(): Promise<void> {
  await server?.stop();
  server = null;
}

const ops = (): string => `http://127.0.0.1:${/"port":(\d+),"msg":"metrics listening"/.exec(server?.log() ?? '')?.[1]}`;

/** The gauges that the server shows. */
async function gauges(): Promise<Partial<Gauges>> {
  const text = await (await fetch(`${ops()}/metrics`)).text();
  const lines = text.split('\n').map((line) => line.split(' '));
  return Object.fromEntries(lines.flatMap(([name = '', value]) => (name in WELL ? [[name, Number(value)]] : [])));
}

/**
 * Waits until the server shows these gauges, beside which all is well. That of the daily readings is missing in a process
 * that has read no log yet.
 */
async function shows(changed: Partial<Gauges>): Promise<void> {
  const due = JSON.stringify({ ...WELL, ...changed });
  let seen: Partial<Gauges> = {};
  await until(
    `the gauges are ${due}`,
    async () => {
      seen = await gauges();
      return JSON.stringify({ ...WELL, ...seen }) === due && Object.keys(seen).length >= Object.keys(WELL).length - 1;
    },
    { everyMs: 100, seen: () => seen },
  );
}

/** Appends so many events to the tenant's log, as another process. */
async function append(count: number): Promise<void> {
  const { vault, close } = await composeDeployment(deployment);
  const { tenant } = people;
  const person = { tenant, kind: 'person', name: 'Otto', roles: ['reviewer'], owners: [] } as const;
  for (let n = 0; n < count; n++) await addPrincipal(vault, operatorActor('op-1'), person, minuteSignal());
  await close();
}

describe('the gauges of the logs of a real server', () => {
  it('are zero once all is sealed and read, and name no log', async () => {
    await start();
    await shows({});
    await until('it has read the logs', async () => (await gauges()).callvault_log_faults === 0, { seen: gauges });
    await append(2);
    await shows({});
    expect(await (await fetch(`${ops()}/metrics`)).text()).not.toContain(people.tenant);
  });

  it.each(['store', 'anchor'] as const)('count the events that wait while the %s is dead', async (name) => {
    await start();
    await shows({});
    const folder = join(deployment.folder, name);
    await rename(folder, `${folder}.kept`);
    await writeFile(folder, '');
    await append(3);
    await shows({ callvault_log_events_unsealed: 3 });
    await append(2);
    await shows({ callvault_log_events_unsealed: 5 });
    await rm(folder);
    await rename(`${folder}.kept`, folder);
    // Another process does not wait as the first one does after its failure.
    await stop();
    await start();
    await shows({});
  });

  it('count the logs that are held: yesterday’s database', async () => {
    await start();
    await shows({});
    await stop();
    await copyFile(deployment.database, `${deployment.database}.backup`);
    await append(2);
    await start();
    await shows({});
    await stop();
    for (const end of ['-wal', '-shm']) await rm(`${deployment.database}${end}`, { force: true });
    await copyFile(`${deployment.database}.backup`, deployment.database);
    await start();
    await shows({ callvault_logs_held: 1 });
  });

  it('count the logs whose content cannot be sealed, and the events that wait with it', async () => {
    await start();
    await shows({});
    await stop();
    await append(2);
    edit(
      'update audit_event set leaf = hash where log = ? and seq = (select size - 1 from audit_head where log = ?)',
      2,
    );
    await start();
    await until('it is stopped', async () => (await gauges()).callvault_logs_stopped === 1, { seen: gauges });
    expect(await gauges()).toMatchObject({ callvault_logs_held: 0, callvault_log_events_unsealed: 2 });
  });

  it('count the blobs among the segments that are none', async () => {
    await start();
    await shows({});
    const folder = join(deployment.store, 't', people.tenant, 'l');
    await writeFile(join(folder, segmentName(900_000)), 'junk');
    await append(1);
    await shows({ callvault_log_foreign_blobs: 1 });
  });

  it('count what the daily reading finds', async () => {
    await start();
    await shows({});
    await stop();
    edit('update audit_event set leaf = hash where log = ? and seq = 1', 1);
    edit('update audit_head set reread = null where log = ?', 1);
    await start();
    await until('it found faults', async () => ((await gauges()).callvault_log_faults ?? 0) > 0, { seen: gauges });
    expect(await gauges()).toMatchObject({ callvault_logs_held: 0, callvault_logs_stopped: 0 });
  });
});

/** Changes the tenant's log in the database, as its owner can. `times`: how often the statement names the log. */
function edit(statement: string, times: number): void {
  withOtherHandle(deployment.database, (file) => {
    file.exec('drop trigger if exists audit_event_update');
    file.prepare(statement).run(...Array.from({ length: times }, () => people.tenant));
  });
}
