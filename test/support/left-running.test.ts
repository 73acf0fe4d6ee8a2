// Forgotten children: found by the run's mark in them, or by their program once they have no parent.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { leftRunning } from './left-running.ts';

const FOREVER = 'setInterval(() => undefined, 1000)';
const mark = `/tmp/run-${process.pid}-${Date.now()}`;
const program = `program-${process.pid}-${Date.now()}`;
const children: ChildProcess[] = [];
const orphans: number[] = [];

async function start(env: Record<string, string>, ...args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['-e', FOREVER, ...args], { env, stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

const found = () => leftRunning(mark, program).map(({ pid }) => pid);

afterEach(async () => {
  for (const pid of orphans.splice(0)) process.kill(pid, 'SIGKILL');
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});

describe.skipIf(!existsSync('/proc/self/environ'))('processes that are left running', () => {
  it('include those with the mark in their environment or command line, until they end', async () => {
    const marked = await start({ RUN: mark });
    const named = await start({}, mark);
    await start({ RUN: 'another' });
    await expect.poll(() => new Set(found())).toEqual(new Set([marked, named]));
    for (const child of children) child.kill('SIGKILL');
    await expect.poll(found).toEqual([]);
  });

  it('include those of the program without a parent', async () => {
    const parented = await start({}, program);
    const args = JSON.stringify(['-e', FOREVER, program]);
    const launch = `const child = require('child_process').spawn(process.execPath, ${args}, { detached: true, stdio: 'ignore' });
      child.unref(); console.log(child.pid);`;
    const { stdout } = spawnSync(process.execPath, ['-e', launch], { encoding: 'utf8', env: {} });
    const orphan = Number(stdout);
    orphans.push(orphan);
    await expect.poll(found).toEqual([orphan]);
    expect(parented).not.toBe(orphan);
  });
});
