// Vitest's global setup: builds the console where its sources are newer: browsers look at it, and the demo serves it.
import type { TestProject } from 'vitest/node';
import { buildConsole, isConsoleStale } from '../../../scripts/demo/console.ts';

export async function setup({ vitest }: TestProject): Promise<void> {
  if (vitest.projects.every(({ name }) => name === 'unit')) return;
  if (await isConsoleStale()) await buildConsole();
}
