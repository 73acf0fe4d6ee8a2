// Vitest's global setup: builds the console where its sources are newer: browsers look at it, and the demo serves it.
import { buildConsole, isConsoleStale } from '../../../scripts/demo/console.ts';

export async function setup(): Promise<void> {
  if (await isConsoleStale()) await buildConsole();
}
