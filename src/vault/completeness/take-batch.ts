// Some lines of a call list in one transaction with one event: calls to expect, and calls that are known to compare with.
import { toBase64 } from '../../bytes/base64.ts';
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import { describeFacts } from '../../model/amendments/recording-facts.ts';
import { type EventOf, eventList, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import type { ListedCall } from '../../model/call-list.ts';
import {
  audioDueOf,
  differsFrom,
  differsStill,
  fillingPatch,
  isSameListing,
  type ListedFacts,
  startGapOf,
} from '../../model/listing.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, isHidden, isUnowned, NOT_LISTED, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { actorOf, event, personCredential } from '../core/events/events.ts';
import type { KnownTexts } from '../core/facts/indexes.ts';
import { openRawFacts, type RawFacts } from '../core/facts/raw-facts.ts';
import { openListing, sealListing } from '../core/facts/sealed-listing.ts';
import { writeFacts } from '../core/facts/write-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isLister, requireSender } from '../core/sources/source-binding.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { factsOfCall, type NewRecording, naturalIndex, newRecording } from '../deposit/describe.ts';
import { requireDepositor } from '../deposit/require-depositor.ts';
import { batchedReads } from './batched-reads.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'phones' | 'replayGate'>;

/** Whose list: the service that deposits the source's calls, and its tenant's key. */
export type ListSender = { readonly by: Caller; readonly metadataKey: SecretKey };

/**
 * What became of a line: a recording that is expected from now on (`created`), a known one that is expected or compared
 * from now on, by other values than before (`updated`), facts filled in (`amended`), or nothing new.
 */
export type TakenLine =
  | { readonly line: number; readonly error: 'call_key_taken' | 'erased' | 'metadata_invalid' }
  | {
      readonly startedAt: string | null;
      readonly created?: boolean;
      readonly updated?: boolean;
      readonly amended?: boolean;
      readonly differs?: boolean;
      /** How much later the list says that a stored call began than its recording does, in milliseconds. */
      readonly startGap?: number | null;
    };

/** Lines of a list whose calls are different ones, with the blind indexes of their natural keys. */
export type BatchLine = { readonly listed: ListedCall; readonly natural: Uint8Array };

/** The blind index of a line's call. */
export function batchLine(metadataKey: SecretKey, listed: ListedCall): BatchLine {
  return { listed, natural: naturalIndex(metadataKey, listed.call) };
}

/** Lines that are locked together, and share an event and a transaction where its time allows. */
export const BATCH = 200;

/** How long a transaction may take up further lines, half of what it takes in all: on SQLite other writes wait. */
const TAKING_MS = 5;
/** Lines of a transaction at least, however slow the machine is: beginning and committing one takes time too. */
const LEAST = 20;

/**
 * Takes lines from the first on in one transaction with one event, as many as its time allows. Lines that say nothing new
 * write nothing. Throws `conflict` where a call came into being meanwhile: then the same lines can be taken.
 */
export async function takeBatch(
  vault: Deps,
  { by, metadataKey }: ListSender,
  lines: readonly BatchLine[],
  request: RequestContext,
): Promise<{ readonly taken: readonly TakenLine[]; readonly receipt: Receipt | undefined }> {
  // Also where nothing is written: a replay would overwrite what the row alone has.
  vault.replayGate.require(by.tenant);
  const { result, receipts } = await vault.db.change(async (whole) => {
    const tx = batchedReads(whole, by.tenant);
    // All of them at once: locks of two lists that were taken part by part could wait for each other.
    const [tenant, existing, now] = await Promise.all([
      lockActiveTenant(tx, by.tenant),
      tx.recordings.lockNaturals(
        by.tenant,
        lines.map(({ natural }) => natural),
      ),
      tx.now(),
    ]);
    await requireDepositor(tx, by);
    const source = lines[0]?.listed.call.source ?? '';
    await requireSender(tx, tenant, by, source);
    const known = new Map(existing.map((recording) => [toBase64(recording.natural), recording]));
    const taken: TakenLine[] = [];
    const changed = { created: [], updated: [], unlisted: [], amended: [] };
    const batch: Batch = { tx, vault, by, tenant, metadataKey, now, request, knownTexts: new Map(), ...changed };
    const until = vault.clock.steady() + TAKING_MS;
    for (const line of lines) {
      taken.push(await takeLine(batch, line, known.get(toBase64(line.natural)) ?? null));
      if (taken.length % LEAST === 0 && vault.clock.steady() >= until) break;
    }
    const events = await write(batch, lines.slice(0, taken.length));
    return events.length === 0 ? { result: taken, unchanged: true } : { result: taken, events };
  }, request);
  return { taken: result, receipt: receipts[0] };
}

type Batch = ListSender & {
  readonly tx: Transaction;
  readonly vault: Deps;
  readonly tenant: Tenant;
  readonly now: string;
  readonly request: RequestContext;
  readonly created: NewRecording[];
  readonly updated: Recording[];
  readonly unlisted: Recording[];
  readonly amended: EventOf<'recording.amended'>[];
  readonly knownTexts: KnownTexts;
};

/** Writes the rows of lines that were taken. Returns their events; none where nothing changed. */
async function write(batch: Batch, lines: readonly BatchLine[]): Promise<readonly NewEvent[]> {
  const { tx, by, request, created, updated, unlisted, amended } = batch;
  if (created.length + updated.length + unlisted.length + amended.length === 0) return [];
  await tx.recordings.insertMany(created);
  await tx.recordings.setListings([...updated, ...unlisted]);
  const what = {
    ...{ id: by.tenant, source: lines[0]?.listed.call.source ?? '', rows: lines.length },
    ...(created.length === 0 ? {} : { recordings: eventList(created.map(({ recording }) => recording.id)) }),
    ...{ listed: created.length + updated.length, unlisted: unlisted.length, amended: amended.length },
  };
  return [event(by.tenant, actorOf(by), 'recording.listed', what, request), ...amended];
}

async function takeLine(
  batch: Batch,
  { listed: one, natural }: BatchLine,
  existing: Recording | null,
): Promise<TakenLine> {
  const { line, recorded } = one;
  const isDepositors = existing !== null && !isUnowned(existing) && existing.depositor !== batch.by.principal;
  if (isDepositors && !isLister(batch.by)) return { line, error: 'call_key_taken' };
  if (existing !== null && isErased(existing)) return { line, error: 'erased' };
  if (!recorded) return existing === null ? { startedAt: null } : unlist(batch, existing);
  return existing === null ? expect(batch, one, natural) : compare(batch, one, existing);
}

/** The result of writing facts; null where they are too many or too long together, before anything was written. */
function unlessTooMuch<T>(writing: Promise<T>): Promise<T | null> {
  return writing.catch((error: unknown) => {
    if (hasCode(error, 'metadata_invalid')) return null;
    throw error;
  });
}

/** A call that the list alone knows: its recording is expected, and belongs to no service. */
async function expect(
  batch: Batch,
  { line, call, said, listed, expectedMs }: ListedCall,
  natural: Uint8Array,
): Promise<TakenLine> {
  const { tx, vault, by, tenant, metadataKey, now, created, knownTexts } = batch;
  const description = { by, tenant, metadataKey, metadata: call };
  const id = newId('rec');
  const change = { patch: said, by: by.principal, at: now, ...asOf(listed) };
  // All that the list says counts: nothing is known of the call.
  const facts = describeFacts(factsOfCall(description), change, { set: said });
  const row = { id, depositor: '', described: true, natural, knownTexts };
  const one = await unlessTooMuch(newRecording(tx, vault, description, row, facts));
  if (one === null) return { line, error: 'metadata_invalid' };
  const listing = listingOf(batch, one.recording, { listed, expectedMs, differs: [] }, facts);
  const recording = { ...one.recording, ...listing };
  created.push({ ...one, recording });
  return { startedAt: recording.startedAt, created: true };
}

/**
 * A list is true as of the start of the call: what its platform sends for it, earlier or later, counts more. Where the
 * list has no start, it is true as of its receipt.
 */
function asOf({ started_at: startedAt }: ListedFacts): { readonly asOf?: string } {
  return startedAt === undefined ? {} : { asOf: startedAt };
}

/**
 * A known call: the list fills in what the facts lack, and what differs is noted, not replaced. Facts that do not fit, or
 * of a recording in quarantine for damage, are not filled in: the call is expected all the same.
 */
async function compare(
  batch: Batch,
  { line, said, listed, expectedMs }: ListedCall,
  found: Recording,
): Promise<TakenLine> {
  const { tx, vault, by, tenant, metadataKey, request, amended, updated } = batch;
  const facts = openRawFacts(metadataKey, found, found.facts ?? new Uint8Array(0));
  const before = openListing(metadataKey, found, facts);
  const isDamaged = found.quarantine.includes('integrity');
  const patch = isDamaged ? {} : fillingPatch(said, facts, before ?? {}, found.state === 'AVAILABLE');
  let recording = found;
  let [isAmended, isTooMuch] = [false, false];
  if (Object.keys(patch).length > 0 || isHidden(found)) {
    const columns = isHidden(found) ? { columns: { described: true } } : {};
    const write = { patch, ...asOf(listed), begun: found.startedAt, ...columns };
    const locked = { tenant, metadataKey, recording: found };
    const written = await unlessTooMuch(
      writeFacts(tx, vault, locked, actorOf(by), write, request, personCredential(by)),
    );
    const made = written?.made ?? null;
    if (made !== null) amended.push(made);
    [isAmended, isTooMuch] = [made !== null, written === null];
    recording = (await tx.recordings.lock(found.tenant, found.id)) ?? found;
  }
  const now = isAmended ? openRawFacts(metadataKey, recording, recording.facts ?? new Uint8Array(0)) : facts;
  const isSameStart = before?.started_at === listed.started_at;
  const differs = isSameStart ? differsStill(listed, now, recording.differs) : differsFrom(listed, now);
  const isUpdated =
    before === null ||
    !isSameListing(before, listed) ||
    recording.expectedMs !== expectedMs ||
    recording.differs.join() !== differs.join();
  if (isUpdated) updated.push({ ...recording, ...listingOf(batch, recording, { listed, expectedMs, differs }, now) });
  if (isTooMuch) return { line, error: 'metadata_invalid' };
  const startGap = found.state === 'AVAILABLE' ? startGapOf(listed, facts) : null;
  const { startedAt } = recording;
  return { startedAt, updated: isUpdated, amended: isAmended, differs: differs.length > 0, startGap };
}

type Said = Pick<Recording, 'expectedMs' | 'differs'> & { readonly listed: ListedFacts };

function listingOf(
  { metadataKey, now }: Batch,
  row: Recording,
  { listed, expectedMs, differs }: Said,
  facts: RawFacts,
) {
  return {
    listedAt: now,
    expectedMs,
    listed: sealListing(metadataKey, row, listed, facts),
    differs,
    audioDue: audioDueOf(row.startedAt, expectedMs),
  };
}

/** A call that need not be recorded is not expected any longer. */
function unlist({ unlisted }: Batch, recording: Recording): TakenLine {
  const isListed = recording.listedAt !== null;
  if (isListed) unlisted.push({ ...recording, ...NOT_LISTED });
  return { startedAt: recording.startedAt, updated: isListed };
}
