// A change that lifts restrictions: its draft, what it builds on, and applying it.
import { isId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { type FieldError, VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import { changeBase } from '../../model/change/digests.ts';
import type { RestrictionLift } from '../../model/change/lift.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { event } from '../core/events/events.ts';
import { requireFacts, writeAct } from '../core/facts/write-act.ts';
import type { Vault } from '../core/vault.ts';
import type { Applying } from './applying.ts';

/** The body. Throws `malformed` for recordings that the tenant does not have, or that are not restricted. */
export async function draftUnrestrict(
  { recordings }: Pick<Rows, 'recordings'>,
  tenant: string,
  wanted: readonly string[],
): Promise<RestrictionLift> {
  const ids = wanted.filter((id) => isId(id, 'rec'));
  const found = await recordings.findMany(tenant, [...new Set(ids)]);
  const restricted = new Set(found.flatMap((row) => (row.restricted === null ? [] : [row.id])));
  const fields: FieldError[] = wanted.flatMap((id, at) =>
    restricted.has(id) ? [] : [{ pointer: `/restrictions/${at}`, detail: 'is not restricted' }],
  );
  if (fields.length > 0) throw new VaultError('malformed', 'not all of these are restricted', { fields });
  return { v: 1, kind: 'lift', restrictions: [...new Set(wanted)].sort() };
}

/** What it builds on: the restrictions that were proposed to be lifted, by their times. */
export async function unrestrictBase(
  { recordings }: Pick<Rows, 'recordings'>,
  tenant: string,
  { restrictions }: RestrictionLift,
): Promise<string> {
  const found = await recordings.findMany(tenant, restrictions);
  const times = new Map(found.map(({ id, restricted }) => [id, restricted === null ? 0 : Date.parse(restricted)]));
  return changeBase(restrictions.map((id) => ({ id, version: times.get(id) ?? 0 })));
}

/**
 * Lifts the restrictions. The transaction holds the tenant's row, and the body builds on these restrictions.
 * Throws `conflict`, `erased`, and `not_available` while the stream of one of the recordings is damaged.
 */
export async function applyUnrestrict(
  vault: Pick<Vault, 'phones' | 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: Tenant,
  { restrictions }: RestrictionLift,
  { by, marks, request }: Applying,
): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  for (const id of restrictions) {
    const recording = await tx.recordings.lock(tenant.tenant, id);
    if (recording === null || requireFacts(metadataKey, recording)['restricted'] === undefined)
      throw new VaultError('conflict', 'a restriction was lifted already');
    const made = event(tenant.tenant, by, 'recording.unrestricted', { id, ...marks }, request);
    events.push(await writeAct(tx, vault, { tenant, metadataKey, recording }, { restricted: null }, made));
  }
  return events;
}
