import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Many suites wait for servers, leases and deadlines: two at a time even where there are two processors.
    maxWorkers: 2,
    globalSetup: [
      'test/support/left-out.ts',
      'test/support/servers/global-setup.ts',
      'test/e2e/support/console-built.ts',
    ],
    // Ten times what a quiet machine needs for the slowest: a machine that does other things as well is no failure.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
  },
});
