// Queries of the completeness page, and the shape of its table.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CompletenessBody, CountedCallBody, Page } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import { dayAfter } from '../../i18n/days.ts';

export type Counts = CompletenessBody['data'][number];

/** What calls are listed for, most important first. */
export const WHATS = ['missing', 'failed', 'short', 'mismatch', 'extra', 'pending'] as const;
export type What = (typeof WHATS)[number];

/** Days of the table: a week. */
export const DAYS = 7;
const POLL_MS = 60_000;

/** Seven days up to one, first to last. */
export function daysTo(last: string): readonly string[] {
  return Array.from({ length: DAYS }, (_, n) => dayAfter(last, n - DAYS + 1));
}

/** Counts of these days, by queue. */
export function countsQuery(days: readonly string[]) {
  const [from, to] = [days[0] ?? '', days.at(-1) ?? ''];
  return queryOptions({
    queryKey: ['completeness', from, to],
    queryFn: ({ signal }) =>
      fetchJson<CompletenessBody>('GET', '/v1/completeness', { query: { from, to, by: 'queue' }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
}

/** One day of a source, or one queue of it: `null` for calls without a queue, undefined for all. */
export type Cell = { readonly source: string; readonly day: string; readonly queue: string | null | undefined };

/** The calls behind a count. */
export function callPages({ source, day, queue }: Cell, what: What) {
  const of = queue === undefined ? {} : { queue: queue ?? '' };
  return infiniteQueryOptions({
    queryKey: ['completeness-calls', source, day, queue, what],
    queryFn: ({ signal, pageParam: cursor }) =>
      fetchJson<Page<CountedCallBody>>('GET', '/v1/completeness/calls', {
        query: { from: day, to: day, source, what, ...of, cursor },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

const SUMMED = ['expected', 'stored', 'pending', 'failed', 'missing', 'short', 'mismatch', 'extra'] as const;

/** Figures of a cell. */
export type Figures = Readonly<Record<(typeof SUMMED)[number], number>> & {
  readonly hasList: boolean;
  readonly delayP50: number | null;
  readonly delayP95: number | null;
};

/** The sum of counts; of several, no delays. Undefined without any. */
export function figuresOf(counts: readonly Counts[]): Figures | undefined {
  const [first] = counts;
  if (first === undefined) return undefined;
  const sums = Object.fromEntries(
    SUMMED.map((name) => [name, counts.reduce((sum, one) => sum + one[name], 0)]),
  ) as Readonly<Record<(typeof SUMMED)[number], number>>;
  const isOne = counts.length === 1;
  return {
    ...sums,
    hasList: counts.some((one) => one.has_list),
    delayP50: isOne ? first.delay_p50_ms : null,
    delayP95: isOne ? first.delay_p95_ms : null,
  };
}

/** The queues of a source, those with missing calls first, then by name. */
export function queuesOf(counts: readonly Counts[]): readonly (string | null)[] {
  const missing = new Map<string | null, number>();
  for (const { queue = null, missing: some, failed } of counts)
    missing.set(queue, (missing.get(queue) ?? 0) + some + failed);
  return [...missing.keys()].sort(
    (one, other) =>
      (missing.get(other) ?? 0) - (missing.get(one) ?? 0) || (one ?? '\uFFFF').localeCompare(other ?? '\uFFFF'),
  );
}
