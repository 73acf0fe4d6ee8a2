// The count of what a session is sent, made before it is sent, within the minutes of the listener's day.
import { VaultError } from '../../errors.ts';
import { check } from '../../model/check.ts';
import { localDayOf } from '../../model/local-time.ts';
import type { Caller } from '../../model/principal.ts';
import { isPlaced, type ServedRange, totalLength, UNPLACED_RATE } from '../../model/served-ranges.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { MinutesLimit, ServedBytes } from '../../ports/rows/session-rows.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { countRefusal } from './count-refusal.ts';
import type { LiveSession } from './live-session.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'sessionKeys' | 'logProofs'>;

/** Milliseconds of the call that a count added to the session's row for a part of its bytes: none for what was counted before. */
export type AddedTime = (part: ServedBytes) => number;

/** What a reply knows of its session's row. */
export type ServedCounter = {
  /**
   * Counts bytes in the session's row before they are served; the statement also checks that the session is live. Throws
   * `session_ended`, with the check where the minutes of the day are used up, and as `Database.proveLog`.
   */
  readonly count: (served: ServedBytes) => Promise<AddedTime>;
  /** Takes the row as a later check found it. */
  readonly update: (live: LiveSession) => void;
  /** Milliseconds of the call that the row has counted, as far as this process knows; each part once. */
  readonly playedMs: () => number;
};

/** The counter of one reply. */
export function servedCounter(vault: Deps, by: Caller, first: LiveSession, request: RequestContext): ServedCounter {
  let live = first;
  let { heard, bytes } = first.session;
  const { tenant, id } = first.session;
  return {
    count: async (served) => {
      // Fail closed: the session's summary is an event, so nothing is served while the log cannot grow. That the database
      // accepts writes at all, the count itself proves.
      await vault.logProofs.require(tenant, request);
      const limit = limitOf(live);
      const counted = await vault.db.note(
        ({ sessions }) =>
          limit === null
            ? sessions.count({ tenant, id, heard }, served)
            : sessions.countWithin({ tenant, id, heard }, served, limit),
        request,
      );
      if (counted === 'over') throw await usedUp(vault, by, live, request);
      if (counted === null) {
        vault.sessionKeys.end(id);
        throw sessionEnded();
      }
      ({ heard } = counted);
      bytes += served.bytes;
      const before = counted.before ?? [];
      return (part) => (part.unplaced === true ? unplacedTime(part.bytes) : addedLength(before, part.servedRange));
    },
    update: (next) => {
      live = next;
      ({ heard, bytes } = next.session);
    },
    playedMs: () => (isPlaced(first.recording.durationMs) ? totalLength(heard ?? []) : unplacedTime(bytes)),
  };
}

/** Milliseconds that bytes of a call whose length is unknown or 0 count as. */
function unplacedTime(bytes: number): number {
  return (bytes * 1_000) / UNPLACED_RATE;
}

function addedLength(before: readonly ServedRange[], one: ServedRange | null): number {
  return one === null ? 0 : totalLength([...before, one]) - totalLength(before);
}

/** The minutes of the day on which the session was opened, where the policy limits them. */
function limitOf({ session, policy, tenant }: LiveSession): MinutesLimit | null {
  const minutes = policy.perDay?.minutes;
  if (minutes === undefined) return null;
  const { from, to } = localDayOf(timeZoneOf(tenant), Date.parse(session.opened));
  return { principal: session.principal, minutes, from, to };
}

/** The denial of a minute beyond the day's, counted as every other. What was served before stays playable. */
async function usedUp(vault: Deps, by: Caller, { session, policy }: LiveSession, request: RequestContext) {
  const detail = String(policy.perDay?.minutes);
  const checks = [check('minutes-left-today', false, 'daily_minutes', { detail })];
  const denied = new VaultError('session_ended', 'the minutes of the day are used up', { checks });
  await countRefusal(vault, by, { type: 'session', id: session.id }, denied, request);
  return denied;
}

export function sessionEnded(): VaultError {
  return new VaultError('session_ended', 'the session has ended');
}
