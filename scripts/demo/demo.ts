// The demo: `npm run demo` seeds a vault and keeps running; `npm run demo -- --once` runs the whole story, then exits.
import { readFile } from 'node:fs/promises';
import { buildConsole, createSignInLinks, isConsoleStale } from './console.ts';
import { type ExportsFile, screenText, writeExports } from './screen.ts';
import { makeDemoWorld } from './start.ts';
import { playStory, SEED_STEPS } from './story.ts';
import type { DemoWorld } from './world.ts';

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Resolves with the signal that ends the demo. */
const stopRequested = new Promise<keyof typeof SIGNAL_CODES>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
});

async function runStory(world: DemoWorld): Promise<number> {
  const start = performance.now();
  const { code } = await playStory(world, { tell });
  if (code === 0) tell(`\nThe whole story took ${((performance.now() - start) / 1000).toFixed(1)} seconds.`);
  return code;
}

let exports: ExportsFile | null = null;

async function keepServing(world: DemoWorld): Promise<number> {
  const { code } = await playStory(world, { tell, steps: SEED_STEPS });
  if (code !== 0) return code;
  exports = await writeExports(world);
  tell(screenText(world, await createSignInLinks(world), exports.file));
  const signalled = await Promise.race([stopRequested.then(() => true), world.ended().then(() => false)]);
  if (!signalled) {
    const words = (await readFile(world.paths.log, 'utf8')).trim().split('\n').slice(-5);
    tell(`The service ended unexpectedly. The end of its log:\n${words.join('\n')}`);
  }
  return 1;
}

async function main(args: readonly string[]): Promise<number> {
  const isOnce = args.includes('--once');
  if (args.some((arg) => arg !== '--once')) {
    process.stderr.write('usage: npm run demo [-- --once]\n');
    return 2;
  }
  if (!isOnce && (await isConsoleStale())) {
    tell('Building the console. The next start skips this.');
    await buildConsole();
  }
  const world = await makeDemoWorld(isOnce ? 'any port' : 'usual port');
  try {
    const stopped = stopRequested.then((signal) => ({ signal }));
    const ending = await Promise.race([stopped, isOnce ? runStory(world) : keepServing(world)]);
    if (typeof ending === 'number') return ending;
    return ending.signal === 'SIGINT' && !isOnce ? 0 : SIGNAL_CODES[ending.signal];
  } finally {
    await exports?.remove();
    await world.close();
  }
}

try {
  // A step that a signal interrupted must not continue.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
