// The catalogue: listing recordings, finding them by what was indexed blind, and opening one. Each look is in the log.
import { phoneLast4, phoneValue } from '../../envelope/blind-index.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { isHidden, type RecordingCursor } from '../../model/recording.ts';
import type { IndexValue, RecordingFilter } from '../../ports/rows/recording-rows.ts';
import { phoneIndex, textIndex } from '../deposit/indexes.ts';
import { count } from '../log/counted.ts';
import { actorOf, event, withDetail } from '../log/events.ts';
import type { Request } from '../request.ts';
import { keyedTenant } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';
import { type RecordingView, viewOf } from './view.ts';

type Parts = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'phones'>;

/** What a list is narrowed by in clear. */
export type Span = { readonly from?: string; readonly to?: string };

/** What a search looks for; all given terms must hold. `number` matches whole numbers, `numberEnd` the last four digits. */
export type Terms = {
  readonly number?: string;
  readonly numberEnd?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
};

/** A page of the list, newest call first. The first page of five minutes is an event; the next one carries the count. */
export async function listRecordings(
  vault: Parts,
  by: Caller,
  span: Span,
  after: RecordingCursor | null,
  limit: number,
  request: Request,
): Promise<RecordingView[]> {
  const object = { type: 'catalogue', id: by.tenant };
  await count(
    vault,
    { tenant: by.tenant, actor: actorOf(by), action: 'catalogue.read', object, seconds: 300 },
    request,
  );
  const keyed = await keyedTenant(vault, by.tenant, request);
  return page(vault, keyed, { ...span, indexes: [] }, after, limit, request);
}

/** Searches by personal values. Every search is an event; what was looked for is sealed beside it. */
export async function searchRecordings(
  vault: Parts,
  by: Caller,
  terms: Terms,
  span: Span,
  after: RecordingCursor | null,
  limit: number,
  request: Request,
): Promise<RecordingView[]> {
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
  await vault.db.change(async () => {
    const object = { type: 'catalogue', id: tenant.tenant, by: Object.keys(terms).sort().join(',') };
    const made = event(tenant.tenant, actorOf(by), 'recording.searched', object, request);
    return { result: undefined, events: [withDetail(made, metadataKey, { ...terms })] };
  }, request);
  return page(vault, { tenant, metadataKey }, { ...span, indexes }, after, limit, request);
}

async function page(
  vault: Pick<Vault, 'db'>,
  { tenant, metadataKey }: Awaited<ReturnType<typeof keyedTenant>>,
  filter: RecordingFilter,
  after: RecordingCursor | null,
  limit: number,
  request: Request,
): Promise<RecordingView[]> {
  return vault.db.read(async (rows) => {
    const views: RecordingView[] = [];
    for (const recording of await rows.recordings.page(tenant.tenant, filter, after, limit)) {
      views.push(viewOf(metadataKey, recording, await rows.deposits.available(tenant.tenant, recording.id)));
    }
    return views;
  }, request);
}

/** One recording's metadata. Throws `not_found`, the same for a foreign, a hidden and a missing one. */
export async function readRecording(vault: Parts, by: Caller, id: string, request: Request): Promise<RecordingView> {
  const { tenant, metadataKey } = await keyedTenant(vault, by.tenant, request);
  const found = await vault.db.read(
    async (rows) => ({
      recording: await rows.recordings.find(tenant.tenant, id),
      deposits: await rows.deposits.available(tenant.tenant, id),
    }),
    request,
  );
  const { recording, deposits } = found;
  if (recording === null || isHidden(recording)) {
    throw new VaultError('not_found', 'there is no such recording');
  }
  await vault.db.change(async () => {
    const object = { type: 'recording', id };
    return { result: undefined, events: [event(tenant.tenant, actorOf(by), 'recording.read', object, request)] };
  }, request);
  return viewOf(metadataKey, recording, deposits);
}
