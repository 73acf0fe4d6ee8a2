// Live updates: an event refetches the queries that it affects.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { meQuery } from '../api/queries.ts';
import { refetchQueries } from '../api/query-client.ts';
import { coalesce } from '../live/coalesce.ts';
import { onAccessEvent, startEventStream, streaming } from '../live/event-stream.ts';
import type { AccessEvent } from '../live/messages.ts';
import { forgetSession } from '../player/session/kept-sessions.ts';

const TOUCHED_QUERIES = ['grants', 'requests', 'request', 'recording', 'access', 'queue', 'batches'];
/** Lists are long and on the page now: an event updates the rows that it names and moves none. */
const LISTS = 'recordings';

/** Queries that an event affects, except the lists: only those about the objects that it names. */
export function queriesTouchedBy({ recording, request }: AccessEvent): (readonly [string, string])[] {
  return [
    ...(recording === undefined
      ? []
      : ([
          ['recording', recording],
          ['access', recording],
        ] as const)),
    ...(request === undefined ? [] : ([['request', request]] as const)),
  ];
}

/** Listens while the shell is mounted, if the person may read events. */
export function useLiveUpdates(on: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!on) return undefined;
    const stop = startEventStream();
    const forget = onAccessEvent((event) => {
      if (event.type === 'session_ended' && event.session !== undefined) forgetSession(event.session);
      coalesce('lists', () => void refetchQueries(client, 'grants', 'requests', 'queue', 'batches'));
      for (const queryKey of queriesTouchedBy(event)) {
        coalesce(queryKey.join(' '), () => void client.invalidateQueries({ queryKey }));
      }
      void client.invalidateQueries({ queryKey: [LISTS], refetchType: 'none' });
    });
    // A reopened stream may have missed events, and may belong to another person.
    let opened = false;
    const unfollow = streaming.subscribe(() => {
      if (streaming.get() && opened) {
        void client.invalidateQueries(meQuery);
        void refetchQueries(client, ...TOUCHED_QUERIES, LISTS);
      }
      opened ||= streaming.get();
    });
    return () => {
      unfollow();
      forget();
      stop();
    };
  }, [client, on]);
}
