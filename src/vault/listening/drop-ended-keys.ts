// Overwriting keys of ended sessions in the process that sends the media, wherever the session ended.

import { runAll } from '../core/concurrency.ts';
import { groupBy } from '../core/group-by.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'sessionKeys'>;

/** Sessions read at once. */
const BATCH = 200;

/**
 * Drops keys of sessions that ended in another process, or between the row's read and the unwrap, and of deposits that
 * were re-encrypted or aborted. Returns the number of sessions. It runs every second: it reads a tenant's sessions
 * together.
 */
export function dropEndedKeys(vault: Deps, request: RequestContext): Promise<number> {
  const byTenant = groupBy(vault.sessionKeys.sessions(), ({ tenant }) => tenant);
  const batches = [...byTenant].flatMap(([tenant, sessions]) =>
    Array.from({ length: Math.ceil(sessions.length / BATCH) }, (_, n) => ({
      tenant,
      ids: sessions.slice(n * BATCH, (n + 1) * BATCH).map(({ id }) => id),
    })),
  );
  return runAll(
    batches.map(
      ({ tenant, ids }) =>
        () =>
          dropAmong(vault, tenant, ids, request),
    ),
  );
}

async function dropAmong(
  { db, sessionKeys }: Deps,
  tenant: string,
  sessions: readonly string[],
  request: RequestContext,
): Promise<number> {
  const held = sessions.map((id) => ({ id, deposits: sessionKeys.deposits(id) }));
  const deposits = [...new Set(held.flatMap((session) => session.deposits))];
  const { live, available } = await db.read(
    async (rows) => ({
      live: new Set(await rows.sessions.liveAmong(tenant, sessions)),
      available: new Set(await rows.deposits.availableAmong(tenant, deposits)),
    }),
    request,
  );
  let dropped = 0;
  for (const session of held) {
    const ended = session.deposits.filter((deposit) => !available.has(deposit));
    if (!live.has(session.id)) sessionKeys.end(session.id);
    else for (const deposit of ended) sessionKeys.drop(session.id, deposit);
    if (!live.has(session.id) || ended.length > 0) dropped += 1;
  }
  return dropped;
}
