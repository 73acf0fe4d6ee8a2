// The entry of a change: sealed, chained to the last one, its row in the change's transaction, its digest in the event.
import { entryDigest, readTail, sealEntry, type Tail } from '../../../envelope/amendments/entry.ts';
import type { StreamId } from '../../../envelope/amendments/entry-name.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import type { Amendment } from '../../../model/amendments/amendment.ts';
import { readAmendment } from '../../../model/amendments/read-amendment.ts';
import type { EventOf } from '../../../model/audit-event.ts';
import type { AuditAction } from '../../../model/log/event-catalogue.ts';
import type { Transaction } from '../../../ports/database.ts';
import type { AmendmentRow } from '../../../ports/rows/amendment-rows.ts';
import type { Vault } from '../vault.ts';

type Said<A> = A extends unknown ? Omit<A, 'v' | 'why' | 'by'> : never;

/** What a change writes: the op of its entry and the op's members. */
export type AmendmentText = Said<Amendment>;

/**
 * Writes the entry of a change. The transaction holds the tenant's row and the subject's, and reads `now` after that.
 * Returns the event with what ties it to the entry: `subject`, `n`, and the digest `entry`. Throws `metadata_invalid` for
 * more than 32 KiB, `integrity` where the last entry's row is not authentic, `not_available` before a replay is complete.
 */
export async function writeEntry<A extends AuditAction>(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  stream: StreamId,
  made: EventOf<A>,
  text: AmendmentText,
): Promise<EventOf<A>> {
  const last = await tx.amendments.last(stream.tenant, stream.subject);
  const tail = last === null ? null : tailOf(metadataKey, last);
  return writeEntryAfter(vault, tx, metadataKey, { ...stream, tail }, made, text);
}

/** As `writeEntry`, where the transaction has read the stream: `tail` is its last entry, null before the first. */
export async function writeEntryAfter<A extends AuditAction>(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  { tenant, subject, tail }: StreamId & { readonly tail: Tail | null },
  made: EventOf<A>,
  text: AmendmentText,
): Promise<EventOf<A>> {
  vault.replayGate.require(tenant);
  const body = { ...text, v: 1, why: made.action, by: made.actor.id };
  requireReadable(subject, body);
  const sealed = sealEntry(metadataKey, { tenant, subject, event: made.id, body }, tail, await tx.now());
  await tx.amendments.insert({ tenant, subject, n: sealed.n, at: sealed.at, entry: sealed.bytes, stored: false });
  return { ...made, object: { ...made.object, subject, n: sealed.n, entry: entryDigest(sealed.bytes) } };
}

/** Nothing is written that readers would stop at. */
function requireReadable(subject: string, body: Parameters<typeof readAmendment>[1]): void {
  try {
    readAmendment(subject, body);
  } catch (error) {
    throw new VaultError('internal', 'a change was about to write an entry that readers reject', { cause: error });
  }
}

function tailOf(metadataKey: SecretKey, row: AmendmentRow): Tail {
  try {
    return readTail(metadataKey, row, row.n, row.at, row.entry);
  } catch (error) {
    if (!hasCode(error, 'malformed', 'integrity', 'format_unknown')) throw error;
    throw new VaultError('integrity', 'the last change of this is not as it was written', { cause: error });
  }
}
