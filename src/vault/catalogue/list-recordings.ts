// The list of recordings, newest call first.
import type { Caller } from '../../model/principal.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type RecordingListOptions, type RecordingPage, readRecordingPage } from './page.ts';

/**
 * A page of the list, newest call first. Reading a first page is an event, once in five minutes; the next event carries
 * the count.
 */
export async function listRecordings(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  narrowed: RecordingListOptions,
  after: RecordingCursor | null,
  limit: number,
  request: RequestContext,
): Promise<RecordingPage> {
  const object = { id: by.tenant };
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'catalogue.read', object }, request);
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  return readRecordingPage(vault, by, metadataKey, narrowed, [], after, limit, request);
}
