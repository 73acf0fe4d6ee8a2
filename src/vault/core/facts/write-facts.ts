// A change of a recording's facts: what of it counts, in the row and, once a deposit has sealed the facts, as an entry.
import type { Json } from '../../../bytes/canonical-json.ts';
import type { Tail } from '../../../envelope/amendments/entry.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { type FieldError, VaultError } from '../../../errors.ts';
import { type JudgedChange, judgeFacts, type KeptFact } from '../../../model/accepted-facts.ts';
import { isPerson, keysSet } from '../../../model/amendments/fact-ranks.ts';
import { mergeObject } from '../../../model/amendments/merge-patch.ts';
import {
  type AcceptedChange,
  describeFacts,
  type FactsChange,
  foldFacts,
} from '../../../model/amendments/recording-facts.ts';
import { type Actor, type EventOf, eventList } from '../../../model/audit-event.ts';
import { MAX_FIELDS } from '../../../model/fact-forms.ts';
import type { Facts } from '../../../model/facts.ts';
import { isUnowned, type Recording } from '../../../model/recording.ts';
import { minimumToKeep } from '../../../model/retention/lifetime.ts';
import type { Rows, Transaction } from '../../../ports/database.ts';
import { readEntries, type StreamEntry } from '../amendments/read-entries.ts';
import { writeEntryAfter } from '../amendments/write-entry.ts';
import { event, type personCredential } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { rulesInForce } from '../retention/rules-in-force.ts';
import type { Vault } from '../vault.ts';
import { requireNotice, withNotice } from './named-notice.ts';
import { membersOf, openRawFacts, type RawFacts, requireRoom } from './raw-facts.ts';
import { areFactsSealed } from './sealed-facts.ts';
import { withStartCompared } from './sealed-listing.ts';
import { changeColumns, type LockedRecording, storeFacts } from './store-facts.ts';
import { concernsConsent, withWithdrawals } from './withdrawals.ts';

/** What changes: the patch and its time; `begun` is the start of a call whose facts do not say it. */
export type FactsWrite = Pick<FactsChange, 'patch' | 'asOf'> & {
  readonly begun: string;
  /** Columns beside the facts that change with them. */
  readonly columns?: Partial<Pick<Recording, 'depositor' | 'described'>>;
};

/** Facts after a change, what it set and what stays, and the event; null where nothing of the patch counts. */
export type WrittenFacts = {
  readonly sealed: Uint8Array;
  readonly set: readonly string[];
  readonly kept: readonly KeptFact[];
  readonly made: EventOf<'recording.amended'> | null;
};

/**
 * Facts now, and what of a patch counts; `sealed`: a deposit's envelope has the facts, so that changes are entries, of
 * which `tail` is the last.
 */
type JudgedFacts = JudgedChange & {
  readonly facts: RawFacts;
  readonly sealed: boolean;
  readonly tail: Tail | null;
  /** Who set the basis; null: the depositor, when the recording was created. */
  readonly basisBy: string | null;
};

/** What of a change counts now. Throws `erased`, and `integrity` for rows that are not as they were written. */
async function judgeChange(
  rows: Pick<Rows, 'amendments' | 'deposits'>,
  metadataKey: SecretKey,
  recording: Recording,
  change: FactsChange,
): Promise<JudgedFacts> {
  if (recording.facts === null) throw new VaultError('erased', 'this recording was erased');
  const { tenant, id } = recording;
  const facts = openRawFacts(metadataKey, recording, recording.facts);
  const sealed = await areFactsSealed(rows, recording);
  const entries: readonly StreamEntry[] = sealed ? await readEntries(rows, metadataKey, { tenant, subject: id }) : [];
  const subject = { unowned: isUnowned(recording), durationMs: recording.durationMs };
  const known = foldFacts(id, facts, entries);
  const judged = judgeFacts(known, change, subject);
  const basisBy = judged.accepted?.set['basis'] === undefined ? (known.ranks.get('basis')?.by ?? null) : change.by;
  return { facts, sealed, tail: entries.at(-1) ?? null, basisBy, ...judged };
}

/**
 * Changes the facts of a locked recording as far as the change counts: sealed facts, clear columns, quarantine, indexes,
 * and the entry. `credential`: what a person presented. Throws `metadata_invalid` for facts that become too many or too long, and as `judgeChange`.
 */
