// Background work while a log is held: others are served, and the failure is reported at once and then ever less often.
import { expect, it } from 'vitest';
import { startBackgroundWork } from '../../src/work.ts';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';
import { freshWorld } from '../support/worlds.ts';

const world = freshWorld();
const wait = () => ({ signal: AbortSignal.timeout(60_000) });

async function ask(cast: Cast): Promise<string> {
  const recording = await world.deposited(cast, 'a', wav(10));
  const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const asked = await world.call('POST', '/v1/access-requests', { key: cast.reviewer.key, json });
  return ((await asked.json()) as { id: string }).id;
}

const stateOf = (id: string) => world.sql.prepare('select state from access_request where id = ?').pluck().get(id);

it('reports that a log takes no events once, and goes on with the other tenants', async () => {
  const { harbour, yunhai, vault } = world;
  const [held, other] = [await ask(harbour), await ask(yunhai)];
  await vault.db.note((notes) => notes.holds.hold(harbour.tenant, 'behind', -1), wait());
  world.forward(80 * 3_600_000);
  const failed: string[] = [];
  let rounds = 0;
  const counted = {
    ...vault,
    db: {
      ...vault.db,
      read: (async (...args: Parameters<typeof vault.db.read>) => {
        rounds++;
        return vault.db.read(...args);
      }) as typeof vault.db.read,
    },
  };
  const stop = startBackgroundWork(counted, (name, error) =>
    failed.push(`${name}: ${(error as { code: string }).code}`),
  );
  try {
    await expect.poll(() => stateOf(other), { timeout: 60_000 }).toBe('EXPIRED');
    const [from, reported] = [rounds, failed.length];
    expect(reported).toBeGreaterThan(0);
    // Several further rounds of the work that runs each second.
    await expect.poll(() => rounds - from, { timeout: 60_000 }).toBeGreaterThan(30);
    expect(failed.filter((one) => one === 'expire: audit_unavailable')).toHaveLength(1);
    world.forward(61_000);
    await expect
      .poll(() => failed.filter((one) => one === 'expire: audit_unavailable').length, { timeout: 60_000 })
      .toBe(2);
    expect(stateOf(held)).toBe('REQUESTED');
  } finally {
    await stop();
  }
});
