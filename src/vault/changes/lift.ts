// A change that lifts a legal hold: its draft, what it builds on, and applying it.
import { isId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { type FieldError, VaultError } from '../../errors.ts';
import { eventList, type NewEvent } from '../../model/audit-event.ts';
import { changeBase } from '../../model/change/digests.ts';
import type { HoldLift, WantedHoldLift } from '../../model/change/lift.ts';
import type { Hold } from '../../model/hold.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { writeEntry } from '../core/amendments/write-entry.ts';
import { event } from '../core/events/events.ts';
import { lockRecordings } from '../core/holds/cover.ts';
import type { Vault } from '../core/vault.ts';
import type { Applying } from './applying.ts';

/**
 * The body. Throws `not_found` for a hold that the tenant does not have, `conflict` for one that was lifted, and
 * `malformed` for recordings that it does not hold.
 */
export async function draftLift(
  { legalHolds }: Pick<Rows, 'legalHolds'>,
  tenant: string,
  { hold: id, recordings }: WantedHoldLift,
): Promise<HoldLift> {
  const hold = isId(id, 'hld') ? await legalHolds.find(tenant, id) : null;
  if (hold === null) throw new VaultError('not_found', 'there is no such hold');
  if (hold.state === 'LIFTED') throw new VaultError('conflict', 'this hold was lifted already');
  if (recordings === null) return { v: 1, kind: 'lift', hold: id };
  const held = new Set(
    (await legalHolds.among(tenant, id, recordings)).flatMap((row) => (row.lifted ? [] : [row.recording])),
  );
  const fields: FieldError[] = recordings.flatMap((one, at) =>
    held.has(one) ? [] : [{ pointer: `/recordings/${at}`, detail: 'is not held by this hold' }],
  );
  if (fields.length > 0) throw new VaultError('malformed', 'the hold does not hold all of these', { fields });
  return { v: 1, kind: 'lift', hold: id, recordings: [...new Set(recordings)].sort() };
}

/**
 * What a lift builds on: that the hold, and its part in each of the recordings, is not lifted. Recordings that it covers
 * meanwhile change nothing.
 */
export async function liftBase(
  { legalHolds }: Pick<Rows, 'legalHolds'>,
  tenant: string,
  { hold: id, recordings = [] }: HoldLift,
): Promise<string> {
  const versionOf = (lifted: boolean | undefined) => (lifted === undefined ? 0 : lifted ? 2 : 1);
  const hold = await legalHolds.find(tenant, id);
  const rows = new Map((await legalHolds.among(tenant, id, recordings)).map((row) => [row.recording, row.lifted]));
  return changeBase([
    { id, version: versionOf(hold === null ? undefined : hold.state === 'LIFTED') },
    ...recordings.map((recording) => ({ id: `${id}:${recording}`, version: versionOf(rows.get(recording)) })),
  ]);
}

/**
 * Lifts a hold. The transaction holds the tenant's row exclusively, and the body builds on its current version. A hold
 * that ends holds nothing from then on, although the counts of its recordings follow. Throws `conflict`.
 */
export async function applyLift(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: string,
  body: HoldLift,
  how: Applying,
): Promise<NewEvent[]> {
  const hold = await tx.legalHolds.lock(tenant, body.hold);
  if (hold === null || hold.state === 'LIFTED') throw new VaultError('conflict', 'this hold was lifted already');
  if (body.recordings === undefined) await endHold(tx, hold, how);
  else await takeOut(tx, hold, body.recordings);
  return [await liftedEvent(vault, tx, metadataKey, tenant, body, how)];
}

async function endHold(tx: Transaction, hold: Hold, { by }: Applying): Promise<void> {
  const lifted = { state: 'LIFTED', lifted: await tx.now(), liftedBy: by.id, settled: false } as const;
  if (!(await tx.legalHolds.change(hold, lifted)))
    throw new VaultError('conflict', 'a concurrent update changed this hold first');
}

async function takeOut(tx: Transaction, { tenant, id: hold }: Hold, recordings: readonly string[]): Promise<void> {
  await lockRecordings(tx, tenant, recordings);
  await Promise.all(recordings.map((recording) => tx.legalHolds.set({ tenant, hold, recording }, { lifted: true })));
  await tx.legalHolds.count(tenant, recordings, -1);
}

function liftedEvent(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: string,
  { hold: id, recordings }: HoldLift,
  { by, marks, request }: Applying,
): Promise<NewEvent> {
  const some = recordings === undefined ? {} : { recordings: eventList(recordings) };
  const made = event(tenant, by, 'hold.lifted', { id, ...some, ...marks }, request);
  const text = { op: 'lift', ...(recordings === undefined ? {} : { recordings }) } as const;
  return writeEntry(vault, tx, metadataKey, { tenant, subject: id }, made, text);
}
