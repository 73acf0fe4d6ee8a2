// The commands about legal holds: the list, and erasing what is held.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { nightShift } from '../support/waiting-command.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const SAID = { reference: 'HB-2026-014', title: 'Fenwick v Harbour', review: '2027-06-30T00:00:00.000Z' };

describe('callvault', () => {
  let world: World;
  let env: Record<string, string> = {};
  let [recording, other, hold]: string[] = [];
  beforeAll(async () => {
    world = await makeWorld();
    const { folder, harbour } = world;
    [recording, other] = [
      await world.deposited(harbour, 'call-1', wav(1000), { 'vault-meta-queue': 'Cards' }),
      await world.deposited(harbour, 'call-2', wav(1000)),
    ];
    const json = { ...SAID, query: { queue: 'cards' }, continuing: true };
    const reply = await world.call('POST', '/v1/holds', { key: harbour.privacy.key, json });
    hold = ((await reply.json()) as { id: string }).id;
    env = nightShift(folder);
  }, 300_000);
  afterAll(() => world?.end());

  const list = (...more: string[]) => runCallvault(env, 'holds', 'list', '--tenant', world.harbour.tenant, ...more);

  it('holds list prints each hold, without the values of its query', { timeout: 300_000 }, async () => {
    const listed = await list();
    expect(jsonLines(listed)).toEqual([
      {
        ...{ id: hold, state: 'active', reference: SAID.reference, title: SAID.title, review: SAID.review },
        ...{ rule: { by: ['queue'] }, continuing: true, held: 1, uncovered: 0 },
        ...{ placed: expect.any(String), placed_by: world.harbour.privacy.id, lifted: null, lifted_by: null },
      },
    ]);
    expect(listed.out).not.toMatch(/cards/i);
    expect(jsonLines(await list('--state', 'lifted'))).toEqual([]);
    expect(await list('--state', 'gone')).toEqual({
      ...{ code: 1, out: '', err: 'callvault: --state must be one of placing, active, lifted\n' },
    });
    const foreign = await runCallvault(env, 'holds', 'list', '--tenant', newId('ten'));
    expect(foreign).toMatchObject({ code: 1, err: 'callvault: there is no such tenant\n' });
  });

  it('recordings erase names the hold, and erases the others', { timeout: 300_000 }, async () => {
    const { tenant } = world.harbour;
    const erase = ['recordings', 'erase', recording ?? '', other ?? '', '--tenant', tenant, '--reason', 'court-order'];
    const erased = await runCallvault(env, ...erase);
    expect(erased.code).toBe(1);
    expect(erased.err).toContain(`recording ${recording} is under legal hold ${hold}: two people lift a hold`);
    expect(jsonLines(erased)).toMatchObject([{ recording: other, state: 'ERASING' }]);
  });
});
