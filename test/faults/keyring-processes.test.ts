// A keyring that several processes write at once: whichever is killed or stalls, no acknowledged key is lost.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/adapters/local/keyring.ts';
import { changeKeyring, type KeyEntry, readKeyring } from '../../src/adapters/local/keyring-file.ts';
import { builtFile } from '../support/built.ts';
import { until } from '../support/until.ts';

const PROGRAM = builtFile('test/support/keyring-process.ts');
const wait = { signal: AbortSignal.timeout(3_600_000) };

type Writer = { readonly child: ChildProcess; readonly said: string[]; readonly ended: Promise<number | null> };

describe('a keyring of several processes', () => {
  let folder: string;
  let path: string;
  let root: string;
  let writers: Writer[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callvault-keyring-'));
    [path, root] = [join(folder, 'data', 'keyring.json'), join(folder, 'root', 'root.key')];
    writers = [];
  });
  afterEach(async () => {
    for (const { child, ended } of writers) {
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts `many` processes and starts their work once all of them are ready. */
  const start = (many: number, keysEach: number): Promise<Writer[]> =>
    started(Array.from({ length: many }, (_, n) => [`ten_${n}`, String(keysEach)]));

  async function started(all: readonly (readonly string[])[]): Promise<Writer[]> {
    for (const what of all) {
      const args = [PROGRAM, path, root, ...what];
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      const said: string[] = [];
      child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(...text.trim().split('\n')));
      writers.push({ child, said, ended: once(child, 'exit').then(([code]) => code as number | null) });
    }
    await until('all are ready', () => writers.every(({ said }) => said.includes('ready')));
    for (const { child } of writers) child.stdin?.write('go');
    return writers;
  }

  const given = () => writers.flatMap(({ said }) => said.filter((line) => line.startsWith('keyring/')));

  /** Checks that all acknowledged keys exist, under one root key, and that no other file remains. */
  async function expectAll(ids: readonly string[]): Promise<void> {
    expect(new Set(ids).size).toBe(ids.length);
    const keys = await openKeyring(path, root);
    for (const id of ids) expect((await keys.generateDataKey({ scheme: 'keyring', id }, {}, wait)).id).toBe(id);
    await keys.createKey('ten_after', 1, wait);
    expect(await readdir(join(folder, 'data'))).toEqual(['keyring.json']);
    expect(await readdir(join(folder, 'root'))).toEqual(['root.key']);
  }

  it('is created by all of them at once, with one root key and every key of each', async () => {
    const started = await start(6, 8);
    expect(await Promise.all(started.map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(given()).toHaveLength(48);
    await expectAll(given());
  });

  it('is created with one root key that is never readable half-written', async () => {
    for (let round = 0; round < 40; round++) {
      const [file, key] = [join(folder, `${round}.json`), join(folder, `${round}.key`)];
      let over = false;
      const lengths = new Set<number>();
      const watching = (async () => {
        while (!over) lengths.add((await readFile(key).catch(() => Buffer.alloc(32))).length);
      })();
      const opened = await Promise.all(Array.from({ length: 8 }, () => openKeyring(file, key)));
      over = true;
      await watching;
      expect([...lengths]).toEqual([32]);
      const { id } = (await opened[0]?.createKey('ten_a', 1, wait)) ?? { id: '' };
      for (const keys of opened) expect((await keys.generateDataKey({ scheme: 'keyring', id }, {}, wait)).id).toBe(id);
    }
  });

  it('loses no key when some are killed and some stall for longer than a lock lasts', async () => {
    const started = await start(6, 12);
    const [first, second, third, fourth, ...others] = started;
    await until('six keys are there', () => given().length >= 6, { everyMs: 2 });
    for (const held of [third, fourth]) held?.child.kill('SIGSTOP');
    await sleep(5);
    for (const killed of [first, second]) killed?.child.kill('SIGKILL');
    await sleep(3_000);
    for (const held of [third, fourth]) held?.child.kill('SIGCONT');
    const ends = await Promise.all([third, fourth, ...others].flatMap((one) => (one ? [one.ended] : [])));
    expect(ends).toEqual([0, 0, 0, 0]);
    expect(given().length).toBeGreaterThanOrEqual(48);
    await expectAll(given());
  });

  it('keeps every version where several rotate one key at once and some are killed', async () => {
    const keys = await openKeyring(path, root);
    const key = await keys.createKey('ten_a', 1, wait);
    const first = await keys.generateDataKey(key, {}, wait);
    const turns = 25;
    const [one, two, third] = await started(Array.from({ length: 3 }, () => ['rotate', String(turns), key.id]));
    const wrapped = () => writers.flatMap(({ said }) => said.filter((line) => line.startsWith('wrapped ')));
    await until('a dozen data keys are wrapped', () => wrapped().length >= 12, { everyMs: 2 });
    third?.child.kill('SIGKILL');
    expect(await Promise.all([one?.ended, two?.ended])).toEqual([0, 0]);
    await third?.ended;
    for (const line of [...wrapped(), `wrapped ${Buffer.from(first.wrapped).toString('base64')}`]) {
      const bytes = Buffer.from(line.slice('wrapped '.length), 'base64');
      (await keys.unwrap({ ...key, wrapped: bytes }, {}, wait)).zero();
    }
    const [entry] = (await readKeyring(path))?.keys ?? [];
    const ns = entry?.versions.map(({ n }) => n) ?? [];
    expect(ns).toEqual(ns.map((_, at) => at + 1));
    // One rotation of a killed process may have been done without an acknowledgement.
    expect(ns.length - 1 - wrapped().length).toBeGreaterThanOrEqual(0);
    expect(ns.length - 1 - wrapped().length).toBeLessThanOrEqual(1);
    expect(entry?.current).toBe(ns.length);
  });

  it('rejects a write that another process overtook between reading and writing, and keeps that process’s key', async () => {
    const entry = (id: string): KeyEntry => ({ id, state: 'enabled', current: 1, versions: [] });
    let overtaken = 0;
    const overtake = (): Promise<boolean> =>
      changeKeyring(path, ({ keys }) => {
        if (overtaken++ === 0) {
          execFileSync(process.execPath, [PROGRAM, path, root, 'ten_other'], { input: 'go' });
        }
        return { keys: [...keys, entry('keyring/late')] };
      });
    expect(await overtake()).toBe(false);
    const [other, ...none] = (await readKeyring(path))?.keys ?? [];
    expect(none).toEqual([]);
    expect(await overtake()).toBe(true);
    expect((await readKeyring(path))?.keys.map(({ id }) => id)).toEqual([other?.id, 'keyring/late']);
  });

  it('loses no key where processes ignore the lock', async () => {
    const entry = (id: string): KeyEntry => ({ id, state: 'enabled', current: 1, versions: [] });
    const ids = Array.from({ length: 24 }, (_, n) => `keyring/${n}`);
    let refused = 0;
    await Promise.all(
      ids.map(async (id, n) => {
        while (!(await changeKeyring(path, ({ keys }) => ({ keys: [...keys, entry(id)] })))) {
          refused++;
          await sleep((n * 7 + refused) % 50);
        }
        expect(await readFile(path, 'utf8')).toContain(`"${id}"`);
      }),
    );
    expect(refused).toBeGreaterThan(0);
    expect((await readKeyring(path))?.keys.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });
});