export async function writeFacts(
  tx: Transaction,
  vault: Pick<Vault, 'phones' | 'replayGate'>,
  { tenant, metadataKey, recording: locked }: LockedRecording,
  by: Actor,
  write: FactsWrite,
  request: Pick<RequestContext, 'req'>,
  credential: ReturnType<typeof personCredential> = {},
): Promise<WrittenFacts> {
  // Also before the first entry: a replay would overwrite what the row alone has.
  vault.replayGate.require(locked.tenant);
  if (isPerson(by.id)) await requireNotice(tx, locked.tenant, write.patch);
  const patch = await withNotice(tx, locked.tenant, write.patch);
  const change = { ...write, patch, by: by.id, at: await tx.now() };
  const judged = await judgeChange(tx, metadataKey, locked, change);
  const { facts, sealed, tail, kept, basisBy } = judged;
  const recording = withStartCompared(metadataKey, locked, facts, write.patch);
  if (judged.accepted === null) {
    const compared = recording === locked ? {} : { differs: recording.differs };
    await changeColumns(tx, recording, { ...write.columns, ...compared });
    return { sealed: recording.facts as Uint8Array, set: [], kept, made: null };
  }
  if (sealed) requireWholeStream(recording);
  const changed = mergeObject(facts, judged.accepted.set);
  const call = { facts: changed, begun: write.begun, setBy: basisBy };
  const { basis } = concernsConsent(judged.accepted.set)
    ? await withWithdrawals(tx, vault, { tenant, metadataKey }, call)
    : changed;
  const asked =
    basis === changed['basis'] ? judged.accepted : withWithdrawn(judged.accepted, membersOf(basis)['withdrawn']);
  const accepted = await keepingMinimum(tx, { tenant, metadataKey, recording }, facts, asked);
  const after = sealed ? mergeObject(facts, accepted.set) : describeFacts(facts, change, accepted);
  requireFewMembers(after);
  requireRoom(after);
  const stored = await storeFacts(
    tx,
    vault,
    { tenant, metadataKey, recording },
    {
      ...write,
      ...{ before: facts, after, cause: isPerson(by.id) ? 'person' : 'platform' },
    },
  );
  const set = keysSet(facts, accepted.set);
  const object = { id: recording.id, set: eventList(set), ...credential };
  const made = event(recording.tenant, by, 'recording.amended', object, request);
  if (!sealed) return { sealed: stored, set, kept, made };
  const stream = { tenant: recording.tenant, subject: recording.id, tail };
  const text = { op: 'facts', ...accepted } as const;
  return { sealed: stored, set, kept, made: await writeEntryAfter(vault, tx, metadataKey, stream, made, text) };
}

/** What a change sets, with the minimum that the recording had where the change would lower it. */
async function keepingMinimum(
  tx: Transaction,
  { tenant, metadataKey, recording }: LockedRecording,
  facts: RawFacts,
  accepted: AcceptedChange,
): Promise<AcceptedChange> {
  const version = await rulesInForce(tx, metadataKey, tenant);
  if (version === null) return accepted;
  const after = mergeObject(facts, accepted.set);
  const [from, to] = [facts, after].map((one) => one as unknown as Facts) as [Facts, Facts];
  const minimum = minimumToKeep(version.rules, from, to, recording.startedAt);
  return minimum === null ? accepted : { ...accepted, set: { ...accepted.set, retain_until: minimum } };
}

/** The change with a withdrawal of consent that reaches the call by what it says now. */
function withWithdrawn({ set, ...rest }: AcceptedChange, withdrawn: Json | undefined): AcceptedChange {
  return { ...rest, set: { ...set, basis: { ...membersOf(set['basis']), withdrawn: withdrawn ?? null } } };
}

/** Throws `not_available` after a gap in the store's entries: a new one would take the number of one that is there. */
export function requireWholeStream({ quarantine }: Recording): void {
  if (quarantine.includes('integrity'))
    throw new VaultError('not_available', 'this recording is in quarantine: what is stored of it is damaged', {
      retryAfter: 300,
    });
}

/** Throws `metadata_invalid` where `fields` or `events` have become too many. */
export function requireFewMembers(facts: RawFacts): void {
  const fields: FieldError[] = ['fields', 'events']
    .filter((name) => Object.keys(membersOf(facts[name])).length > MAX_FIELDS)
    .map((name) => ({ pointer: `/${name}`, detail: `has more than ${MAX_FIELDS} members` }));
  if (fields.length > 0) throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields });
}
