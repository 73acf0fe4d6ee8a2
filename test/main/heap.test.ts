// The growth of the heap, as V8 prints it when it computes the next limit.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../src/main/heap.ts', import.meta.url));
/** Enough that V8's smallest steps do not decide. */
const ALIVE = 'globalThis.alive = Array.from({ length: 300_000 }, (_, n) => ({ n }));';

/** The factor of the last limit of a process that ran this program. */
function growthOf(program: string): string | undefined {
  const args = ['--import', 'tsx', '--trace-gc-verbose', '--expose-gc', '--input-type=module', '-e', program];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return [...stdout.matchAll(/Limit: old size.*\((\d\.\d)\)/g)].at(-1)?.[1];
}

it('lets the heap grow to three times what is alive, in a process that runs already', () => {
  const grown = `import { letHeapGrow } from ${JSON.stringify(SOURCE)}; ${ALIVE} gc(); letHeapGrow(); gc();`;
  expect(growthOf(grown)).toBe('3.0');
  // Otherwise the speed of the collector decides.
  expect(growthOf(`${ALIVE} gc();`)).toMatch(/^(?!3\.0)\d\.\d$/);
});
