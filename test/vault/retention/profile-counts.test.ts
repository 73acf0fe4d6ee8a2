// Recordings counted by profile and day, some in a query: in steps of any length they are counted once, also calls of one moment.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProfileCounts, ProfileCursor } from '../../../src/ports/rows/retention-rows.ts';
import { ENGINES } from '../../support/engines.ts';
import { insertMany } from '../../support/many-recordings.ts';
import { eraseAfter, setRules } from '../../support/retention-rules.ts';
import { sharedWorld } from '../../support/worlds.ts';

const request = () => ({ signal: AbortSignal.timeout(120_000) });
const COUNT = 90;

describe.each(ENGINES)('on $engine, counts by profile $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const tenant = () => world.harbour.tenant;
  beforeAll(async () => {
    if (!present) return;
    await setRules(world, tenant(), eraseAfter('P9Y'));
    const facts = (n: number) => ({
      ...{ v: 1, source: 'pbx', call_id: `c-${n}`, leg: '0', basis: { kind: 'contract' }, queue: `q${n % 3}` },
      // Ten calls begin together.
      started_at: `2026-0${1 + (n % 2)}-0${1 + Math.floor(n / 10)}T10:00:00.000Z`,
      ...(n % 4 === 0 ? { events: { ended: `2026-05-0${1 + (n % 5)}T00:00:00.000Z` } } : {}),
    });
    await insertMany(
      world,
      tenant(),
      Array.from({ length: COUNT }, (_, n) => facts(n)),
    );
  }, 120_000);

  type Read = (after: ProfileCursor | null, limit: number) => Promise<ProfileCounts>;
  const days: Read = (after, limit) =>
    world.vault.db.read(({ retention }) => retention.profileDays(tenant(), after, limit), request());
  /** All groups, in steps of at most `limit`. */
  async function counted(read: Read, first: ProfileCursor | null, limit: number): Promise<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (let after = first; ; ) {
      const { counts, last }: ProfileCounts = await read(after, limit);
      expect(counts.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(limit);
      for (const { profile, day, eventDay, count } of counts) {
        const group = `${Buffer.from(profile).toString('hex')} ${day} ${eventDay}`;
        sums[group] = (sums[group] ?? 0) + count;
      }
      if (last === null) return sums;
      after = last;
    }
  }
  const sum = (groups: Readonly<Record<string, number>>) => Object.values(groups).reduce((all, n) => all + n, 0);

  it.runIf(present)('are the same in steps of any length', async () => {
    const whole = await counted(days, null, 1_000);
    expect([Object.keys(whole).length, sum(whole)]).toEqual([54, COUNT]);
    for (const limit of [1, 7, 30, COUNT]) expect(await counted(days, null, limit), `${limit}`).toEqual(whole);
  });

  it.runIf(present)('have the day of an event, of one profile', async () => {
    const profiles = await world.vault.db.read(({ retention }) => retention.profiles(tenant()), request());
    let all = 0;
    for (const { id } of profiles) {
      const read: Read = (after, limit) =>
        world.vault.db.read(
          ({ retention }) => retention.profileEventDays(tenant(), 'ended', after as ProfileCursor, limit),
          request(),
        );
      const first = { profile: id, startedAt: '', id: '' };
      const whole = await counted(read, first, 1_000);
      all += sum(whole);
      expect(Object.keys(whole).some((group) => group.endsWith('null'))).toBe(true);
      expect(Object.keys(whole).some((group) => /2026-05-0\d$/.test(group))).toBe(true);
      for (const limit of [1, 8, 29]) expect(await counted(read, first, limit), `${limit}`).toEqual(whole);
    }
    expect([profiles.length, all]).toEqual([3, COUNT]);
  });
});
