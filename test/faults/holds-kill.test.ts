// kill −9 while a process places a hold on thousands of recordings, and while it lowers the counts of a lifted one: the
// next one goes on, and each recording is covered, and counted, once.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { Vault } from '../../src/vault/core/vault.ts';
import { wholeStream } from '../support/entries.ts';
import {
  composeDeployment,
  type Deployment,
  minuteSignal,
  newDeployment,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from '../support/fault-deployment.ts';
import { faultRandom } from '../support/fault-random.ts';
import { erased, lifted, officerOf, placed } from '../support/held.ts';
import { copyRecording } from '../support/indexed.ts';
import { needs } from '../support/needs.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { until } from '../support/until.ts';
import { wavOf } from '../support/vault.ts';

const RECORDINGS = 4_000;
const KILLS = 3;
const random = faultRandom();

const ENGINES = [
  { engine: 'SQLite', present: true, reason: '' },
  { engine: 'PostgreSQL', ...needs('postgresql') },
];

describe.each(ENGINES)('a process on $engine $reason', ({ engine, present }) => {
  let deployment: Deployment;
  let people: StaffedTenant;

  beforeAll(async () => {
    if (!present) return;
    const postgres =
      engine === 'SQLite' ? {} : { CALLVAULT_DATABASE: await freshDatabase(await serverOf('postgresql')) };
    deployment = await newDeployment(postgres);
    people = await staffDeployment(deployment);
  });
  afterAll(() => deployment?.remove());

  async function inVault<T>(work: (vault: Vault) => Promise<T>): Promise<T> {
    const { vault, close } = await composeDeployment(deployment);
    try {
      return await work(vault);
    } finally {
      await close();
    }
  }

  /** Starts the process and kills it as soon as `progress` moves on, some times; then runs it until `isOver`. */
  async function killing(progress: () => Promise<unknown>, isOver: () => Promise<boolean>): Promise<number> {
    let killed = 0;
    while (killed < KILLS && !(await isOver())) {
      const before = await progress();
      const server = await startServer(deployment);
      try {
        await until('work goes on', async () => (await progress()) !== before || isOver(), { everyMs: 2 });
        await sleep(random.int(30));
      } finally {
        await server.kill();
      }
      killed += 1;
    }
    const server = await startServer(deployment);
    try {
      await until('work ends', isOver, { everyMs: 50, seen: progress });
    } finally {
      await server.stop();
    }
    return killed;
  }

  it.skipIf(!present)('covers and counts each recording once', { timeout: 1_800_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    const { tenant } = people;
    const server = await startServer(deployment);
    const headers = { authorization: `Bearer ${people.depositor}`, 'content-type': 'audio/wav' };
    const call = `${server.url}/v1/ingest/pbx/call`;
    const reply = await fetch(call, { method: 'PUT', headers, body: new Uint8Array(wavOf(500)) });
    const { recording } = (await reply.json()) as { recording: string };
    await server.stop();
    await inVault(async (vault) => {
      vault.replayGate.open(tenant);
      await copyRecording(vault, tenant, recording, RECORDINGS);
      const officer = await officerOf(vault, tenant, minuteSignal());
      const hold = await placed(vault, officer, { query: {} }, minuteSignal());
      const read = <T>(work: Parameters<typeof vault.db.read<T>>[0]): Promise<T> => vault.db.read(work, minuteSignal());
      const row = async () =>
        (await read((rows) => rows.legalHolds.find(tenant, hold))) ?? { state: '', reached: '', settled: true };
      const counts = async (): Promise<readonly number[]> =>
        read(async ({ legalHolds, recordings }) => {
          const found = await legalHolds.recordings(tenant, hold, '', RECORDINGS + 10);
          const some = await recordings.findMany(
            tenant,
            found.slice(0, 900).map((one) => one.recording),
          );
          return [found.length, ...new Set(some.map(({ holds }) => holds))];
        });
      expect((await row()).state).toBe('PLACING');
      const killed = await killing(
        async () => (await row()).reached,
        async () => (await row()).state === 'ACTIVE',
      );
      expect(killed).toBeGreaterThan(0);
      expect(await counts()).toEqual([RECORDINGS + 1, 1]);
      expect(await erased(vault, tenant, recording, minuteSignal())).toBe('held');
      const backlog = async () => (await read((rows) => rows.amendments.backlog())).entries;
      const last = await startServer(deployment);
      await until('every entry is stored', async () => (await backlog()) === 0, { everyMs: 100, seen: backlog });
      await last.stop();
      const bodies = (await wholeStream(vault, tenant, hold)).map(({ body }) => body);
      const covered = bodies.flatMap((body) => ('recordings' in body ? (body.recordings ?? []) : []));
      expect([covered.length, new Set(covered).size]).toEqual([RECORDINGS + 1, RECORDINGS + 1]);

      await lifted(vault, tenant, hold, undefined, minuteSignal());
      const left = async () => (await read((rows) => rows.legalHolds.counts(tenant, [hold])))[0]?.held;
      await killing(left, async () => (await row()).settled);
      expect(await counts()).toEqual([RECORDINGS + 1, 0]);
      expect(await erased(vault, tenant, recording, minuteSignal())).toBe('erased');
    });
  });
});
