// Inserting the rows of erased calls, so that a call that is sent again is recognised.

import { sha256 } from '../../bytes/digest.ts';
import { idTime } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type NewErasure, PASSES } from '../../model/erasure.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { event } from '../core/events/events.ts';
import { groupBy } from '../core/group-by.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { erasedRow } from '../erasure/erased-row.ts';
import { replayErasure } from '../erasure/replay-erasure.ts';
import type { ErasedCall } from './read-tombstones.ts';

/** An erased recording whose natural key is known. */
type Known = ErasedCall & { readonly recording: string; readonly natural: Uint8Array };

const BATCH = 100;

/**
 * Inserts the rows that are missing of erased recordings with a natural key, and returns how many. One whose natural key
 * another recording has gets none. `unfinished` recordings still have envelopes: their erasure is repeated.
 */
export async function insertErasedCalls(
  vault: Pick<Vault, 'db' | 'sessionKeys'>,
  by: Actor,
  tenant: Tenant,
  erased: ReadonlyMap<string, ErasedCall>,
  unfinished: ReadonlySet<string>,
  request: RequestContext,
): Promise<number> {
  const known: Known[] = [];
  for (const [recording, { natural, ...call }] of erased) {
    if (natural !== null) known.push({ ...call, recording, natural });
  }
  let inserted = 0;
  for (const batch of batchesOf(known)) {
    request.signal.throwIfAborted();
    const missing = await withoutRows(vault, tenant.tenant, batch, request);
    for (const call of missing.filter(({ recording }) => unfinished.has(recording))) {
      inserted += Number(await replayErasure(vault, by, tenant.tenant, call, call, request));
    }
    const ended = missing.filter(({ recording }) => !unfinished.has(recording));
    inserted += await insertEnded(vault, by, tenant, ended, request);
  }
  return inserted;
}

/**
 * Whole lists, at most `BATCH` recordings at a time: a list that an erasure names is known, and is not read again at a
 * start.
 */
function* batchesOf(calls: readonly Known[]): Generator<readonly Known[]> {
  let batch: Known[] = [];
  for (const list of groupBy(calls, ({ path }) => path).values()) {
    if (batch.length + list.length > BATCH && batch.length > 0) {
      yield batch;
      batch = [];
    }
    batch.push(...list);
  }
  if (batch.length > 0) yield batch;
}

function withoutRows(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  calls: readonly Known[],
  request: RequestContext,
): Promise<readonly Known[]> {
  return vault.db.read(async ({ recordings }) => {
    const rows = await recordings.findMany(
      tenant,
      calls.map(({ recording }) => recording),
    );
    const existing = new Set(rows.map(({ id }) => id));
    return calls.filter(({ recording }) => !existing.has(recording));
  }, request);
}

/** Inserts ERASED rows in one transaction with one event; without an event where nothing was inserted. */
async function insertEnded(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  tenant: Tenant,
  calls: readonly Known[],
  request: RequestContext,
): Promise<number> {
  if (calls.length === 0) return 0;
  const { result } = await vault.db.change(async (tx) => {
    const row = await tx.tenants.lock(tenant.tenant);
    if (row === null) throw new VaultError('not_found', 'there is no such tenant');
    const erasures: NewErasure[] = [];
    for (const call of calls) {
      if (await insertRow(tx, row.tenant, call)) erasures.push(endedErasure(row.tenant, call));
    }
    if (erasures.length === 0) return { result: 0, unchanged: true };
    const ids = sha256(
      erasures
        .map(({ recording }) => recording)
        .sort()
        .join('\n'),
    ).toString('hex');
    const counts = { recordings: 0, deposits: 0, erased: erasures.length };
    const object = { id: row.tenant, wrap: row.wrap, ...counts, ids };
    return {
      result: erasures.length,
      events: [event(row.tenant, by, 'vault.rebuilt', object, request)],
      erasures,
    };
  }, request);
  return result;
}

async function insertRow(tx: Transaction, tenant: string, call: Known): Promise<boolean> {
  const taken =
    (await tx.recordings.lock(tenant, call.recording)) ?? (await tx.recordings.lockNatural(tenant, call.natural));
  if (taken !== null) return false;
  await tx.recordings.insert(erasedRow(tenant, call, 'ERASED'));
  return true;
}

/** The row of an erasure that ended: a restored backup finds its list known, and `erase` says that it was erased. */
function endedErasure(tenant: string, { recording, path, event: began }: Known): NewErasure {
  const begun = new Date(idTime(began)).toISOString();
  return { tenant, recording, tombstone: path, list: path, begun, pass: PASSES.done, due: null, hours: null };
}
