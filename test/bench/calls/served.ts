// A server of the bench as a child process, and the questions that its probe answers.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { until } from '../../support/until.ts';
import type { Statements } from './drivers.ts';
import type { Answer, Question, Threads, Turns } from './probe.ts';
import { probeFile } from './programs.ts';

/** A running server. */
export type ServedProcess = {
  readonly base: string;
  /** Milliseconds of processor time of all its threads so far. */
  readonly processorMs: () => Promise<number>;
  /** The same by threads; on Linux only. */
  readonly threads: () => Promise<Threads>;
  readonly watchTurns: () => Promise<unknown>;
  /** Turns of its event loop since `watchTurns`. */
  readonly turns: () => Promise<Turns>;
  readonly startProfile: () => Promise<unknown>;
  /** Writes V8's profile of its main thread since `startProfile` to a file. */
  readonly stopProfile: (file: string) => Promise<unknown>;
  readonly countStatements: () => Promise<unknown>;
  /** What it asked the database since `countStatements`. */
  readonly statements: () => Promise<Statements>;
  readonly stop: () => Promise<void>;
};

/** A server program: its arguments for Node, its environment, and the file that its output goes to. */
export type ServerProgram = {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly log: string;
};

/** Starts the program with the probe and waits until it listens. */
export async function startServed({ args, environment, log }: ServerProgram): Promise<ServedProcess> {
  const file = openSync(log, 'a', 0o600);
  const before = fstatSync(file).size;
  const child = spawn(process.execPath, ['--import', pathToFileURL(probeFile()).href, ...args], {
    env: environment,
    stdio: ['ignore', file, file, 'ipc'],
  });
  closeSync(file);
  const exited = once(child, 'exit');
  // An earlier server may have written to the same file.
  const said = () => readFileSync(log).subarray(before).toString();
  const port = () => /"port":(\d+)[^}]*"msg":"listening"/.exec(said())?.[1];
  await until('a server of the bench listens', () => port() !== undefined || child.exitCode !== null, { seen: said });
  if (port() === undefined) throw new Error(`a server of the bench did not start: ${said()}`);
  const ask = asker(child);
  return {
    base: `http://127.0.0.1:${port()}`,
    processorMs: async () => (await ask('processor')) as number,
    threads: async () => (await ask('threads')) as Threads,
    watchTurns: () => ask('watchTurns'),
    turns: async () => (await ask('turns')) as Turns,
    startProfile: () => ask('startProfile'),
    stopProfile: (to) => ask('stopProfile', to),
    countStatements: () => ask('countStatements', portOf(environment['CALLVAULT_DATABASE'])),
    statements: async () => (await ask('statements')) as Statements,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The port of PostgreSQL in the address of a database; null for SQLite. */
function portOf(database = ''): number | null {
  return database.startsWith('postgres') ? Number(new URL(database).port) : null;
}

/** Sends questions to the probe, and matches its answers. */
function asker(child: ChildProcess): (ask: string, given?: unknown) => Promise<unknown> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let next = 0;
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.once('exit', () => {
    for (const [id, settle] of waiting) settle({ id, error: 'the server has ended' });
  });
  return async (ask, given) => {
    const id = next++;
    const { answer, error } = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, ask, given } satisfies Question);
    });
    if (error !== undefined) throw new Error(error);
    return answer;
  };
}
