// kill −9 while people write comments and `work` stores their entries: each acknowledged one is there once, in rows, log
// and store, and each stream is whole. One process on SQLite and a folder; two on PostgreSQL and S3.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { Vault } from '../../src/vault/core/vault.ts';
import { type Cloud, needsCloud, openCloud } from '../support/cloud.ts';
import { storedStream } from '../support/entries.ts';
import { faultCalls } from '../support/fault-calls.ts';
import { api, requestAndOpen } from '../support/fault-client.ts';
import {
  composeDeployment,
  type Deployment,
  filesUnder,
  minuteSignal,
  newDeployment,
  type Server,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from '../support/fault-deployment.ts';
import { faultRandom } from '../support/fault-random.ts';
import { measureSlowdown } from '../support/machine-speed.ts';
import { until } from '../support/until.ts';

const KILLS = 8;
const WRITERS = 4;
const random = faultRandom();
const cloud = needsCloud();

const ENGINES = [
  { name: 'one process on SQLite and a folder', servers: 1, present: true, reason: '' },
  { name: 'two processes on PostgreSQL and S3', servers: 2, ...cloud },
];

describe.each(ENGINES)('$name $reason', ({ servers: count, present }) => {
  let engines: Cloud | undefined;
  let deployment: Deployment;
  let people: StaffedTenant;
  let recording: string;
  let pace = 1;
  const servers: (Server | undefined)[] = [];
  /** The texts of all comments that were sent, and the ids of those that were acknowledged. */
  const acknowledged = new Map<string, string>();
  let sent = 0;

  beforeAll(async () => {
    if (!present) return;
    engines = count === 1 ? undefined : await openCloud();
    pace = await measureSlowdown();
    deployment = await newDeployment({ ...engines?.env });
    people = await staffDeployment(deployment);
  });
  afterAll(async () => {
    for (const server of servers) await server?.kill();
    await deployment?.remove();
    await engines?.close();
  });

  const up = async (which: number): Promise<Server> => {
    const env = { ...deployment.env, CALLVAULT_NODE: `node-${which + 1}` };
    const server = servers[which] ?? (await startServer({ env }));
    servers[which] = server;
    return server;
  };

  /** Writes comments one after another until the server dies or `over` says so. */
  async function write(url: string, session: string, over: () => boolean): Promise<void> {
    while (!over()) {
      const text = `comment ${sent++}`;
      const comment = { start_ms: 1, category: 'note', visibility: 'team', text };
      try {
        const path = `${url}/v1/sessions/${session}/comments`;
        acknowledged.set(text, (await api<{ id: string }>(path, people.reviewer, 'POST', comment)).id);
      } catch {
        await sleep(5);
      }
    }
  }

  async function round(): Promise<void> {
    const all: Server[] = [];
    for (let n = 0; n < count; n++) all.push(await up(n));
    let over = false;
    const writing: Promise<void>[] = [];
    for (const { url } of all) {
      const session = await requestAndOpen(url, people, recording, 'writes comments');
      for (let n = 0; n < WRITERS; n++) writing.push(write(url, session, () => over));
    }
    await sleep(pace * (500 + random.int(1500)));
    const victim = random.int(count);
    await all[victim]?.kill();
    servers[victim] = undefined;
    over = true;
    await Promise.all(writing);
  }

  async function inVault<T>(work: (vault: Vault) => Promise<T>): Promise<T> {
    const { vault, close } = await composeDeployment(deployment);
    try {
      return await work(vault);
    } finally {
      await close();
    }
  }

  it.skipIf(!present)('loses no entry, has none twice, and no gap', { timeout: 1_800_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    const calls = faultCalls(random);
    const first = await up(0);
    expect(await calls.send(first.url, people, calls.make(true), 0)).toBe(201);
    const [row] = await inVault((vault) =>
      vault.db.read((rows) => rows.recordings.page(people.tenant, { indexes: [], state: 'available' }, null, 1), {
        ...minuteSignal(),
      }),
    );
    recording = row?.id ?? '';
    for (let n = 0; n < KILLS; n++) await round();
    for (let n = 0; n < count; n++) await up(n);
    await inVault(async (vault) => {
      const backlog = () => vault.db.read((rows) => rows.amendments.backlog(), minuteSignal());
      await until('every entry is stored', async () => (await backlog()).entries === 0, {
        everyMs: 200,
        seen: backlog,
      });
    });
    for (const server of servers) await server?.stop();
    servers.length = 0;

    await inVault(async (vault) => {
      const { tenant } = people;
      const { entries, fault } = await storedStream(vault, tenant, recording);
      expect(fault).toBeNull();
      const bodies = entries.map(({ body }) => body as { readonly id: string; readonly text: string });
      expect(new Set(bodies.map(({ id }) => id)).size).toBe(bodies.length);
      expect(acknowledged.size).toBeGreaterThan(KILLS * 5);
      const byText = new Map(bodies.map(({ id, text }) => [text, id]));
      for (const [text, id] of acknowledged) expect(byText.get(text)).toBe(id);
      const { comments, events } = await vault.db.read(async (rows) => {
        const log = await rows.log.events(tenant, 0, 100_000);
        return { comments: await rows.comments.count(tenant, recording), events: log };
      }, minuteSignal());
      expect(comments).toBe(entries.length);
      type Leaf = { readonly id: string; readonly action: string; readonly object: Readonly<Record<string, unknown>> };
      const written = events
        .map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Leaf)
        .filter(({ action }) => action === 'comment.added');
      expect(written.map(({ id, object }) => ({ id, n: object['n'], entry: object['entry'] }))).toEqual(
        entries.map(({ event, n, digest }) => ({ id: event, n, entry: digest })),
      );
    });
    // A process that is killed while it stages a file leaves it; the sweep of uploads deletes it after an hour.
    const blobs = engines === undefined ? await filesUnder(deployment.store) : await engines.blobs();
    expect(blobs.filter((name) => !name.includes('.staging') && name.includes('/a/'))).toHaveLength(
      await inVault((vault) => entryCount(vault)),
    );
  });

  async function entryCount(vault: Vault): Promise<number> {
    return (await storedStream(vault, people.tenant, recording)).entries.length;
  }
});
