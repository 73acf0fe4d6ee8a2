// Vitest's global setup: builds the console where its sources are newer and a browser is there to look at it.
import { buildConsole, isConsoleStale } from '../../../scripts/demo/console.ts';
import { needs } from '../../support/needs.ts';

export async function setup(): Promise<void> {
  if (needs('chromium').present && (await isConsoleStale())) await buildConsole();
}
