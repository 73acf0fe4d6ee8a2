// Ending sign-in sessions that time has run out for.
import { doEach } from '../each.ts';
import { endOne } from '../listening/end.ts';
import { systemActor } from '../log/events.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { endSignIns } from './end.ts';

const BATCH = 100;

/** Ends what is over. Returns how many; what cannot be ended now holds up nothing else and is thrown last. */
export async function expireSignIns(
  vault: Pick<Vault, 'db' | 'sessionKeys' | 'settings'>,
  request: Request,
): Promise<number> {
  const due = await vault.db.read(async (rows) => rows.signIns.overdue(await rows.now(), BATCH), request);
  return doEach(
    due.map((found) => async () => {
      const dropped: string[] = [];
      const ended = await endOne(
        vault,
        async (tx) => {
          dropped.length = 0;
          const now = await tx.now();
          // Seen in between, perhaps.
          const signIn = await tx.signIns.signIn(found.id);
          if (signIn === null || (now < signIn.idleEnds && now < signIn.ends)) return null;
          const reason = now >= signIn.ends ? 'expired' : 'idle';
          const { events, sessions } = await endSignIns(tx, systemActor(vault.settings), [signIn], reason, request);
          dropped.push(...sessions);
          return events;
        },
        request,
      );
      for (const session of dropped) vault.sessionKeys.end(session);
      return ended;
    }),
  );
}
