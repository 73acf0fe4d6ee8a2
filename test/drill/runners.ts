// The runners of a drill: processes of their own, killed as they work, and begun again.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programBeside, programOf } from '../../scripts/program.ts';
import type { RunnerReport } from './runner.ts';

export type RunnersOptions = {
  readonly deposits: number;
  readonly kills: number;
  readonly rate: number;
  /** The file of the runner's program, where it is not the one next to this module. */
  readonly runner?: string | undefined;
};

const RUNNERS = 2;

/** What the runners did together. */
export type RunnersResult = {
  readonly kills: number;
  readonly keysSeconds: number;
  readonly envelopesSeconds: number;
  readonly objectsRead: number;
  readonly keyCalls: number;
};

/** Two runners until both end by themselves; one after the other is killed as the work goes on, and begun again. */
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
      // Spread over keys and envelopes. A runner that is killed leaves batches that it did not tell of, hence the slack.
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

/** Lets this process ask KMS as its runners do: the SDK looks for its settings in the process's own environment. */
export function adoptAwsVariables(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) process.env[name] ??= value;
}
