// The search for recordings by blind indexes. Each search is in the log.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { phoneLast4, phoneValue } from '../../envelope/blind-index.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { eventList } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { phoneIndex, textIndex } from '../core/facts/indexes.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type RecordingListOptions, type RecordingPage, readRecordingPage } from './page.ts';
import { chargeSearch } from './search-budget.ts';

/** Search terms; all given terms must match. `number` matches whole numbers, `numberEnd` the last four digits. */
export type SearchTerms = {
  readonly number?: string;
  readonly numberEnd?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
  readonly call_id?: string;
  readonly interaction?: string;
  /** Values of fields that the tenant chose to search by, by name. */
  readonly fields?: Readonly<Record<string, string>>;
};

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
  const indexes: IndexValue[] = [];
  if (terms.number !== undefined) indexes.push(phoneIndex(metadataKey, vault.phones, terms.number, tenant.country));
  if (terms.numberEnd !== undefined) {
    const last4 = phoneLast4(`0${phoneValue(terms.numberEnd, null)}`);
    if (last4 === null || last4.length !== 4) throw new VaultError('malformed', 'number_end must be four digits');
    indexes.push(textIndex(metadataKey, 'phone-last4', last4));
  }
  for (const label of ['agent', 'queue', 'ticket', 'call_id', 'interaction'] as const) {
    const text = terms[label];
    if (text !== undefined) indexes.push(textIndex(metadataKey, label, text));
  }
  const { fields = {}, ...texts } = terms;
  requireSearchable(tenant, Object.keys(fields));
  for (const [name, text] of Object.entries(fields)) indexes.push(textIndex(metadataKey, `field:${name}`, text));
  const named = [...Object.keys(texts), ...Object.keys(fields).map((name) => `fields/${name}`)].sort();
  const object = { id: tenant.tenant, by: eventList(named), ...presentedCredential(by) };
  const made = event(tenant.tenant, actorOf(by), 'recording.searched', object, request);
  const searched = withDetail(made, metadataKey, { ...texts, ...fieldsDetail(fields) });
  try {
    await vault.db.change(async (tx) => {
      const used = await chargeSearch(tx, by, indexes, metadataKey, request);
      return { result: undefined, events: [searched, ...used] };
    }, request);
  } catch (error) {
    if (hasCode(error, 'too_many_searches')) await countRefusedSearch(vault, by, request);
    throw error;
  }
  return readRecordingPage(vault, by, metadataKey, narrowed, indexes, after, limit, request);
}

/** Throws `malformed` for fields that the tenant did not choose. */
function requireSearchable({ searchable }: Pick<Tenant, 'searchable'>, names: readonly string[]): void {
  const unknown = names.filter((name) => !searchable.includes(name));
  if (unknown.length === 0) return;
  const fields = [{ pointer: '/fields', detail: 'has a field that your organisation does not search by' }];
  throw new VaultError('malformed', 'the request is not valid', { fields });
}

function fieldsDetail(fields: Readonly<Record<string, string>>): { readonly fields?: string } {
  return Object.keys(fields).length === 0 ? {} : { fields: canonicalBytes(fields).toString() };
}

/** Counts rejected searches: the first of an hour is an event. */
function countRefusedSearch(vault: Pick<Vault, 'db' | 'clock'>, by: Caller, request: RequestContext): Promise<void> {
  const what = { tenant: by.tenant, actor: actorOf(by), object: { id: by.tenant } } as const;
  return countEvent(vault, { ...what, action: 'search.limited', outcome: 'refused' }, request);
}
