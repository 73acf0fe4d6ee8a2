// Limit on concurrent replies per person: each one holds memory until it is sent, and a client may be slow.
import type { Context } from 'hono';
import { VaultError } from '../errors.ts';
import type { Env } from './context.ts';

/** More than a player in each of two tabs needs. */
const MAX_STREAMS = 16;

/** Answers with `handle`. Throws `too_many_streams` where the caller has too many unread replies from this process. */
export type StreamLimiter = (c: Context<Env>, handle: () => Promise<Response>) => Promise<Response>;

/** Counts the replies that each person has not read to the end, at most `most` at once. */
export function limitStreams(most = MAX_STREAMS): StreamLimiter {
  const unread = new Map<string, number>();
  return async (c, handle) => {
    const { principal } = c.get('caller');
    const before = unread.get(principal) ?? 0;
    if (before >= most)
      throw new VaultError('too_many_streams', `one reads ${most} replies at once, at most`, { retryAfter: 1 });
    unread.set(principal, before + 1);
    const leave = (): void => {
      const rest = (unread.get(principal) ?? 0) - 1;
      if (rest > 0) unread.set(principal, rest);
      else unread.delete(principal);
    };
    const outgoing = c.env?.outgoing;
    if (outgoing === undefined || outgoing.closed) return handle().finally(leave);
    outgoing.once('close', leave);
    return handle();
  };
}
