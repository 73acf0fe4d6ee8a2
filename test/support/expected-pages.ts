// The page of a filter, found by looking at every row: what the adapter's pages must equal.
import type { OwnAccessFilter, RecordingFilter, ScopeFilter } from '../../src/ports/rows/recording-rows.ts';

type Row = Readonly<Record<string, unknown>>;

/** All rows of the tables that a filter looks at. */
export type AllRows = {
  readonly recording: readonly Row[];
  readonly blind_index: readonly Row[];
  readonly access_request: readonly Row[];
  readonly access_grant: readonly Row[];
};

/** Ids of the first recordings that match, newest call first. */
export function expectedPage(all: AllRows, filter: RecordingFilter, limit: number): string[] {
  const { from, to, direction, language, minMs, maxMs, state, mine, scope, indexes } = filter;
  const found = indexes.map(({ label, value }) => {
    const hex = Buffer.from(value).toString('hex');
    const same = (row: Row): boolean =>
      row['label'] === label && Buffer.from(row['value'] as never).toString('hex') === hex;
    return new Set(all.blind_index.filter(same).map((row) => row['recording']));
  });
  const own = mine === undefined ? null : ownRecordings(all, mine);
  const inScope = scope === undefined || mine !== undefined ? null : scopeOf(all, scope);
  return all.recording
    .filter(
      (row) =>
        (row['state'] !== 'EXPECTED' || row['described'] === 1) &&
        (from === undefined || String(row['started_at']) >= from) &&
        (to === undefined || String(row['started_at']) < to) &&
        (direction === undefined || row['direction'] === direction) &&
        (language === undefined || row['language'] === language) &&
        (minMs === undefined || (row['duration_ms'] !== null && Number(row['duration_ms']) >= minMs)) &&
        (maxMs === undefined || (row['duration_ms'] !== null && Number(row['duration_ms']) <= maxMs)) &&
        (state === undefined || stateOf(row) === state) &&
        (own === null || own.has(row['id'])) &&
        (inScope === null || inScope(row)) &&
        found.every((ids) => ids.has(row['id'])),
    )
    .sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1))
    .slice(0, limit)
    .map((row) => String(row['id']));
}

function placeOf(row: Row): string {
  return `${String(row['started_at'])} ${String(row['id'])}`;
}

function stateOf(row: Row): RecordingFilter['state'] {
  if (row['state'] === 'EXPECTED') return 'expected';
  if (row['state'] !== 'AVAILABLE') return 'erased';
  return row['quarantine'] === '' ? 'available' : 'quarantined';
}

function ownRecordings(all: AllRows, { person, access, now }: OwnAccessFilter): ReadonlySet<unknown> {
  const ids = (rows: readonly Row[]) => new Set(rows.map((row) => row['recording']));
  const asked = all.access_request.filter((row) => row['requester'] === person);
  const listen = ids(
    all.access_grant.filter(
      (row) =>
        row['person'] === person &&
        row['state'] === 'APPROVED' &&
        Number(row['uses_left']) > 0 &&
        String(row['expires']) > now,
    ),
  );
  if (access === 'listen') return listen;
  const pending = ids(asked.filter((row) => row['state'] === 'REQUESTED' && String(row['expires']) > now));
  if (access === 'pending') return new Set([...pending].filter((id) => !listen.has(id)));
  return new Set([...ids(asked)].filter((id) => !listen.has(id) && !pending.has(id)));
}

/** Whether a recording is in the scope: by its queue, or the person's own. */
function scopeOf(all: AllRows, { queues, person, now }: ScopeFilter): (row: Row) => boolean {
  const named = new Set(queues.map((queue) => Buffer.from(queue).toString('hex')));
  const listen = ownRecordings(all, { person, access: 'listen', now });
  const pending = ownRecordings(all, { person, access: 'pending', now });
  return ({ id, queue }) => {
    const isNamed = queue !== null && named.has(Buffer.from(queue as Uint8Array).toString('hex'));
    return isNamed || listen.has(id) || pending.has(id);
  };
}
