// Detection of a session's end: by the event stream, the clock, the grants, and polling.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { problemOf } from '../../api/problem.ts';
import { liveGrantsQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import { isWaiting } from '../../components/grant-clock.tsx';
import { onAccessEvent, streaming } from '../../live/event-stream.ts';
import { readSessionQuietly } from './api.ts';
import { endReasonOfEvent, endReasonOfProblem, endReasonOfSession } from './end-reason.ts';
import type { EndReason } from './player-state.ts';
import type { Session } from './types.ts';

const LAST_MINUTE_MS = 60_000;
/** Interval of the poll, used only while the event stream is not connected. */
const POLL_MS = 5_000;

type Watch = {
  /** Called once when any source reports the end of the session. */
  readonly end: (why: EndReason) => void;
  readonly lastMinute: () => void;
  /** The grant was extended: the session ends at this time. */
  readonly extended: (ends: string) => void;
};

/** Watches a session for its end. `end` and `extended` must not change between renders. */
export function useEndWatch(session: Session | null, { end, lastMinute, extended }: Watch): void {
  const latestLastMinute = useRef(lastMinute);
  latestLastMinute.current = lastMinute;
  const ask = useCallback(async () => {
    if (session === null) return;
    const why = await readSessionQuietly(session.id).then(endReasonOfSession, (error: unknown) => {
      const problem = problemOf(error);
      return problem === null ? null : endReasonOfProblem(problem);
    });
    if (why !== null) end(why);
  }, [session, end]);

  useEffect(() => {
    if (session === null) return undefined;
    const left = Date.parse(session.ends) - serverNow();
    const timers = [
      setTimeout(() => end('expired'), Math.max(0, left)),
      setTimeout(() => latestLastMinute.current(), Math.max(0, left - LAST_MINUTE_MS)),
    ];
    const forget = onAccessEvent((event) => {
      const why = endReasonOfEvent(event, session);
      if (why !== null) end(why);
    });
    const poll = setInterval(() => {
      if (!streaming.get()) void ask();
    }, POLL_MS);
    // The stream may have broken before it delivered the end; a reopened stream may have missed it.
    const unfollow = streaming.subscribe(() => void ask());
    return () => {
      for (const timer of timers) clearTimeout(timer);
      clearInterval(poll);
      unfollow();
      forget();
    };
  }, [session, end, ask]);

  // The page just learned that the grant is no longer live, for example from its own button.
  const grants = useQuery({ ...liveGrantsQuery(true), enabled: session !== null });
  // A list from before the first listen has the end of the window.
  const ends = grants.data?.data.find(({ id, ...grant }) => id === session?.grant && !isWaiting(grant))?.expires;
  useEffect(() => {
    if (session !== null && ends !== undefined && Date.parse(ends) > Date.parse(session.ends)) extended(ends);
  }, [session, ends, extended]);
  const isGone = session !== null && grants.data?.data.some(({ id }) => id === session.grant) === false;
  const { dataUpdatedAt } = grants;
  useEffect(() => {
    if (isGone && dataUpdatedAt > 0) void ask();
  }, [isGone, dataUpdatedAt, ask]);
}
