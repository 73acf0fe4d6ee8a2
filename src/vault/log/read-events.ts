// Reading the log for auditors: exact leaf bytes in order.
import type { StoredEvent } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Events of the caller's own log from index `from` on, at most `limit`. */
export async function readEvents(
  vault: Pick<Vault, 'db' | 'clock'>,
  by: Caller,
  from: number,
  limit: number,
  request: RequestContext,
): Promise<StoredEvent[]> {
  const object = { id: by.tenant };
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'log.read', object }, request);
  return vault.db.read((rows) => rows.log.events(by.tenant, from, limit), request);
}
