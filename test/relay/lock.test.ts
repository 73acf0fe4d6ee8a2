// The lock of a spool: a process holds it as long as it runs, and no file of a dead one does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askRelay, takeLock } from '../../src/relay/lock.ts';
import { builtFile } from '../support/built.ts';

let spool: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  spool = mkdtempSync(join(tmpdir(), 'cv-lock-'));
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(spool, { recursive: true, force: true });
});

const take = (text = 'one') => takeLock(spool, () => text);

/** A process that holds the lock. */
async function holder(): Promise<ChildProcess> {
  const lock = JSON.stringify(builtFile('src/relay/lock.ts'));
  const program = `import { takeLock } from ${lock};
    await takeLock(${JSON.stringify(spool)}, () => 'child');
    process.stdout.write('held');
    setInterval(() => undefined, 1e6);`;
  child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout ?? process, 'data');
  return child;
}

describe('the lock', () => {
  it('is held once, answers with a status, and leaves nothing behind', async () => {
    const lock = await take();
    expect(await askRelay(spool)).toBe('one');
    await expect(take()).rejects.toMatchObject({ code: 'conflict' });
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
    expect(readdirSync(spool)).toEqual([]);
    expect(await askRelay(spool)).toBeNull();
    await (await take()).release();
  });

  it('is free once its process was killed', async () => {
    const process = await holder();
    await expect(take()).rejects.toMatchObject({ code: 'conflict' });
    process.kill('SIGKILL');
    await once(process, 'exit');
    expect(readdirSync(spool)).toEqual(['relay.sock']);
    const lock = await take();
    expect(await askRelay(spool)).toBe('one');
    await lock.release();
  });

  it('is held by a stopped process', async () => {
    const process = await holder();
    process.kill('SIGSTOP');
    await expect(take()).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is held by no file with a number of a process in it', async () => {
    writeFileSync(join(spool, 'relay.sock'), String(process.pid));
    await (await take()).release();
  });

  it('goes to one of many that start over a dead one', async () => {
    const dead = await holder();
    dead.kill('SIGKILL');
    await once(dead, 'exit');
    const taken = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => take(String(n))));
    const locks = taken.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const held = await Promise.all(locks.map((lock) => lock.isHeld()));
    expect(held.filter((is) => is)).toHaveLength(1);
    for (const lock of locks) await lock.release();
  });

  it('says that it lost the lock to another one', async () => {
    const lock = await take();
    rmSync(join(spool, 'relay.sock'));
    const other = createServer().listen(join(spool, 'relay.sock'));
    await once(other, 'listening');
    expect(await lock.isHeld()).toBe(false);
    await lock.release();
    expect(readdirSync(spool)).toEqual(['relay.sock']);
    other.close();
  });

  it('names a path that is too long for a socket', async () => {
    await expect(takeLock(join(spool, 'x'.repeat(100)), () => '')).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
