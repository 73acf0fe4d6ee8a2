// Searching recordings by what was indexed blind. Each search is in the log.
import { phoneLast4, phoneValue } from '../../envelope/blind-index.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { count } from '../core/events/count-events.ts';
import { actorOf, event, presented, withDetail } from '../core/events/events.ts';
import { phoneIndex, textIndex } from '../core/objects/indexes.ts';
import type { Request } from '../core/request-context.ts';
import { keyedTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type Narrowed, page, type RecordingPage } from './page.ts';
import { chargeSearch, searchedCatalogue } from './search-budget.ts';

/** What a search looks for; all given terms must hold. `number` matches whole numbers, `numberEnd` the last four digits. */
export type Terms = {
  readonly number?: string;
  readonly numberEnd?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
};

/**
 * Searches by personal values. Every search is an event; what was looked for is sealed beside it. Throws
 * `too_many_searches` for a search by number once too many of the caller's found nothing.
 */
export async function searchRecordings(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'phones'>,
  by: Caller,
  terms: Terms,
  narrowed: Narrowed,
  after: RecordingCursor | null,
  limit: number,
  request: Request,
): Promise<RecordingPage> {
  const { tenant, metadataKey } = await keyedTenant(vault, by.tenant, request);
  const indexes: IndexValue[] = [];
  if (terms.number !== undefined) indexes.push(phoneIndex(metadataKey, vault.phones, terms.number, tenant.country));
  if (terms.numberEnd !== undefined) {
    const last4 = phoneLast4(`0${phoneValue(terms.numberEnd, null)}`);
    if (last4 === null || last4.length !== 4) throw new VaultError('malformed', 'number_end is four digits');
    indexes.push(textIndex(metadataKey, 'phone-last4', last4));
  }
  for (const label of ['agent', 'queue', 'ticket'] as const) {
    const text = terms[label];
    if (text !== undefined) indexes.push(textIndex(metadataKey, label, text));
  }
  const object = { type: 'catalogue', id: tenant.tenant, by: Object.keys(terms).sort().join(','), ...presented(by) };
  const made = event(tenant.tenant, actorOf(by), 'recording.searched', object, request);
  const searched = withDetail(made, metadataKey, { ...terms });
  try {
    await vault.db.change(async (tx) => {
      const used = await chargeSearch(tx, by, indexes, request);
      return { result: undefined, events: [searched, ...used] };
    }, request);
  } catch (error) {
    if (hasCode(error, 'too_many_searches')) await countRefused(vault, by, request);
    throw error;
  }
  return page(vault, by, { tenant, metadataKey }, narrowed, indexes, after, limit, request);
}

/** Refusals are counted: the first of an hour is an event. */
function countRefused(vault: Pick<Vault, 'db' | 'clock'>, by: Caller, request: Request): Promise<void> {
  const what = { tenant: by.tenant, actor: actorOf(by), object: searchedCatalogue(by), seconds: 3600 } as const;
  return count(vault, { ...what, action: 'search.limited', outcome: 'refused' }, request);
}
