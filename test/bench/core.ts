// Two comparisons of the encrypted format's core: sealing and opening bytes in memory.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { programBeside } from '../../scripts/program.ts';
import type { Introduction, Task } from './contender.ts';
import { CODECS } from './rivals.ts';
import type { Comparison, PreparedComparisons, Rival } from './rounds.ts';

const CONTENDER = programBeside(import.meta.url, 'contender');

/** Next message of a contender. It prints its errors to stderr. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('a contender ended too early');
    });
    const [answer] = await Promise.race([once(child, 'message', { signal }), ended]);
    return answer;
  } finally {
    stop.abort();
  }
}

/** One measurement in a new process: the speed of a process is partly luck, which must not decide the whole bench. */
async function measured(index: number, bytes: number, task: Task): Promise<[Introduction, number]> {
  const child = fork(CONTENDER.file, [String(index), String(bytes)], { execArgv: [...CONTENDER.execArgv] });
  try {
    const introduction = (await answerOf(child)) as Introduction;
    child.send(task);
    return [introduction, (await answerOf(child)) as number];
  } finally {
    child.kill();
  }
}

/** Comparisons for sealing and opening `bytes` bytes: the product, the raw loop, the AWS Encryption SDK and age. */
export async function coreComparisons(bytes: number): Promise<PreparedComparisons> {
  const introductions: Introduction[] = [];
  for (const index of CODECS.keys()) introductions.push((await measured(index, bytes, 'open'))[0]);
  const contenders = (task: Task): Rival[] =>
    introductions.map((introduction, index) => ({
      ...introduction,
      time: async () => (await measured(index, bytes, task))[1],
    }));
  const comparisons = [compare('core seal', contenders('seal')), compare('core open', contenders('open'))];
  return { comparisons, close: async () => undefined };
}

function compare(name: string, [product, ...rivals]: readonly Rival[]): Comparison {
  if (product === undefined) throw new Error('nobody to compare');
  return { name, product, rivals };
}
