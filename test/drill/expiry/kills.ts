// A process that expires recordings, killed −9 at steps of its work and at any moment: after each kill rows, log and store agree,
// and in the end nothing is lost, left or done twice.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtFile } from '../../support/built.ts';
import { filesUnder } from '../../support/fault-deployment.ts';
import type { Random } from '../../support/fault-random.ts';
import { eraseAfter } from '../../support/retention-rules.ts';
import { type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../../support/rows-by-sql.ts';
import { signerFile } from '../../support/signer-file.ts';
import { until } from '../../support/until.ts';
import { environmentOf, wavOf } from '../../support/vault.ts';
import { makeWorld, type World } from '../../support/world.ts';
import { vaultActs } from './vault-acts.ts';

/** Steps of the work, and which of them in a life: 2 is the second. */
const STEPS = [
  ['shred', 1],
  ['shred', 3],
  ['shred is done', 1],
  ['shred is done', 2],
  ['list', 1],
  ['list is put', 1],
  ['delete', 1],
  ['delete', 4],
  ['noted', 5],
  ['end', 1],
  ['end', 2],
  ['end is done', 1],
] as const;
const OLD = '2026-01-01T00:00:00.000Z';
const DUE = '2026-02-01T00:00:00.000Z';
/** Passes of an erasure. */
const PASSES = 3;

export type KillOptions = {
  /** Recordings for the kills at steps, and as many for those at any moment. */
  readonly recordings: number;
  /** Kills at any moment. */
  readonly kills: number;
  readonly random: Random;
  readonly postgres?: string | undefined;
};

/** What is wrong, and how often the process was killed. */
export type KillResult = { readonly problems: readonly string[]; readonly kills: number; readonly batches: number };

/** Plays the lives of the process over a world; `verify` then checks the tenant's log. */
export async function playKills(
  options: KillOptions,
  verify: (world: World, env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<KillResult> {
  const { postgres } = options;
  const world = await makeWorld({ signed: true, ...(postgres === undefined ? {} : { postgres }) });
  const env = {
    ...environmentOf(world.folder),
    ...(postgres === undefined ? {} : { CALLVAULT_DATABASE: postgres }),
    ...{ CALLVAULT_SIGNER: signerFile(join(world.folder, 'signer.pem')), CALLVAULT_OPERATOR: 'op-17' },
    ...{ CALLVAULT_ERASE_PER_MINUTE: '6000', CALLVAULT_LEASE_SECONDS: '2' },
  };
  const rows = postgres === undefined ? rowsOfSqlite(join(world.folder, 'vault.db')) : await rowsOfPostgres(postgres);
  try {
    const result = await play({ world, env, rows, store: join(world.folder, 'store') }, options);
    await verify(world, env);
    return result;
  } finally {
    await rows.close();
    await world.end();
  }
}

type Place = {
  readonly world: World;
  readonly env: Readonly<Record<string, string>>;
  readonly rows: RowsBySql;
  readonly store: string;
};

async function play(place: Place, { recordings, kills, random }: KillOptions): Promise<KillResult> {
  const { world, env } = place;
  const { harbour } = world;
  const ids: string[] = [];
  for (let n = 0; n < 2 * recordings; n++)
    ids.push(await world.deposited(harbour, `call-${n}`, wavOf(1_000), { 'vault-meta-started-at': OLD }));
  const [first, second] = [ids.slice(0, recordings), ids.slice(recordings)];
  const acts = await vaultActs(world, harbour.tenant);
  await acts.changeRules(eraseAfter('P1D'));
  await acts.settle();
  const problems: string[] = [];
  const look = async (when: string): Promise<void> => {
    problems.push(...(await disagreements(place)).map((one) => `${when}: ${one}`));
  };
  let killed = 0;
  await makeDue(place, first);
  for (const [step, often] of STEPS) {
    await endWaiting(place);
    const child = start(env, step, String(often));
    await until(`it is at ${step} ${often}`, () => child.said(`at ${step}`), { everyMs: 5, seen: child.text });
    await child.kill();
    killed += 1;
    await look(`killed at ${step} ${often}`);
  }
  await makeDue(place, second);
  for (let n = 0; n < kills; n++) {
    await endWaiting(place);
    const child = start(env);
    await until('it works', () => child.said('started'), { everyMs: 1, seen: child.text });
    await sleep(random.int(300));
    await child.kill();
    killed += 1;
    await look(`killed at any moment, ${n + 1}`);
  }
  // What is left goes on in lives that are not killed.
  for (let n = 0; n <= PASSES; n++) {
    await endWaiting(place);
    const child = start(env);
    await until('a round is done', () => child.said('round'), { everyMs: 20, seen: child.text });
    await child.kill();
  }
  await look('in the end');
  const { batches, left } = await ended(place, [...first, ...second]);
  return { problems: [...problems, ...left], kills: killed, batches };
}

/** Ends the grace of recordings: not before the time that their sealed facts say. */
async function makeDue({ rows }: Place, ids: readonly string[]): Promise<void> {
  for (const id of ids) await rows.set('recording', { id }, { erase_after: DUE });
}

/** Ends the waits of erasures, as hours do. */
async function endWaiting({ rows }: Place): Promise<void> {
  for (const { recording, due } of await rows.all('erasure'))
    if (due !== null) await rows.set('erasure', { recording }, { due: OLD });
}

function start(env: Place['env'], ...args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [builtFile('test/support/expiring-process.ts'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const exited = once(child, 'exit');
  return {
    text: () => text,
    said: (line: string) => text.split('\n').includes(line),
    kill: async (): Promise<void> => {
      if (child.exitCode !== null) throw new Error(`it ended by itself: ${child.exitCode}`);
      child.kill('SIGKILL');
      await exited;
    },
  };
}

type Leaf = { readonly action: string; readonly object: { readonly recordings?: string; readonly id: string } };
const idsIn = ({ object }: Leaf): string[] => object.recordings?.split(',') ?? [object.id];

async function leavesOf({ rows, world }: Place): Promise<Leaf[]> {
  const events = (await rows.all('audit_event')).filter(({ log }) => log === world.harbour.tenant);
  return events.map(({ leaf }) => JSON.parse(Buffer.from(leaf as Uint8Array).toString()) as Leaf);
}

/** Where rows, log and store do not agree: a recording is whole, or named by one event with its keys gone. */
async function disagreements(place: Place): Promise<string[]> {
  const { rows, store } = place;
  const leaves = await leavesOf(place);
  const [begun, ends] = ['recording.erasing', 'recording.erased'].map((action) =>
    leaves.filter((leaf) => leaf.action === action).flatMap(idsIn),
  ) as [string[], string[]];
  const erasures = new Map((await rows.all('erasure')).map((row) => [String(row['recording']), row]));
  const keyed = new Set((await rows.all('wrapped_key')).map(({ deposit: id }) => id));
  const deposits = await rows.all('deposit');
  const stored = await filesUnder(store);
  const wrong: string[] = [];
  for (const { id: given, state, facts } of await rows.all('recording')) {
    const id = String(given);
    const events = begun.filter((one) => one === id).length;
    const isErased = state !== 'AVAILABLE';
    const keys = deposits.filter(({ recording }) => recording === id).filter((one) => keyed.has(one['id'])).length;
    const said = { events, erasure: erasures.has(id), facts: facts === null, keys, ended: ends.includes(id) };
    const expected = {
      events: isErased ? 1 : 0,
      erasure: isErased,
      facts: isErased,
      keys: isErased ? 0 : 1,
      ended: state === 'ERASED',
    };
    if (JSON.stringify(said) !== JSON.stringify(expected))
      wrong.push(`${id} is ${String(state)} with ${JSON.stringify(said)}`);
    const listed = stored.includes(String(erasures.get(id)?.['tombstone']));
    const blobs = stored.filter((name) => name.includes(id)).length;
    if (!listed && blobs !== BLOBS) wrong.push(`${id} has ${blobs} blobs without a tombstone list`);
  }
  return wrong;
}

/** Of each recording: its envelope, its audio, and its peaks. */
const BLOBS = 3;

/** What is left of recordings that all should be ERASED, each in the list of its batch alone. */
async function ended(
  place: Place,
  ids: readonly string[],
): Promise<{ readonly batches: number; readonly left: string[] }> {
  const { rows, store } = place;
  const left: string[] = [];
  for (const { id, state } of await rows.all('recording'))
    if (state !== 'ERASED') left.push(`${String(id)} is ${String(state)}`);
  for (const { recording, pass, list, tombstone } of await rows.all('erasure'))
    if (Number(pass) !== PASSES || list !== tombstone)
      left.push(`${String(recording)}: pass ${String(pass)}, list ${String(list)}`);
  const stored = await filesUnder(store);
  for (const name of stored) if (ids.some((id) => name.includes(id))) left.push(`${name} is in the store`);
  const batches = (await leavesOf(place)).filter(({ action }) => action === 'recording.erasing').map(idsIn);
  const lists = await Promise.all(stored.filter((name) => name.includes('/x/')).map((name) => readList(store, name)));
  const inOrder = (of: readonly (readonly string[])[]): string =>
    of
      .map((one) => one.join(','))
      .sort()
      .join(' ');
  if (inOrder(lists) !== inOrder(batches)) left.push(`lists ${inOrder(lists)} of batches ${inOrder(batches)}`);
  if (batches.flat().length !== ids.length) left.push(`${batches.flat().length} of ${ids.length} are named`);
  return { batches: batches.length, left };
}

async function readList(store: string, name: string): Promise<string[]> {
  const { erased } = JSON.parse(await readFile(join(store, name), 'utf8')) as {
    readonly erased: readonly { readonly recording: string }[];
  };
  return erased.map(({ recording }) => recording);
}
