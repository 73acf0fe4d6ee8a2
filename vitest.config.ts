import { defineConfig } from 'vitest/config';

/** No server, no process, no browser: seconds. */
const UNIT = ['bytes', 'console', 'envelope', 'messages', 'model'].map((folder) => `test/${folder}/**/*.test.ts`);
const BROWSER = ['test/e2e/**/*.test.ts'];
const FAULTS = ['test/faults/**/*.test.ts'];

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
