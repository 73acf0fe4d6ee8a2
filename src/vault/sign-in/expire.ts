// The expiry of sign-in sessions.

import { runAll } from '../core/concurrency.ts';
import { systemActor } from '../core/events/events.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { tryEnd } from '../core/sessions/end-session.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import type { Vault } from '../core/vault.ts';

const BATCH = 100;

/** Ends expired sessions. Returns how many; a failure does not stop the others and is thrown at the end. */
export async function expireSignIns(
  vault: Pick<Vault, 'db' | 'sessionKeys' | 'settings'>,
  request: RequestContext,
): Promise<number> {
  const due = await vault.db.read(async (rows) => rows.signIns.overdue(await rows.now(), BATCH), request);
  return runAll(
    due.map((found) => async () => {
      const dropped: string[] = [];
      const ended = await tryEnd(
        vault,
        async (tx) => {
          dropped.length = 0;
          const now = await tx.now();
          // A concurrent request may have renewed the session.
          const signIn = await tx.signIns.signIn(found.id);
          if (signIn === null || (now < signIn.idleEnds && now < signIn.ends)) return null;
          const reason = now >= signIn.ends ? 'expired' : 'idle';
          const { events, sessions } = await endSignIns(tx, systemActor(vault.settings), [signIn], reason, request);
          dropped.push(...sessions);
          return events;
        },
        forTenant(request, found.tenant),
      );
      for (const session of dropped) vault.sessionKeys.end(session);
      return ended;
    }),
  );
}
