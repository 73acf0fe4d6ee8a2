// Reading the log for auditors: exact leaf bytes in order.
import type { StoredEvent } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { countLogRead } from '../core/log-reading/count-log-read.ts';
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
  await countLogRead(vault, by, request);
  return vault.db.read((rows) => rows.log.events(by.tenant, from, limit), request);
}
