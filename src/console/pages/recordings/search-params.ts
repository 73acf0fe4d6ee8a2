// Filters in the address; none of them identifies a person.

export const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;
export const ACCESS_FILTERS = ['listen', 'pending', 'over'] as const;
export const STATES = ['available', 'quarantined', 'erased'] as const;

export type RecordingsSearch = {
  /** `7d`, `30d`, `all`, or two days `2026-11-01..2026-11-25`; absent means since yesterday. */
  readonly span?: string;
  readonly direction?: (typeof DIRECTIONS)[number];
  readonly state?: (typeof STATES)[number];
  readonly mine?: (typeof ACCESS_FILTERS)[number];
  readonly language?: string;
  readonly min?: number;
  readonly max?: number;
};

const SPAN = /^(7d|30d|all|\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2})$/;

function oneOf<T extends string>(list: readonly T[], value: unknown): T | undefined {
  return list.find((one) => one === value);
}

function minutes(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 && number < 10_000 ? number : undefined;
}

/** Filters from an address; invalid values are dropped. */
export function readRecordingsSearch(search: Record<string, unknown>): RecordingsSearch {
  const read = {
    span: typeof search['span'] === 'string' && SPAN.test(search['span']) ? search['span'] : undefined,
    direction: oneOf(DIRECTIONS, search['direction']),
    state: oneOf(STATES, search['state']),
    mine: oneOf(ACCESS_FILTERS, search['mine']),
    language: /^[A-Za-z-]{2,16}$/.test(String(search['language'] ?? '')) ? String(search['language']) : undefined,
    min: minutes(search['min']),
    max: minutes(search['max']),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as RecordingsSearch;
}
