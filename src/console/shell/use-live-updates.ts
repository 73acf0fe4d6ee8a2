// Keeps what is on the page in step with the service: an event makes what it touches be read again.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { meQuery } from '../api/queries.ts';
import { readAgain } from '../api/refetch.ts';
import { soon } from '../live/coalesce.ts';
import { onAccessEvent, startLive, streaming } from '../live/event-stream.ts';
import type { AccessEvent } from '../live/messages.ts';
import { forgetSession } from '../player/session/kept-sessions.ts';

const TOUCHED = ['grants', 'requests', 'request', 'recording', 'access'];
/** Long, and on the page now: it changes the rows that an event names by itself, and moves none. */
const LISTS = 'recordings';

/** What an event makes be read again beside the lists: what it names, and of others nothing. */
export function touchedBy({ recording, request }: AccessEvent): (readonly [string, string])[] {
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

/** Listens while the shell stands, for who may. */
export function useLive(on: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!on) return undefined;
    const stop = startLive();
    const forget = onAccessEvent((event) => {
      if (event.type === 'session_ended' && event.session !== undefined) forgetSession(event.session);
      soon('lists', () => void readAgain(client, 'grants', 'requests'));
      for (const queryKey of touchedBy(event)) {
        soon(queryKey.join(' '), () => void client.invalidateQueries({ queryKey }));
      }
      void client.invalidateQueries({ queryKey: [LISTS], refetchType: 'none' });
    });
    // A stream that opens again may have missed something, and may be somebody else's.
    let opened = false;
    const unfollow = streaming.subscribe(() => {
      if (streaming.get() && opened) {
        void client.invalidateQueries(meQuery);
        void readAgain(client, ...TOUCHED, LISTS);
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
