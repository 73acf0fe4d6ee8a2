// Calls that arrived since the list was read: counted in a bar that refetches the list.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import type { Recording } from '../../api/types.ts';
import { focusMain } from '../../components/focus-main.ts';
import { filtersOf, type RecordingsQuery, updateRows } from './use-recordings.ts';

type Props = { readonly count: number; readonly more: boolean; readonly show: () => Promise<void> };

export function NewCallsBar({ count, more, show }: Props) {
  const { t } = useTranslation('recordings');
  return (
    <div className="fresh" role="status">
      {count === 0 ? null : (
        <button type="button" className="btn s a" onClick={() => void show()}>
          <ArrowUp className="i s" />
          {more ? t('fresh.many', { count: count - 1 }) : t('fresh.bar', { count })}
        </button>
      )}
    </div>
  );
}

const KEY = 'fresh-calls';
/**
 * How many of the newest calls are checked, and how often; more often while the list is empty, because the person may
 * be waiting for the first call.
 */
const PEEK_ROWS = 20;
const POLL_MS = 60_000;
const WAITING_MS = 10_000;
/** Checks when the window comes to the front, but not at every switch between two windows. */
const FRESH_MS = 10_000;

/** Number of these that are not in the list. */
export function countNew(newest: readonly { readonly id: string }[], rows: readonly { readonly id: string }[]): number {
  const known = new Set(rows.map(({ id }) => id));
  return newest.filter(({ id }) => !known.has(id)).length;
}

/**
 * New calls over `rows` (null while loading). Disabled for searches by personal terms, because the log records every
 * search, and for lists by access, which follow events.
 */
export function useNewCalls(asked: RecordingsQuery, rows: readonly Recording[] | null, readAnew: () => Promise<void>) {
  const client = useQueryClient();
  const [anew, setAnew] = useState(0);
  const empty = rows?.length === 0;
  const looks = rows !== null && Object.keys(asked.terms).length === 0 && asked.search.mine === undefined;
  const { data } = useQuery({
    queryKey: [KEY, asked.search, asked.day, asked.zone],
    queryFn: ({ signal }) => {
      const query = { ...filtersOf(asked), limit: PEEK_ROWS };
      return fetchJson<Page<Recording>>('GET', '/v1/recordings', { query, signal, background: true });
    },
    enabled: looks,
    // The list itself was read just now.
    initialData: { data: [], next_cursor: null },
    staleTime: FRESH_MS,
    gcTime: 0,
    refetchInterval: empty ? WAITING_MS : POLL_MS,
  });
  useEffect(() => {
    const look = (): void => void client.refetchQueries({ queryKey: [KEY], type: 'active', stale: true });
    addEventListener('focus', look);
    return () => removeEventListener('focus', look);
  }, [client]);
  useEffect(() => {
    // Rows that are already in the list are updated in place.
    if (data.data.length > 0) updateRows(client, data.data);
  }, [client, data]);
  const fresh = looks && rows !== null ? countNew(data.data, rows) : 0;
  const begins = empty && fresh > 0;
  const read = useRef(readAnew);
  read.current = readAnew;
  useEffect(() => {
    if (begins) void read.current();
  }, [begins]);
  const show = async (): Promise<void> => {
    await readAnew();
    setAnew((times) => times + 1);
    setTimeout(focusMain);
  };
  return { fresh: begins ? 0 : fresh, more: fresh === PEEK_ROWS, anew, show };
}
