// The two comparisons of the sealed format's core: sealing and opening bytes that lie in memory.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Introduction, Task } from './contender.ts';
import { CODECS } from './rivals.ts';
import type { Comparison, Ready, Rival } from './rounds.ts';

const CONTENDER = fileURLToPath(new URL('./contender.ts', import.meta.url));

/** The next thing a contender says. Its own account of what went wrong is on stderr. */
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

/** Sealing and opening of `bytes` bytes: the product beside the raw loop, the AWS Encryption SDK and age. */
export async function coreComparisons(bytes: number): Promise<Ready> {
  const children: ChildProcess[] = [];
  const close = (): void => {
    for (const child of children) child.kill();
  };
  try {
    const introductions: Introduction[] = [];
    for (const index of CODECS.keys()) {
      const child = fork(CONTENDER, [String(index), String(bytes)]);
      children.push(child);
      introductions.push((await answerOf(child)) as Introduction);
    }
    const contenders = (task: Task): Rival[] =>
      children.map((child, i) => ({
        ...(introductions[i] as Introduction),
        time: async () => {
          child.send(task);
          return (await answerOf(child)) as number;
        },
      }));
    return { comparisons: [compare('core seal', contenders('seal')), compare('core open', contenders('open'))], close };
  } catch (error) {
    close();
    throw error;
  }
}

function compare(name: string, [product, ...rivals]: readonly Rival[]): Comparison {
  if (product === undefined) throw new Error('nobody to compare');
  return { name, product, rivals };
}
