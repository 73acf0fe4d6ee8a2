// The expiry of changes that no one decided on, and of approved ones whose command never acted.
import { runAll } from '../core/concurrency.ts';
import { event, systemActor } from '../core/events/events.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { tryEnd } from '../core/sessions/end-session.ts';
import type { Vault } from '../core/vault.ts';
import { move } from './decide.ts';

const BATCH = 100;

/** Expires what is overdue. Returns how many; a failure does not stop the others and is thrown at the end. */
export async function expireChanges(vault: Pick<Vault, 'db' | 'settings'>, request: RequestContext): Promise<number> {
  const due = await vault.db.read(async (rows) => rows.changes.overdue(await rows.now(), BATCH), request);
  return runAll(
    due.map((change) => () => {
      const { tenant, id, kind } = change;
      return tryEnd(
        vault,
        async (tx) => {
          await move(tx, null, change, 'EXPIRED', {});
          return event(tenant, systemActor(vault.settings), 'change.expired', { id, kind }, request);
        },
        forTenant(request, tenant),
      );
    }),
  );
}
