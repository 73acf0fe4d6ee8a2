// Global setup of Vitest: builds the console if its sources are newer than the build.
import type { TestProject } from 'vitest/node';
import { buildConsole, isConsoleStale } from '../../../scripts/demo/console.ts';

export async function setup({ vitest }: TestProject): Promise<void> {
  if (vitest.projects.every(({ name }) => name === 'unit')) return;
  if (await isConsoleStale()) await buildConsole();
}
