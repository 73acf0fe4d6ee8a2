// The drill of a day of sealing, over an hour.
import { expect, it } from 'vitest';
import { sealingDay, tableOf } from './sealing-day.ts';

it('counts a segment, two puts, two lists and two reads for each log that grew in a round', async () => {
  const options = { events: 24_000, quiet: 2, quietAnHour: 3, hours: 1, sealSeconds: 300 };
  const day = await sealingDay(options);
  expect(day.busy.events).toBeGreaterThanOrEqual(999);
  expect(day.quiet.events).toBe(6);
  for (const [{ store, anchor }, seals] of [[day.busy, 12] as const, [day.quiet, 6] as const])
    for (const place of [store, anchor]) expect(place).toMatchObject({ puts: seals, lists: seals, gets: seals });
  // A leaf has some hundred bytes, and each note a few hundred.
  expect(day.busy.store.bytesPut / day.busy.events).toBeGreaterThan(200);
  expect(day.busy.store.bytesPut / day.busy.events).toBeLessThan(1_000);
  expect(day.busy.anchor.bytesPut).toBeLessThan(12 * 500);
  expect(day.reread.store).toMatchObject({ puts: 0, lists: 3 });
  expect(tableOf(day, options)).toHaveLength(7);
});
