// How much one person is handed out at once: a reply holds what it tells until that is sent, and a client may be slow.
import type { Context } from 'hono';
import { VaultError } from '../errors.ts';
import type { Env } from './context.ts';

/** More than a player in each of two tabs asks for. */
const MAX_STREAMS = 16;

/** Answers by `handle`. Throws `too_many_streams` where the caller has as many replies of this process unread as there may be. */
export type StreamLimiter = (c: Context<Env>, handle: () => Promise<Response>) => Promise<Response>;

/** A count of the replies that each person has not read to their end, `most` of them at once. */
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
