// Replaying one stream: rows and state of the entries that a restored database lacks, each with its event.
import { hasCode, VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import { isErased } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import type { AmendmentRow } from '../../ports/rows/amendment-rows.ts';
import type { NamedStream } from '../core/amendments/stored-streams.ts';
import { systemActor } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { applyToHold } from '../rebuild/apply-hold.ts';
import { applyToRecording, applyToTenant, type KeyedTenant } from '../rebuild/apply-stream.ts';
import { eachReplayed, streamTypeOf } from '../rebuild/replayed-events.ts';
import { type NextEntries, type ReadEntry, type ReplayFault, readNext } from './next-entries.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'settings' | 'phones'>;

/** Entries that one transaction applies at most: others wait for the writer meanwhile. */
const BATCH = 20;

/** How many entries were applied, and where the stream stopped; `erased`: the recording was, so that none count. */
export type ReplayedStream = {
  readonly applied: number;
  readonly fault: ReplayFault | null;
  readonly erased: boolean;
};

/**
 * Applies the entries of a stream that its rows lack, up to the first fault. Another process may do the same: each entry
 * is applied once. Throws the errors of store and database.
 */
export async function replayStream(
  vault: Deps,
  of: KeyedTenant,
  stream: NamedStream,
  request: RequestContext,
): Promise<ReplayedStream> {
  let [applied, limit] = [0, BATCH];
  for (;;) {
    const next = await readNext(vault, of, stream, limit, request);
    const outcome = next.entries.length === 0 ? 'applied' : await applyNext(vault, of, stream.subject, next, request);
    if (outcome === 'erased') return { applied, fault: null, erased: true };
    if (outcome === 'moved') continue;
    if (outcome === 'impossible' && next.entries.length > 1) {
      limit = 1;
      continue;
    }
    const [first] = next.entries;
    if (outcome === 'impossible' && first !== undefined) {
      const fault = {
        tenant: of.tenant.tenant,
        subject: stream.subject,
        n: first.n,
        code: 'amendment_damaged',
      } as const;
      return { applied, fault, erased: false };
    }
    applied += next.entries.length;
    if (!next.more) return { applied, fault: next.fault, erased: false };
  }
}

/** `moved`: the stream has other rows by now; `impossible`: the rows of the subject cannot have what an entry says. */
type Outcome = 'applied' | 'moved' | 'erased' | 'impossible';

async function applyNext(
  vault: Deps,
  of: KeyedTenant,
  subject: string,
  next: NextEntries,
  request: RequestContext,
): Promise<Outcome> {
  try {
    const { result } = await vault.db.change(async (tx) => {
      const stream = { subject, last: next.last };
      const events = await applyEntries(tx, vault, of, stream, next.entries, request);
      return { result: 'applied' as const, events };
    }, request);
    return result;
  } catch (error) {
    if (hasCode(error, 'conflict')) return 'moved';
    if (hasCode(error, 'erased')) return 'erased';
    if (hasCode(error, 'integrity', 'malformed', 'metadata_invalid', 'format_unknown')) return 'impossible';
    throw error;
  }
}

/** The state after the entries, their rows, and their events. Locks in the order of all changes: the tenant, a hold, the recordings. */
async function applyEntries(
  tx: Transaction,
  vault: Deps,
  { tenant: { tenant }, metadataKey }: KeyedTenant,
  { subject, last }: { readonly subject: string; readonly last: AmendmentRow | null },
  entries: readonly ReadEntry[],
  request: RequestContext,
): Promise<readonly NewEvent[]> {
  const type = streamTypeOf(subject);
  const isOfRecording = type === 'recording';
  // Rules and holds bind recordings: what is under way comes before them, and what follows sees them.
  const row = isOfRecording ? await tx.tenants.share(tenant) : await tx.tenants.lock(tenant);
  if (row === null) throw new VaultError('conflict', 'there is no such tenant');
  const recording = isOfRecording ? await tx.recordings.lock(tenant, subject) : null;
  if (isOfRecording && (recording === null || isErased(recording)))
    throw new VaultError('erased', 'this recording was erased');
  if (!isSameRow(await tx.amendments.last(tenant, subject), last))
    throw new VaultError('conflict', 'the stream has other rows by now');
  const by = systemActor(vault.settings);
  const events = eachReplayed(tenant, by, subject, entries, request);
  for (const { n, at, bytes } of entries)
    await tx.amendments.insert({ tenant, subject, n, at, entry: bytes, stored: true });
  const of = { tenant: row, metadataKey };
  if (type === 'hold') {
    await applyToHold(tx, of, subject, entries);
    return events;
  }
  if (recording === null) return [...events, ...(await applyToTenant(tx, of, entries, by, request)).events];
  await applyToRecording(tx, vault, of, recording, { entries, whole: true });
  return events;
}

function isSameRow(one: AmendmentRow | null, other: AmendmentRow | null): boolean {
  if (one === null || other === null) return one === other;
  return one.n === other.n && Buffer.from(one.entry).equals(other.entry);
}
