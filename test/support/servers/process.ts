// Start and end of server processes.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort as freePortOf, isFree } from '../../../scripts/demo/free-port.ts';

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return freePortOf('127.0.0.1', 0);
}

/** The first of two consecutive ports that were free a moment ago. */
export async function freePair(): Promise<number> {
  for (;;) {
    const first = await freePort();
    if (await isFree('127.0.0.1', first + 1)) return first;
  }
}

/** Starts a program in a new session; its output goes to a file in its folder. */
export function startProcess(command: string, args: readonly string[], folder: string): ChildProcess {
  mkdirSync(folder, { recursive: true });
  const out = openSync(join(folder, 'output.log'), 'a');
  const child = spawn(command, args, { detached: true, stdio: ['ignore', out, out] });
  child.unref();
  return child;
}

/** Waits until the URL answers, with any status. Throws once the process has ended. */
export async function untilAnswers(url: string, child: ChildProcess | null, patienceMs = 600_000): Promise<void> {
  for (const giveUp = performance.now() + patienceMs; performance.now() < giveUp; await sleep(50)) {
    if (child !== null && child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
  }
  throw new Error(`nobody answers at ${url}`);
}

/** Ends a process that this run started and waits for it; kills it after half a minute. */
export async function endProcess(pid: number | null): Promise<void> {
  if (pid === null) return;
  for (let i = 0; i < 1200 && signalled(pid, i === 600 ? 'SIGKILL' : i === 0 ? 'SIGTERM' : 0); i++) await sleep(50);
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** A running server: its URL, its folder, and its process, if it has one. */
export type Server = { readonly url: string; readonly folder: string; readonly pid: number | null };
