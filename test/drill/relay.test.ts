// The relay drill in small, on both databases: real processes, killed and cut while calls arrive.
import { describe, expect, it } from 'vitest';
import { faultRandom } from '../support/fault-random.ts';
import { needs } from '../support/needs.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { drillRelay } from './relay.ts';

const postgres = needs('postgresql');
const small = { calls: 60, perSecond: 2, random: faultRandom() };

async function check(database?: string): Promise<void> {
  const { problems, recordings, faults } = await drillRelay({ ...small, database }, () => undefined);
  expect(problems, `FAULT_SEED=${small.random.seed}`).toEqual([]);
  expect(recordings).toBe(60);
  expect(Object.keys(faults)).toContain('network cut');
}

describe('the drill of a relay', () => {
  it('stores each call once, identical, over SQLite', () => check());

  it.skipIf(!postgres.present)(`stores each call once, identical, over PostgreSQL ${postgres.reason}`, async () => {
    await check(await freshDatabase(await serverOf('postgresql')));
  });
});
