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
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
