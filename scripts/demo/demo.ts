// The demo: `npm run demo` seeds a vault and keeps running; `npm run demo -- --once` runs the whole story, then exits.
import { readFile } from 'node:fs/promises';
import { buildConsole, drawLinks, isConsoleStale } from './console.ts';
import { type Exports, screen, writeExports } from './screen.ts';
import { makeWorld } from './start.ts';
import { FILLING, playStory } from './story.ts';
import type { World } from './world.ts';

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Resolves with the signal that asks the demo to end. */
const asked = new Promise<keyof typeof SIGNAL_CODES>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
});

async function once(world: World): Promise<number> {
  const start = performance.now();
  const { code } = await playStory(world, { tell });
  if (code === 0) tell(`\nThe whole story in ${((performance.now() - start) / 1000).toFixed(1)} seconds.`);
  return code;
}

let exports: Exports | null = null;

async function stayUp(world: World): Promise<number> {
  const { code } = await playStory(world, { tell, steps: FILLING });
  if (code !== 0) return code;
  exports = await writeExports(world);
  tell(screen(world, await drawLinks(world), exports.file));
  const signalled = await Promise.race([asked.then(() => true), world.ended().then(() => false)]);
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
  const world = await makeWorld(isOnce ? 'any port' : 'usual port');
  try {
    const stopped = asked.then((signal) => ({ signal }));
    const ending = await Promise.race([stopped, isOnce ? once(world) : stayUp(world)]);
    if (typeof ending === 'number') return ending;
    return ending.signal === 'SIGINT' && !isOnce ? 0 : SIGNAL_CODES[ending.signal];
  } finally {
    await exports?.remove();
    await world.close();
  }
}

try {
  // A step that was cut short by a signal must not go on.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
