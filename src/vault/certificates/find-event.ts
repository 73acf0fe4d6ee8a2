// The event of an erasure, by its index or its id.
import { idTime, isId } from '../../bytes/ids.ts';
import type { StoredEvent } from '../../model/audit-event.ts';
import type { AuditAction } from '../../model/log/event-catalogue.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { findEventIn } from '../core/log-reading/find-event.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * The log finds events by index. An id has the clock of the process that made it, the event's time is the database's, and
 * the change may have waited: so far apart they are looked for.
 */
const APART_MS = 3_600_000;
const ERASING: AuditAction = 'recording.erasing';

/** The `recording.erasing` of this index, in digits, or of this id in a log; null where the log has none. */
export async function findErasing(
  vault: Pick<Vault, 'db'>,
  log: string,
  wanted: string,
  request: RequestContext,
): Promise<StoredEvent | null> {
  const isIndex = /^(0|[1-9]\d{0,14})$/.test(wanted);
  if (!isIndex && !isId(wanted, 'evt')) return null;
  const found = isIndex
    ? await eventAt(vault, log, Number(wanted), request)
    : await findEventIn(vault, log, periodOf(wanted), (leaf) => leaf.id === wanted, request);
  return found !== null && readLeaf(found.leaf)?.action === ERASING ? found : null;
}

async function eventAt(
  vault: Pick<Vault, 'db'>,
  log: string,
  index: number,
  request: RequestContext,
): Promise<StoredEvent | null> {
  const [event] = await vault.db.read((rows) => rows.log.events(log, index, 1), request);
  return event?.seq === index ? event : null;
}

function periodOf(id: string): { readonly from: string; readonly to: string } {
  const [from = '', to = ''] = [-APART_MS, APART_MS].map((apart) => new Date(idTime(id) + apart).toISOString());
  return { from, to };
}
