// The drill of call lists with few calls: what is planted is found exactly, on both databases and in both orders.
import { describe, expect, it } from 'vitest';
import { ENGINES } from '../support/engines.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { drillLists, PLANTED } from './lists.ts';

const CALLS = 1_000;
/**
 * Statements, by the number of transactions: a list is taken in more of them where the machine is slow, since each ends after
 * a time. A statement a line would be hundreds more.
 */
const MOST_BESIDES = 100;
const MOST_OF_EACH = 16;

describe.each(ENGINES)('a list of many calls over $engine $reason', ({ engine, present }) => {
  it.skipIf(!present).each(['before', 'after'])(
    '%s the audio finds what is planted, and changes nothing again',
    async (order) => {
      const postgres = engine === 'sqlite' ? undefined : await freshDatabase(await serverOf('postgresql'));
      const run = await drillLists({ calls: CALLS, before: order === 'before', postgres });
      expect(run.counts).toEqual({ ...PLANTED, expected: CALLS, stored: CALLS - PLANTED.missing });
      expect(run.again).toEqual({ events: 0, changed: 0 });
      expect(run.statements).toBeLessThanOrEqual(MOST_BESIDES + MOST_OF_EACH * run.transactions);
    },
  );
});
