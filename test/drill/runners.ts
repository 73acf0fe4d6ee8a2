// Runners of a drill: child processes, killed while they work, and restarted.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programBeside, programOf } from '../../scripts/program.ts';
import type { RunnerReport } from './runner.ts';

export type RunnersOptions = {
  readonly deposits: number;
  readonly kills: number;
  readonly rate: number;
  /** Program of the runner, if it is not the one next to this module. */
  readonly runner?: string | undefined;
};

const RUNNERS = 2;

/** Combined work of the runners. */
export type RunnersResult = {
  readonly kills: number;
  readonly keysSeconds: number;
  readonly envelopesSeconds: number;
  readonly objectsRead: number;
  readonly keyCalls: number;
};

/** Runs two runners until both exit by themselves; kills and restarts them alternately on the way. */
export async function superviseRunners(
  env: Record<string, string>,
  tenant: string,
  { deposits, kills, rate, runner }: RunnersOptions,
  say: (line: string) => void,
): Promise<RunnersResult> {
  const { file, execArgv } =
    runner === undefined ? programBeside(import.meta.url, 'rewrap-process') : programOf(runner);
  const lines = new Map<ChildProcess, RunnerReport>();
  const live: ChildProcess[] = [];
  const started = performance.now();
  let lastKeys = started;
  let killed = 0;
  const total = (of: 'keys' | 'envelopesWritten' | 'objectsRead' | 'keyCalls'): number =>
    [...lines.values()].reduce((sum, line) => sum + line[of], 0);

  const start = (): Promise<void> => {
    const child = spawn(process.execPath, [...execArgv, file, tenant, String(rate)], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    live.push(child);
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as RunnerReport;
      lines.set(child, line);
      if (line.step === 'keys') lastKeys = performance.now();
      // Spread over keys and envelopes. A killed runner leaves batches that it did not report, so the check has slack.
      if (killed < kills && total('keys') + total('envelopesWritten') >= (2 * deposits * (killed + 1)) / (kills + 2)) {
        killed++;
        say(`kill -9 of a runner at ${total('keys')} keys and ${total('envelopesWritten')} envelopes`);
        child.kill('SIGKILL');
      }
    });
    return new Promise((resolve, reject) => {
      child.on('exit', (code, signal) => {
        live.splice(live.indexOf(child), 1);
        if (signal === 'SIGKILL') start().then(resolve, reject);
        else if (code === 0) resolve();
        else reject(new Error(`a runner ended with ${code ?? signal}`));
      });
    });
  };
  try {
    await Promise.all(Array.from({ length: RUNNERS }, start));
  } finally {
    for (const child of live) child.kill('SIGKILL');
  }
  return {
    kills: killed,
    keysSeconds: (lastKeys - started) / 1000,
    envelopesSeconds: (performance.now() - lastKeys) / 1000,
    objectsRead: total('objectsRead'),
    keyCalls: total('keyCalls'),
  };
}

/** Lets this process call KMS like its runners: the SDK reads its settings from the process's environment. */
export function adoptAwsVariables(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) process.env[name] ??= value;
}
