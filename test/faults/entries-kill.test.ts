// kill −9 while people write comments and `work` stores their entries: each acknowledged one is there once, in rows, log
// and store, and each stream is whole. One process on SQLite and a folder; two on PostgreSQL and S3.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { Vault } from '../../src/vault/core/vault.ts';
import { type Cloud, needsCloud, openCloud } from '../support/cloud.ts';
import { wholeStream } from '../support/entries.ts';
import { faultCalls } from '../support/fault-calls.ts';
import { api, requestAndOpen } from '../support/fault-client.ts';
import { composeDeployment, filesUnder, minuteSignal, type Server } from '../support/fault-deployment.ts';
import { type FaultProcesses, faultProcesses } from '../support/fault-processes.ts';
import { faultRandom } from '../support/fault-random.ts';
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
  let processes: FaultProcesses;
  let recording: string;
  /** The texts of all comments that were sent, and the ids of those that were acknowledged. */
  const acknowledged = new Map<string, string>();
  let sent = 0;

  beforeAll(async () => {
    if (!present) return;
    engines = count === 1 ? undefined : await openCloud();
    processes = await faultProcesses(() => ({ ...engines?.env }));
  });
  afterAll(async () => {
    await processes?.remove();
    await engines?.close();
  });

  /** Writes comments one after another until the server dies or `over` says so. */
  async function write(url: string, session: string, over: () => boolean): Promise<void> {
    while (!over()) {
      const text = `comment ${sent++}`;
      const comment = { start_ms: 1, category: 'note', visibility: 'team', text };
      try {
        const path = `${url}/v1/sessions/${session}/comments`;
        acknowledged.set(text, (await api<{ id: string }>(path, processes.people.reviewer, 'POST', comment)).id);
      } catch {
        await sleep(5);
      }
    }
  }

  async function round(): Promise<void> {
    const all: Server[] = [];
    for (let n = 0; n < count; n++) all.push(await processes.up(n));
    let over = false;
    const writing: Promise<void>[] = [];
    for (const { url } of all) {
      const session = await requestAndOpen(url, processes.people, recording, 'writes comments');
      for (let n = 0; n < WRITERS; n++) writing.push(write(url, session, () => over));
    }
    await sleep(processes.pace * (500 + random.int(1500)));
    await processes.kill(random.int(count));
    over = true;
    await Promise.all(writing);
  }

  async function inVault<T>(work: (vault: Vault) => Promise<T>): Promise<T> {
    const { vault, close } = await composeDeployment(processes.deployment);
    try {
      return await work(vault);
    } finally {
      await close();
    }
  }

  it.skipIf(!present)('loses no entry, has none twice, and no gap', { timeout: 1_800_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    const calls = faultCalls(random);
    const first = await processes.up(0);
    expect(await calls.send(first.url, processes.people, calls.make(true), 0)).toBe(201);
    const [row] = await inVault((vault) =>
      vault.db.read(
        (rows) => rows.recordings.page(processes.people.tenant, { indexes: [], state: 'available' }, null, 1),
        {
          ...minuteSignal(),
        },
      ),
    );
    recording = row?.id ?? '';
    for (let n = 0; n < KILLS; n++) await round();
    for (let n = 0; n < count; n++) await processes.up(n);
    await inVault(async (vault) => {
      const backlog = () => vault.db.read((rows) => rows.amendments.backlog(), minuteSignal());
      await until('every entry is stored', async () => (await backlog()).entries === 0, {
        everyMs: 200,
        seen: backlog,
      });
    });
    await processes.stop();

    let stored = 0;
    await inVault(async (vault) => {
      const { tenant } = processes.people;
      const entries = await wholeStream(vault, tenant, recording);
      const bodies = entries.map(({ body }) => body as { readonly id: string; readonly text: string });
      expect(new Set(bodies.map(({ id }) => id)).size).toBe(bodies.length);
      expect(acknowledged.size).toBeGreaterThan(KILLS * 5);
      const byText = new Map(bodies.map(({ id, text }) => [text, id]));
      for (const [text, id] of acknowledged) expect(byText.get(text)).toBe(id);
      const comments = await vault.db.read((rows) => rows.comments.count(tenant, recording), minuteSignal());
      expect(comments).toBe(entries.length);
      stored = entries.length;
    });
    // A process that is killed while it stages a file leaves it; the sweep of uploads deletes it after an hour.
    const blobs = engines === undefined ? await filesUnder(processes.deployment.store) : await engines.blobs();
    expect(blobs.filter((name) => !name.includes('.staging') && name.includes('/a/'))).toHaveLength(stored);
  });
});
