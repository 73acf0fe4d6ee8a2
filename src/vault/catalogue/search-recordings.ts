// Searching recordings by what was indexed blind. Each search is in the log.
import { phoneLast4, phoneValue } from '../../envelope/blind-index.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { phoneIndex, textIndex } from '../deposit/indexes.ts';
import { actorOf, event, presented, withDetail, writeEvent } from '../log/events.ts';
import type { Request } from '../request.ts';
import { keyedTenant } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';
import { type Narrowed, page, type RecordingPage } from './page.ts';

/** What a search looks for; all given terms must hold. `number` matches whole numbers, `numberEnd` the last four digits. */
export type Terms = {
  readonly number?: string;
  readonly numberEnd?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
};

/** Searches by personal values. Every search is an event; what was looked for is sealed beside it. */
export async function searchRecordings(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'phones'>,
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
  await writeEvent(vault, withDetail(made, metadataKey, { ...terms }), request);
  return page(vault, by, { tenant, metadataKey }, narrowed, indexes, after, limit, request);
}
