// A session for its holder: whether it is live, the served ranges of the call, and the watermark.
import { VaultError } from '../../errors.ts';
import type { Session } from '../../model/access.ts';
import type { Caller } from '../../model/principal.ts';
import { isPlaced, mergeRanges, type ServedRange, totalLength } from '../../model/served-ranges.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';

export type SessionView = {
  readonly session: Session;
  readonly state: 'live' | 'ended';
  /** Why it ended. */
  readonly reason: string | null;
  /** The ranges of the call served to this person, in all of their sessions. */
  readonly servedRanges: readonly ServedRange[];
  /** Of the call's length; null where that is unknown. */
  readonly servedPercent: number | null;
  /** The holder's name; null while it cannot be opened. */
  readonly person: string | null;
  readonly now: string;
};

/**
 * The caller's own session, live or ended. Each look is counted. Throws `not_found` for another person's or a missing
 * one.
 */
export async function readSession(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<SessionView> {
  const found = await vault.db.read(async (rows) => {
    const session = await rows.sessions.find(by.tenant, id);
    if (session === null || session.principal !== by.principal)
      throw new VaultError('not_found', 'there is no such session');
    return {
      session,
      own: await rows.sessions.ofPerson(by.tenant, session.recording, by.principal),
      durationMs: (await rows.recordings.find(by.tenant, session.recording))?.durationMs ?? null,
      now: await rows.now(),
    };
  }, request);
  const { session, own, durationMs, now } = found;
  const object = { id, recording: session.recording };
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'session.read', object }, request);
  const metadataKey = await metadataKeyIfAvailable(vault, by.tenant, request);
  const names =
    metadataKey === null
      ? null
      : await vault.db.read((rows) => readNames(rows, metadataKey, by.tenant, [by.principal]), request);
  const heard = mergeRanges(own.flatMap(({ heard }) => heard ?? []));
  const live = session.state === 'LIVE' && now < session.ends;
  return {
    session,
    state: live ? 'live' : 'ended',
    reason: live ? null : (session.reason ?? 'expired'),
    servedRanges: heard,
    servedPercent: percentOf(heard, durationMs),
    person: names?.get(by.principal) ?? null,
    now,
  };
}

function percentOf(heard: readonly ServedRange[], durationMs: number | null): number | null {
  if (!isPlaced(durationMs)) return null;
  return Math.min(100, Math.round((100 * totalLength(heard)) / durationMs));
}
