// Following the end of a session from every side: the stream of events, the clock, the grants, and asking.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { problemOf } from '../../api/problem.ts';
import { liveGrantsQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import { onAccessEvent, streaming } from '../../live/event-stream.ts';
import { readSessionQuietly } from './api.ts';
import { endReasonOfEvent, endReasonOfProblem, endReasonOfSession } from './end-reason.ts';
import type { EndReason } from './player-state.ts';
import type { Session } from './types.ts';

const LAST_MINUTE_MS = 60_000;
/** Where there is no stream; with it nobody needs to ask. */
const POLL_MS = 5_000;

/** Calls `end` once the session is over, whoever says so first. */
export function useEndWatch(session: Session | null, end: (why: EndReason) => void, lastMinute: () => void): void {
  const said = useRef(lastMinute);
  said.current = lastMinute;
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
      setTimeout(() => said.current(), Math.max(0, left - LAST_MINUTE_MS)),
    ];
    const forget = onAccessEvent((event) => {
      const why = endReasonOfEvent(event, session);
      if (why !== null) end(why);
    });
    const poll = setInterval(() => {
      if (!streaming.get()) void ask();
    }, POLL_MS);
    // A stream that breaks may have broken because of what it would have told; one that opens again may have missed it.
    const unfollow = streaming.subscribe(() => void ask());
    return () => {
      for (const timer of timers) clearTimeout(timer);
      clearInterval(poll);
      unfollow();
      forget();
    };
  }, [session, end, ask]);

  // The page has just learnt that the grant is no longer live: from a button of its own, for one.
  const grants = useQuery({ ...liveGrantsQuery(true), enabled: session !== null });
  const isGone = session !== null && grants.data?.data.some(({ id }) => id === session.grant) === false;
  const { dataUpdatedAt } = grants;
  useEffect(() => {
    if (isGone && dataUpdatedAt > 0) void ask();
  }, [isGone, dataUpdatedAt, ask]);
}
