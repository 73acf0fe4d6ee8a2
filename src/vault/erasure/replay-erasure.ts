// Erasing a recording again that a tombstone or a list records as erased, where the database does not.
import type { ErasedRecording } from '../../envelope/tombstone-list.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type NewErasure, PASSES } from '../../model/erasure.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { ErasureRecord } from '../core/tombstones/tombstones.ts';
import type { Vault } from '../core/vault.ts';
import { erasedRow } from './erased-row.ts';
import { shred } from './shred.ts';

/**
 * Erases one recording of an authentic tombstone or list, with its event `tombstone.replayed`; the passes over the store
 * follow. A recording without a row gets one if its natural key is known, so that its call is not accepted again. False
 * where nothing had to change.
 */
export async function replayErasure(
  vault: Pick<Vault, 'db' | 'sessionKeys'>,
  by: Actor,
  tenant: string,
  erased: ErasedRecording,
  from: Pick<ErasureRecord, 'path' | 'event'>,
  request: RequestContext,
): Promise<boolean> {
  const replay = vault.db.change(async (tx) => {
    const row = await tx.recordings.lock(tenant, erased.recording);
    const done =
      row === null ? await insertErasing(tx, tenant, erased, from.path) : await shred(tx, by, row, from.path, request);
    const object = { id: erased.recording, event: from.event };
    const replayed = event(tenant, by, 'tombstone.replayed', object, request);
    return { result: done.sessions, events: [replayed, ...done.events], erasures: [done.erasure] };
  }, request);
  // Another process, or another tombstone of the same recording, may have erased it first.
  const sessions = await replay.then(
    ({ result }) => result,
    async (error: unknown) => {
      if (hasCode(error, 'conflict') && !(await needsReplay(vault, tenant, erased, request))) return null;
      throw error;
    },
  );
  for (const session of sessions ?? []) vault.sessionKeys.end(session);
  return sessions !== null;
}

/** Whether the recording can still be opened, or its call be deposited again. */
function needsReplay(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  { recording, natural }: ErasedRecording,
  request: RequestContext,
): Promise<boolean> {
  return vault.db.read(async ({ recordings }) => {
    const row = await recordings.find(tenant, recording);
    if (row !== null) return !isErased(row);
    return natural !== null && (await recordings.byNatural(tenant, natural)) === null;
  }, request);
}

/** Those of a list's recordings that the database does not know as erased. Their calls may be taken by others by now. */
export function unknownAmong(rows: readonly Recording[], erased: readonly ErasedRecording[]): ErasedRecording[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return erased.filter(({ recording, natural }) => {
    const row = byId.get(recording);
    return row === undefined ? natural !== null : !isErased(row);
  });
}

async function insertErasing(tx: Transaction, tenant: string, { recording, natural }: ErasedRecording, path: string) {
  if (natural === null || (await tx.recordings.lockNatural(tenant, natural)) !== null) {
    throw new VaultError('conflict', 'another recording has this call');
  }
  await tx.recordings.insert(erasedRow(tenant, { recording, natural }, 'ERASING'));
  const begun = await tx.now();
  const erasure: NewErasure = {
    ...{ tenant, recording, tombstone: path, list: null },
    ...{ begun, pass: PASSES.first, due: begun, hours: null },
  };
  return { events: [], sessions: [], erasure };
}
