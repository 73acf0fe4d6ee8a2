// Where a day begins in a zone, as a time that is the same everywhere.

const DAY_MS = 86_400_000;

/** The beginning of the day `back` days before the one that it is now in the zone. */
export function dayStart(now: number, timeZone: string, back: number): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const [year = 0, month = 1, day = 1] = format.format(now).split('-').map(Number);
  const wall = Date.UTC(year, month - 1, day) - back * DAY_MS;
  // Twice: the first guess may fall on the other side of a change of the clocks.
  const once = wall - offsetAt(wall, timeZone);
  return new Date(wall - offsetAt(once, timeZone)).toISOString();
}

/** How far the zone's clocks are ahead of UTC at a time. */
function offsetAt(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  } as Intl.DateTimeFormatOptions).formatToParts(time);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return local - Math.floor(time / 1000) * 1000;
}
