// kill −9 while a start replays the changes that a restored database lacks: however often it is cut, the next start goes on
// where it was, and in the end everything is as before, each change once.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFailed } from 'vitest';
import { entryPath, parseEntryPath } from '../../src/envelope/amendments/entry-name.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { entryStorer } from '../../src/vault/amendments/store-entries.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { callWriter } from '../support/call-writer.ts';
import { needsCloud } from '../support/cloud.ts';
import { entriesOf } from '../support/entries.ts';
import { api } from '../support/fault-client.ts';
import { minuteSignal, type StartingServer, spawnServer, startServer } from '../support/fault-deployment.ts';
import { faultRandom } from '../support/fault-random.ts';
import { needs } from '../support/needs.ts';
import { amend, counted, eventsOf, put, settled, stateOf } from '../support/replayed-calls.ts';
import { type Restorable, type Running, restorable, startUp } from '../support/restorable.ts';
import { until } from '../support/until.ts';

/** Roles of the processes that start together; on SQLite one process serves. */
const ENGINES = [
  { engine: 'sqlite', together: [['all'], ['work']], present: true, reason: '' },
  { engine: 'postgresql', together: [['all'], ['work'], ['all', 'work']], ...needs('postgresql') },
  { engine: 'cloud', together: [['all', 'work'], ['work'], ['all']], ...needsCloud() },
] as const;

const KILLS = 5;
/** A kill that comes after the replay's end proves nothing: it starts again from the backup, so often at most. */
const ATTEMPTS = 30;
const CALLS = 24;
const CHANGES = 40;
/** More than any stream has. */
const MOST = 200;
const random = faultRandom();

type Leaf = { readonly action: string; readonly object: { readonly subject: string; readonly n: number } };

describe.each(ENGINES)('a start over yesterday’s database, on $engine $reason', ({ engine, together, present }) => {
  let of: Restorable;
  const started: StartingServer[] = [];
  afterEach(async () => {
    for (const server of started.splice(0)) await server.kill();
    await of?.remove();
  });

  /** Changes of each call, in turn; facts, and comments of the first one. */
  async function change(run: Running, recordings: readonly string[]): Promise<void> {
    const [first = ''] = recordings;
    const what = { call: 'call-0', recording: first, field: 'writer' };
    const { write } = await callWriter(run.url, of.people, what);
    let left = 30;
    await write(() => left-- === 0);
    for (let n = 0; n < CHANGES; n++)
      for (const id of recordings) await amend(run.vault, of.people.tenant, id, { agent: `A${n}`, ticket: `T-${n}` });
  }

  /** The entries that the rows have, and their names. */
  async function known(vault: Vault, recordings: readonly string[]): Promise<string[]> {
    const numbers = Array.from({ length: MOST }, (_, n) => n + 1);
    const { tenant } = of.people;
    const found = await vault.db.read((rows) => rows.amendments.placed(tenant, recordings, numbers), minuteSignal());
    return found.map(({ subject, n, at }) => entryPath({ tenant, subject }, n, at)).sort();
  }

  /** Starts processes, and kills all as soon as they have applied some more entries. Returns whether any is left to apply. */
  async function killed(roles: readonly string[], watch: Vault, recordings: readonly string[], all: number) {
    const count = async () => (await known(watch, recordings)).length;
    const before = await count();
    const target = before + 1 + random.int(Math.max(1, (all - before) >> 1));
    const { env } = of.deployment;
    for (const role of roles)
      started.push(spawnServer({ env: { ...env, CALLVAULT_ROLE: role, CALLVAULT_NODE: `node-${role}` } }));
    await until('the replay has applied entries', async () => (await count()) >= target, { everyMs: 1 });
    await sleep(random.int(8));
    await Promise.all(started.splice(0).map((server) => server.kill()));
    return (await count()) < all;
  }

  it.skipIf(!present)(
    'that is cut again and again has all changes in the end, each once',
    { timeout: 1_800_000 },
    async () => {
      onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
      of = await restorable(engine);
      const { tenant } = of.people;
      let run = await of.start();
      expect(await startUp(run.vault)).toEqual([]);
      const recordings: string[] = [];
      for (let n = 0; n < CALLS; n++) recordings.push(await put(run, of, `call-${n}`));
      for (const id of recordings) await amend(run.vault, tenant, id, { agent: 'known to the backup' });
      await entryStorer(run.vault, () => undefined)(minuteSignal());
      await of.backUp();
      run = await of.start();
      expect(await startUp(run.vault)).toEqual([]);
      await change(run, recordings);
      await entryStorer(run.vault, () => undefined)(minuteSignal());
      const states = (vault: Vault) => Promise.all(recordings.map((id) => stateOf(vault, tenant, id)));
      const [before, all] = [await states(run.vault), await known(run.vault, recordings)];
      expect(all.length).toBeGreaterThan(CALLS * CHANGES);
      await of.restore();

      let watch = (await of.start()).vault;
      const backedUp = new Set(await known(watch, recordings));
      for (let [kills, attempt] = [0, 0]; kills < KILLS; attempt++) {
        if (attempt === ATTEMPTS) throw new Error(`only ${kills} kills came within a replay`);
        if (await killed(together[attempt % together.length] ?? [], watch, recordings, all.length)) kills++;
        else {
          await of.restore();
          watch = (await of.start()).vault;
          kills = 0;
        }
      }

      const there = new Set(await known(watch, recordings));
      const lacked = all.filter((path) => !there.has(path));
      expect(lacked).not.toEqual([]);
      await of.stop();
      const first = counted(settled((await of.start()).vault));
      expect(await startUp(first.vault)).toEqual([]);
      expect([...first.read].sort()).toEqual(lacked);
      expect(await states(first.vault)).toEqual(before);
      const events = await eventsOf(first.vault, tenant);
      expect(checkLog(logName(of.deployment.config.origin, tenant), events, leafHash)).toEqual([]);
      const leaves = events.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Leaf);
      const replayed = leaves
        .filter(({ action }) => action === 'amendment.replayed')
        .map(({ object }) => `${object.subject} ${object.n}`);
      const expected = all
        .filter((path) => !backedUp.has(path))
        .map((path) => parseEntryPath(path))
        .map((name) => `${name?.subject} ${name?.n}`);
      expect(replayed.sort()).toEqual(expected.sort());

      await of.stop();
      const second = counted((await of.start()).vault);
      expect(await startUp(second.vault)).toEqual([]);
      expect([second.read, second.listed.length]).toEqual([[], 1]);
      // And a process that serves takes the next change.
      const server = await startServer(of.deployment);
      started.push({ ...server, listening: async () => server.url });
      const patch = { wrap_up: 'after all' };
      const answer = await api<object>(`${server.url}/v1/ingest/pbx/call-1`, of.people.depositor, 'PATCH', patch);
      expect(answer).toMatchObject({ recording: recordings[1], set: ['wrap_up'] });
      expect((await entriesOf(second.vault, tenant, recordings[1] ?? '')).map(({ n }) => n)).toHaveLength(CHANGES + 2);
    },
  );
});
