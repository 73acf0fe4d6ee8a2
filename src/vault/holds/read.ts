// Reading legal holds: the list, one hold, and its recordings. The first look in five minutes is an event.
import { VaultError } from '../../errors.ts';
import type { HeldRecording, HoldState } from '../../model/hold.ts';
import type { Caller } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type HoldView, holdViews } from './view.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** The error for a hold that the tenant does not have. */
export function noHold(): VaultError {
  return new VaultError('not_found', 'there is no such hold');
}

/** Filter and page of a list of holds. */
export type HoldPage = { readonly state: HoldState | null; readonly before: string | null; readonly limit: number };

/** The tenant's holds, newest first. Throws `integrity` for a text that is not authentic. */
export async function listHolds(
  vault: Deps,
  by: Caller,
  { state, before, limit }: HoldPage,
  request: RequestContext,
): Promise<HoldView[]> {
  await countHoldRead(vault, by, 'holds', by.tenant, request);
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  return vault.db.read(
    async (rows) => holdViews(rows, metadataKey, await rows.legalHolds.page(by.tenant, state, before, limit)),
    request,
  );
}

const MOST_LISTED = 1_000;

/** The newest holds of a tenant, for an operator at the command line. Throws as `activeTenantAndKey`, `integrity`. */
export async function listHoldsByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  state: HoldState | null,
  request: RequestContext,
): Promise<HoldView[]> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  return vault.db.read(
    async (rows) => holdViews(rows, metadataKey, await rows.legalHolds.page(tenant, state, null, MOST_LISTED)),
    request,
  );
}

/** One hold. Throws `not_found`, `integrity`. */
export async function readHold(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<HoldView> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const [view] = await vault.db.read(async (rows) => {
    const row = await rows.legalHolds.find(by.tenant, id);
    return holdViews(rows, metadataKey, row === null ? [] : [row]);
  }, request);
  await countLook(vault, by, id, view !== undefined, request);
  if (view === undefined) throw noHold();
  return view;
}

/** The recordings of a hold, in order of their ids, after one. Throws `not_found`. */
export async function listHeldRecordings(
  vault: Deps,
  by: Caller,
  id: string,
  after: string,
  limit: number,
  request: RequestContext,
): Promise<HeldRecording[]> {
  const recordings = await vault.db.read(async (rows) => {
    const hold = await rows.legalHolds.find(by.tenant, id);
    if (hold === null) return null;
    const found = await rows.legalHolds.recordings(by.tenant, id, after, limit);
    // The rows of a lifted hold follow.
    return hold.state === 'LIFTED' ? found.map((one) => ({ ...one, lifted: true })) : found;
  }, request);
  await countLook(vault, by, id, recordings !== null, request);
  if (recordings === null) throw noHold();
  return recordings;
}

/** Counts a look at a hold. One that the tenant does not have is not named: the id may be another tenant's. */
function countLook(vault: Deps, by: Caller, id: string, found: boolean, request: RequestContext): Promise<void> {
  return found ? countHoldRead(vault, by, 'hold', id, request) : countHoldRead(vault, by, 'holds', by.tenant, request);
}

function countHoldRead(
  vault: Deps,
  by: Caller,
  type: 'holds' | 'hold',
  id: string,
  request: RequestContext,
): Promise<void> {
  const object = { type, id } as const;
  return countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'hold.read', object }, request);
}
