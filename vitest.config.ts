import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** No server, no process, no browser: seconds. */
const UNIT = ['bytes', 'connectors', 'console', 'declared', 'envelope', 'messages', 'model'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
const BROWSER = ['test/e2e/**/*.test.ts'];
const FAULTS = ['test/faults/**/*.test.ts'];

/**
 * Spreads the files of each project over the whole run: suites that wait for deadlines run beside browsers, which need
 * the processors. Vitest runs one project after another.
 */
class Spread extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const share = (file: TestSpecification): number => {
      const project = sorted.filter((other) => other.project.name === file.project.name);
      return project.indexOf(file) / project.length;
    };
    return sorted
      .map((file) => ({ file, at: share(file) }))
      .sort((a, b) => a.at - b.at)
      .map(({ file }) => file);
  }
}

/** What all projects share. */
const shared = {
  pool: 'forks',
  // Ten times what a quiet machine needs for the slowest: a machine that does other things as well is no failure.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 300_000 } },
} as const;

export default defineConfig({
  test: {
    // Many suites wait for servers, leases and deadlines: three at a time even on two processors.
    maxWorkers: 3,
    sequence: { sequencer: Spread },
    globalSetup: [
      'test/support/left-out.ts',
      'test/support/servers/global-setup.ts',
      'test/e2e/support/build-console.ts',
    ],
    projects: [
      { test: { ...shared, name: 'unit', include: [...UNIT, 'test/house.test.ts', 'test/config.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'engines',
          include: ['test/**/*.test.ts'],
          exclude: [...UNIT, ...BROWSER, ...FAULTS, 'test/house.test.ts', 'test/config.test.ts'],
        },
      },
      { test: { ...shared, name: 'faults', include: FAULTS } },
      { test: { ...shared, name: 'browser', include: BROWSER } },
    ],
  },
});
