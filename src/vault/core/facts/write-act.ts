// Facts that an act of the vault sets, whatever anyone set before: a withdrawal of consent, a restriction and its end.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { Patch } from '../../../model/amendments/amendment.ts';
import { mergeObject } from '../../../model/amendments/merge-patch.ts';
import { describeFacts } from '../../../model/amendments/recording-facts.ts';
import type { EventOf } from '../../../model/audit-event.ts';
import type { AuditAction } from '../../../model/log/event-catalogue.ts';
import type { Recording } from '../../../model/recording.ts';
import type { Transaction } from '../../../ports/database.ts';
import { writeEntry } from '../amendments/write-entry.ts';
import type { Vault } from '../vault.ts';
import { openRawFacts, type RawFacts } from './raw-facts.ts';
import { areFactsSealed } from './sealed-facts.ts';
import { type LockedRecording, storeFacts } from './store-facts.ts';
import { requireWholeStream } from './write-facts.ts';

/** The facts of a recording. Throws `erased`, `integrity`. */
export function requireFacts(metadataKey: SecretKey, recording: Recording): RawFacts {
  if (recording.facts === null) throw new VaultError('erased', 'this recording was erased');
  return openRawFacts(metadataKey, recording, recording.facts);
}

/**
 * Sets facts of a locked recording, in the row and, once a deposit has sealed the facts, as an entry. Returns the event,
 * with what ties it to the entry. Throws `erased`, `conflict`, `integrity`, and `not_available` while the recording's
 * stream is damaged or not replayed.
 */
export async function writeAct<A extends AuditAction>(
  tx: Transaction,
  vault: Pick<Vault, 'phones' | 'replayGate'>,
  { tenant, metadataKey, recording }: LockedRecording,
  set: Patch,
  made: EventOf<A>,
): Promise<EventOf<A>> {
  // Also before the first entry: a replay would overwrite what the row alone has.
  vault.replayGate.require(recording.tenant);
  const before = requireFacts(metadataKey, recording);
  const sealed = await areFactsSealed(tx, recording);
  if (sealed) requireWholeStream(recording);
  const change = { patch: set, by: made.actor.id, at: await tx.now() };
  const after = sealed ? mergeObject(before, set) : describeFacts(before, change, { set });
  const facts = { before, after, begun: recording.startedAt, cause: 'person' as const };
  await storeFacts(tx, vault, { tenant, metadataKey, recording }, facts);
  const stream = { tenant: recording.tenant, subject: recording.id };
  return sealed ? writeEntry(vault, tx, metadataKey, stream, made, { op: 'facts', set }) : made;
}
