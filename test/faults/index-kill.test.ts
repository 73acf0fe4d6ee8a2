// kill −9 while two processes bring indexes up to date and calls are amended: in the end each recording has exactly the
// indexes of its facts.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { Vault } from '../../src/vault/core/vault.ts';
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
import { faultRandom } from '../support/fault-random.ts';
import { chooseFields, copyRecording, indexState } from '../support/indexed.ts';
import { needs } from '../support/needs.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { until } from '../support/until.ts';

const RECORDINGS = 6_000;
const KILLS = 3;
const random = faultRandom();

const ENGINES = [
  { engine: 'SQLite', present: true, reason: '' },
  { engine: 'PostgreSQL', ...needs('postgresql') },
];

describe.each(ENGINES)('two processes on $engine $reason', ({ engine, present }) => {
  let deployment: Deployment;
  let people: StaffedTenant;
  const servers: (Server | undefined)[] = [undefined, undefined];

  beforeAll(async () => {
    if (!present) return;
    const postgres =
      engine === 'SQLite' ? {} : { CALLVAULT_DATABASE: await freshDatabase(await serverOf('postgresql')) };
    deployment = await newDeployment(postgres);
    people = await staffDeployment(deployment);
  });
  afterAll(async () => {
    for (const server of servers) await server?.kill();
    await deployment?.remove();
  });

  const up = async (which: number): Promise<Server> => {
    const env = { ...deployment.env, CALLVAULT_NODE: `node-${which + 1}` };
    const server = servers[which] ?? (await startServer({ env }));
    servers[which] = server;
    return server;
  };
  const patch = async (url: string, call: string, facts: object): Promise<number> => {
    const headers = { authorization: `Bearer ${people.depositor}`, 'content-type': 'application/merge-patch+json' };
    const sent = { method: 'PATCH', headers, body: JSON.stringify(facts) };
    const reply = await fetch(`${url}/v1/ingest/pbx/${call}`, sent);
    await reply.arrayBuffer();
    return reply.status;
  };

  async function inVault<T>(work: (vault: Vault) => Promise<T>): Promise<T> {
    const { vault, close } = await composeDeployment(deployment);
    try {
      return await work(vault);
    } finally {
      await close();
    }
  }

  /** Amends calls through one process until `over` says so. */
  async function amend(which: number, over: () => boolean): Promise<number> {
    let amended = 0;
    while (!over()) {
      const facts = { fields: { contract: `K-${random.int(50)}` }, wrap_up: `w-${random.int(1_000)}` };
      const url = servers[which]?.url;
      if (url !== undefined && (await patch(url, `copy-${random.int(RECORDINGS)}`, facts).catch(() => 0)) === 200)
        amended++;
      else await sleep(5);
    }
    return amended;
  }

  it.skipIf(!present)('leave no index behind', { timeout: 1_800_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    const { tenant } = people;
    const { url } = await up(0);
    const first = { fields: { contract: 'K-0' } };
    await until('the tenant can be changed', async () => (await patch(url, 'call-1', first)) < 300);
    await inVault(async (vault) => {
      const [one] = await vault.db.read(({ indexes }) => indexes.page(tenant, '', 1), minuteSignal());
      for (const server of servers.splice(0)) await server?.stop();
      await copyRecording(vault, tenant, one?.id ?? '', RECORDINGS);
      await chooseFields(vault, tenant, ['contract']);
      const progress = async () => (await vault.db.read(({ indexes }) => indexes.behind(), minuteSignal()))[0];
      let killed = 0;
      let over = false;
      const amending = [0, 1].map((which) => amend(which, () => over));
      try {
        for (let reached = ''; killed < KILLS; ) {
          for (const which of [0, 1]) await up(which);
          const before = reached;
          await until('the pass goes on', async () => ((await progress())?.reached ?? '~') > before, { everyMs: 5 });
          const now = await progress();
          if (now === undefined) break;
          reached = now.reached;
          const victim = random.int(2);
          const server = servers[victim];
          servers[victim] = undefined;
          await server?.kill();
          killed++;
        }
        expect(killed).toBeGreaterThan(0);
        for (const which of [0, 1]) await up(which);
        await until('the pass ends', async () => (await progress()) === undefined, { everyMs: 100, seen: progress });
      } finally {
        over = true;
      }
      expect((await Promise.all(amending)).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0);
      for (const server of servers.splice(0)) await server?.stop();
      const { stored, expected } = await indexState(vault, tenant);
      expect(stored).toEqual(expected);
      expect(stored.length).toBeGreaterThan(2 * RECORDINGS);
    });
  });
});
