// Days of the tenant's zone as moments: what a filter by day asks the API for.
const DAY_MS = 86_400_000;

function offsetAt(moment: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
  }).formatToParts(moment);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const there = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return there - Math.floor(moment / 1000) * 1000;
}

/** When a day begins in a zone, as an ISO time. */
export function midnight(day: string, timeZone: string): string {
  const utc = Date.parse(`${day}T00:00:00.000Z`);
  // Twice: the offset may have changed between the guess and the day's own beginning.
  const near = utc - offsetAt(utc, timeZone);
  return new Date(utc - offsetAt(near, timeZone)).toISOString();
}

/** A day some days on. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T12:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** From when to when: `span` as the address has it, `today` in the zone. */
export function momentsOf(span: string | undefined, today: string, timeZone: string): { from?: string; to?: string } {
  if (span === 'all') return {};
  if (span === '7d') return { from: midnight(dayAfter(today, -6), timeZone) };
  if (span === '30d') return { from: midnight(dayAfter(today, -29), timeZone) };
  const [first, last] = (span ?? '').split('..');
  if (first !== undefined && last !== undefined)
    return { from: midnight(first, timeZone), to: midnight(dayAfter(last, 1), timeZone) };
  return { from: midnight(today, timeZone) };
}
