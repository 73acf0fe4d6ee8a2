// Listing recordings, newest call first.
import type { Caller } from '../../model/principal.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import { count } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { Request } from '../core/request-context.ts';
import { keyedTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type Narrowed, page, type RecordingPage } from './page.ts';

/** A page of the list, newest call first. The first page of five minutes is an event; the next one carries the count. */
export async function listRecordings(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  narrowed: Narrowed,
  after: RecordingCursor | null,
  limit: number,
  request: Request,
): Promise<RecordingPage> {
  const object = { type: 'catalogue', id: by.tenant };
  await count(
    vault,
    { tenant: by.tenant, actor: actorOf(by), action: 'catalogue.read', object, seconds: 300 },
    request,
  );
  const keyed = await keyedTenant(vault, by.tenant, request);
  return page(vault, by, keyed, narrowed, [], after, limit, request);
}
