// The search for recordings by blind indexes. Each search is in the log.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { eventList } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { chargeLookups } from '../core/facts/search-budget.ts';
import { indexesOfTerms, type SearchTerms } from '../core/facts/search-terms.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type RecordingListOptions, type RecordingPage, readRecordingPage } from './page.ts';

/**
 * Searches by personal values. Every search is an event with the terms sealed next to it. Throws `too_many_searches`
 * for a number search once too many of the caller's had no match.
 */
export async function searchRecordings(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'phones'>,
  by: Caller,
  terms: SearchTerms,
  narrowed: RecordingListOptions,
  after: RecordingCursor | null,
  limit: number,
  request: RequestContext,
): Promise<RecordingPage> {
  const { tenant, metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const indexes = indexesOfTerms(vault, tenant, metadataKey, terms);
  const { fields = {}, ...texts } = terms;
  const named = [...Object.keys(texts), ...Object.keys(fields).map((name) => `fields/${name}`)].sort();
  const object = { id: tenant.tenant, by: eventList(named), ...presentedCredential(by) };
  const made = event(tenant.tenant, actorOf(by), 'recording.searched', object, request);
  const searched = withDetail(made, metadataKey, { ...texts, ...fieldsDetail(fields) });
  await vault.db.change(async (tx) => {
    const used = await chargeLookups(tx, by, [indexes], metadataKey, request);
    return { result: undefined, events: [searched, ...used] };
  }, request);
  return readRecordingPage(vault, by, metadataKey, narrowed, indexes, after, limit, request);
}

function fieldsDetail(fields: Readonly<Record<string, string>>): { readonly fields?: string } {
  return Object.keys(fields).length === 0 ? {} : { fields: canonicalBytes(fields).toString() };
}
