import { createHash, randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** No server, no process, no browser: seconds. */
const UNIT = ['bytes', 'connectors', 'console', 'envelope', 'messages', 'model'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
const BROWSER = ['test/e2e/**/*.test.ts'];
const FAULTS = ['test/faults/**/*.test.ts'];

/**
 * Each in a process of their own: they mock modules, patch prototypes, or count what a fresh module does. The others share
 * the processes of their project; test/support/left-patches.ts fails a file that leaves a patch behind.
 */
const ALONE = [
  'test/adapters/query.test.ts',
  'test/drill/lists.test.ts',
  'test/envelope/message.test.ts',
  'test/envelope/nonces.test.ts',
  'test/envelope/wycheproof.test.ts',
  'test/http/audit-log.test.ts',
  'test/http/listening-limits.test.ts',
  'test/http/proof-cost.test.ts',
  'test/http/query-counts.test.ts',
  'test/vault/access-property.test.ts',
  'test/vault/amendments/round-cost.test.ts',
  'test/vault/deposit-cost.test.ts',
  'test/vault/long-lists.test.ts',
];

/** Files of one project that follow each other: a process serves only one project. */
const BLOCK = 60;

/**
 * First `unit`, then blocks of the other projects by turns: suites that wait for deadlines run beside browsers, which need the
 * processors. The order within a project is random; CALLVAULT_TEST_ORDER repeats one.
 */
class Blocks extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = process.env['CALLVAULT_TEST_ORDER'] ?? randomBytes(4).toString('hex');
    process.stdout.write(`order of the files: CALLVAULT_TEST_ORDER=${order}\n`);
    const place = ({ moduleId }: TestSpecification): string =>
      createHash('sha256')
        .update(`${order} ${relative(this.ctx.config.root, moduleId)}`)
        .digest('hex');
    const shuffled = files
      .map((file) => ({ file, place: place(file) }))
      .sort((a, b) => (a.place < b.place ? -1 : 1))
      .map(({ file }) => file);
    const of = (name: string): TestSpecification[] => shuffled.filter(({ project }) => project.name === name);
    const engines = of('engines');
    const rounds = Math.max(1, Math.ceil(engines.length / BLOCK));
    const share = (all: readonly TestSpecification[], round: number): TestSpecification[] =>
      all.slice((all.length * round) / rounds, (all.length * (round + 1)) / rounds);
    const blocks = Array.from({ length: rounds }, (_, round) =>
      ['engines', 'browser', 'faults', 'alone'].flatMap((name) => share(of(name), round)),
    );
    return [...of('unit'), ...blocks.flat()];
  }
}

/** Files of such a project run in one process, one after another. */
const inOneProcess = { isolate: false, setupFiles: ['test/support/left-patches.ts'] };

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
    sequence: { sequencer: Blocks },
    globalSetup: [
      'test/support/left-out.ts',
      'test/support/servers/global-setup.ts',
      'test/e2e/support/build-console.ts',
    ],
    projects: [
      {
        test: {
          ...shared,
          ...inOneProcess,
          name: 'unit',
          pool: 'threads',
          include: [...UNIT, 'test/house.test.ts', 'test/config.test.ts'],
          exclude: ALONE,
        },
      },
      {
        test: {
          ...shared,
          ...inOneProcess,
          name: 'engines',
          include: ['test/**/*.test.ts'],
          exclude: [...UNIT, ...BROWSER, ...FAULTS, ...ALONE, 'test/house.test.ts', 'test/config.test.ts'],
        },
      },
      { test: { ...shared, name: 'alone', include: ALONE } },
      { test: { ...shared, name: 'faults', include: FAULTS } },
      { test: { ...shared, name: 'browser', include: BROWSER } },
    ],
  },
});
