// Times during which a log accounts for calls: each for so many.

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** From when until when, and how many calls are left. */
export type Span = { readonly from: number; readonly until: number; left: number };

export type SpansByHour = {
  /** Adds a span of a few hours at most. */
  readonly add: (name: string, span: Span) => void;
  /** Takes one call from a span of one of these names; false where none is left at this time. */
  readonly take: (names: readonly string[], at: number) => boolean;
};

/** Spans by name, found by the hour of a call: a log of a year has tens of thousands. */
export function spansByHour(): SpansByHour {
  const byHour = new Map<string, Span[]>();
  return {
    add: (name, span) => {
      for (let hour = hourOf(span.from); hour <= hourOf(span.until); hour++) {
        const slot = `${name} ${hour}`;
        const known = byHour.get(slot);
        if (known === undefined) byHour.set(slot, [span]);
        else known.push(span);
      }
    },
    take: (names, at) =>
      takeFirst(
        names.flatMap((name) => byHour.get(`${name} ${hourOf(at)}`) ?? []),
        at,
      ),
  };
}

/** Takes one call from the span that ends first, so that the others serve later calls. */
export function takeFirst(spans: readonly Span[], at: number): boolean {
  let first: Span | null = null;
  for (const span of spans) {
    const serves = span.left > 0 && span.from <= at && at <= span.until;
    if (serves && (first === null || span.until < first.until)) first = span;
  }
  if (first === null) return false;
  first.left--;
  return true;
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}
