// What the entries of a hold's stream say, applied to rows that lack it: the hold, its recordings and their counts.
import { VaultError } from '../../errors.ts';
import type { AmendmentEntry, HoldAmendment } from '../../model/amendments/amendment.ts';
import { type Hold, MAX_COVERED } from '../../model/hold.ts';
import type { Transaction } from '../../ports/database.ts';
import { lockRecordings } from '../core/holds/cover.ts';
import { sealHoldNote, sealHoldScope } from '../core/holds/sealed-hold.ts';
import type { KeyedTenant } from './apply-stream.ts';

type Entry = AmendmentEntry & { readonly n: number };

/**
 * Applies entries in order. The transaction holds the tenant's row exclusively. A hold that comes back is PLACING:
 * background work looks at all recordings of its rule again, since one that matched may have no entry yet. Counts of
 * recordings without a row follow with it. Throws `conflict`, and `malformed` where the first entry says no hold.
 */
export async function applyToHold(
  tx: Transaction,
  of: KeyedTenant,
  id: string,
  entries: readonly Entry[],
): Promise<void> {
  const { tenant } = of.tenant;
  let hold = await tx.legalHolds.lock(tenant, id);
  for (const { n, at, body } of entries) {
    if (body.op === 'hold') {
      // A row without a note is in place of one that was lost.
      if (hold !== null && hold.note !== null) continue;
      hold = await bringBack(tx, hold, holdOf(of, id, at, body));
    } else if (hold === null) throw new VaultError('malformed', 'a stream of a hold begins with the hold');
    else if (body.op === 'cover') await cover(tx, hold, body.recordings, n);
    else if (body.op === 'lift' && body.recordings !== undefined) await takeOut(tx, hold, body.recordings);
    else if (body.op === 'lift') hold = await lift(tx, hold, at, body.by);
  }
}

async function bringBack(tx: Transaction, lost: Hold | null, hold: Hold): Promise<Hold> {
  if (lost === null) {
    await tx.legalHolds.insert(hold);
    return hold;
  }
  const { tenant: _, id: __, version: ___, ...columns } = hold;
  if (!(await tx.legalHolds.change(lost, { ...columns, damaged: lost.damaged })))
    throw new VaultError('conflict', 'a concurrent update changed this hold first');
  return { ...hold, damaged: lost.damaged, version: lost.version + 1 };
}

function holdOf({ tenant, metadataKey }: KeyedTenant, id: string, at: string, said: HoldAmendment): Hold {
  const of = { tenant: tenant.tenant, id };
  const { reference, title, continuing, review, scope, by } = said;
  return {
    ...of,
    state: 'PLACING',
    version: 1,
    created: at,
    note: sealHoldNote(metadataKey, of, { reference, title }),
    scope: scope === undefined ? null : sealHoldScope(metadataKey, of, scope),
    continuing,
    review,
    placedBy: by,
    lifted: null,
    liftedBy: null,
    damaged: false,
    reached: '',
    settled: false,
  };
}

async function cover(
  tx: Transaction,
  { tenant, id: hold }: Hold,
  recordings: readonly string[],
  covered: number,
): Promise<void> {
  const { known, key } = await rowsOf(tx, tenant, hold, recordings);
  const raised: string[] = [];
  for (const recording of recordings) {
    const row = known.get(recording);
    if (row === undefined) await tx.legalHolds.add({ ...key(recording), covered, lifted: false });
    else await tx.legalHolds.set(key(recording), { covered, lifted: false });
    if (row === undefined || row.lifted) raised.push(recording);
  }
  await tx.legalHolds.count(tenant, raised, 1);
}

async function takeOut(tx: Transaction, { tenant, id: hold }: Hold, recordings: readonly string[]): Promise<void> {
  const { known, key } = await rowsOf(tx, tenant, hold, recordings);
  const lowered: string[] = [];
  for (const recording of recordings) {
    const row = known.get(recording);
    if (row === undefined) await tx.legalHolds.add({ ...key(recording), covered: 0, lifted: true });
    else await tx.legalHolds.set(key(recording), { lifted: true });
    if (row?.lifted === false) lowered.push(recording);
  }
  await tx.legalHolds.count(tenant, lowered, -1);
}

async function rowsOf(tx: Transaction, tenant: string, hold: string, recordings: readonly string[]) {
  if (recordings.length > MAX_COVERED) throw new VaultError('malformed', 'an entry names too many recordings');
  await lockRecordings(tx, tenant, recordings);
  const rows = await tx.legalHolds.among(tenant, hold, recordings);
  const known = new Map(rows.map((row) => [row.recording, row]));
  return { known, key: (recording: string) => ({ tenant, hold, recording }) };
}

async function lift(tx: Transaction, hold: Hold, lifted: string, liftedBy: string): Promise<Hold> {
  const to = { state: 'LIFTED', lifted, liftedBy, settled: false } as const;
  if (!(await tx.legalHolds.change(hold, to)))
    throw new VaultError('conflict', 'a concurrent update changed this hold first');
  return { ...hold, ...to, version: hold.version + 1 };
}
