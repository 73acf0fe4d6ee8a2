// Replaying one stream: rows and state of the entries that a restored database lacks, each with its event.
import { hasCode, VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import { isErased } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import type { AmendmentRow } from '../../ports/rows/amendment-rows.ts';
import type { NamedStream } from '../core/amendments/stored-streams.ts';
import { event, systemActor } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { applyEntry } from './apply-entry.ts';
import { type KeyedTenant, type NextEntries, type ReadEntry, type ReplayFault, readNext } from './next-entries.ts';

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
      await lockSubject(tx, of, subject);
      const last = await tx.amendments.last(of.tenant.tenant, subject);
      if (!isSameRow(last, next.last)) throw new VaultError('conflict', 'the stream has other rows by now');
      const events: NewEvent[] = [];
      for (const entry of next.entries) events.push(await applyOne(tx, vault, of, subject, entry, request));
      return { result: 'applied' as const, events };
    }, request);
    return result;
  } catch (error) {
    if (hasCode(error, 'conflict')) return 'moved';
    if (hasCode(error, 'erased')) return 'erased';
    if (hasCode(error, 'integrity', 'malformed', 'metadata_invalid')) return 'impossible';
    throw error;
  }
}

/** Locks in the order of all changes: the tenant, then the recording. */
async function lockSubject(tx: Transaction, { tenant: { tenant } }: KeyedTenant, subject: string): Promise<void> {
  if (subject === tenant) {
    await tx.tenants.lock(tenant);
    return;
  }
  await tx.tenants.share(tenant);
  const recording = await tx.recordings.lock(tenant, subject);
  if (recording === null || isErased(recording)) throw new VaultError('erased', 'this recording was erased');
}

function isSameRow(one: AmendmentRow | null, other: AmendmentRow | null): boolean {
  if (one === null || other === null) return one === other;
  return one.n === other.n && Buffer.from(one.entry).equals(other.entry);
}

async function applyOne(
  tx: Transaction,
  vault: Deps,
  of: KeyedTenant,
  subject: string,
  { n, at, event: original, digest, body, bytes }: ReadEntry,
  request: RequestContext,
): Promise<NewEvent> {
  const { tenant } = of.tenant;
  await tx.amendments.insert({ tenant, subject, n, at, entry: bytes, stored: true });
  await applyEntry(tx, vault, { ...of, subject }, body);
  const object = {
    type: subject === tenant ? ('tenant' as const) : ('recording' as const),
    ...{ id: subject, event: original, subject, n, entry: digest },
  };
  return event(tenant, systemActor(vault.settings), 'amendment.replayed', object, request);
}
