// Bringing back what changed later: the entries of streams in the store get their rows again, and rows what they say.
import { sha256 } from '../../bytes/digest.ts';
import type { AmendmentFault, CheckedEntry } from '../../envelope/amendments/check-stream.ts';
import { VaultError } from '../../errors.ts';
import type { Amendment } from '../../model/amendments/amendment.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { listStreams, type NamedStream, readStream } from '../core/amendments/stored-streams.ts';
import { type DigestedRow, readStreamRows } from '../core/amendments/stream-rows.ts';
import { inParallel } from '../core/concurrency.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { applyToHold } from './apply-hold.ts';
import { applyToRecording, applyToTenant, type KeyedTenant } from './apply-stream.ts';
import { lastReplayed } from './replayed-events.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'phones' | 'metadataKeys'>;

/** A stream that is not whole, or that belongs to nothing; `path` names the entry. */
export type StreamProblem = { readonly kind: AmendmentFault; readonly path: string };

/** Which streams to bring back, and the function that receives those of erased recordings. */
export type StreamWork = {
  readonly wanted: (subject: string) => boolean;
  readonly erased: (stream: NamedStream) => boolean;
  readonly problem: (problem: StreamProblem) => void;
};

const BATCH = 100;
const AT_ONCE = 8;

/**
 * Inserts the rows of entries that the database lacks and applies them, up to the first fault of each stream, which
 * quarantines a recording (`integrity`). Streams of recordings that were not rebuilt are left alone: a start replays
 * them. Returns how many entries it inserted. Throws the errors of store, database and key service.
 */
export async function rebuildStreams(
  vault: Deps,
  by: Actor,
  tenant: Tenant,
  { wanted, erased, problem }: StreamWork,
  request: RequestContext,
): Promise<number> {
  let inserted = 0;
  let batch: NamedStream[] = [];
  const flush = async (): Promise<void> => {
    request.signal.throwIfAborted();
    const found: FoundStream[] = [];
    await inParallel(batch, AT_ONCE, async (stream) => {
      const one = await readOne(vault, tenant, stream, request);
      if (one === null) return;
      if (one.fault !== null) problem(one.fault);
      found.push(one);
    });
    inserted += await insertStreams(vault, by, tenant, found, request);
    for (const { subject, fault } of found)
      if (fault !== null && subject.startsWith('hld_')) await markDamaged(vault, tenant.tenant, subject, request);
    batch = [];
  };
  const scope = { place: locationOf(tenant), tenant: tenant.tenant, since: null, wanted };
  for await (const stream of listStreams(vault, scope, request)) {
    if (erased(stream)) continue;
    batch.push(stream);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return inserted;
}

/** A stream with the entries that follow its rows. */
type FoundStream = {
  readonly subject: string;
  readonly rows: readonly DigestedRow[];
  readonly entries: readonly (CheckedEntry<Amendment> & { readonly bytes: Uint8Array })[];
  readonly fault: StreamProblem | null;
};

/** Null for a stream that stays as it is. */
async function readOne(
  vault: Deps,
  tenant: Tenant,
  stream: NamedStream,
  request: RequestContext,
): Promise<FoundStream | null> {
  const { subject, paths } = stream;
  const { rows, recording } = await vault.db.read(
    async (all) => ({
      rows: await readStreamRows(all, stream),
      recording: subject.startsWith('rec_') ? await all.recordings.find(tenant.tenant, subject) : null,
    }),
    request,
  );
  const nothing = { subject, rows, entries: [] };
  if (subject.startsWith('rec_')) {
    if (recording === null) return { ...nothing, fault: { kind: 'amendment_without_row', path: paths[0] ?? subject } };
    if (!isRebuilt(recording)) return null;
  }
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const bytesOf = new Map<string, Uint8Array>();
  const place = locationOf(tenant);
  const { entries, fault } = await readStream(vault, metadataKey, place, stream, null, request, bytesOf);
  const other = rows.findIndex((row, at) => row.n !== at + 1 || (entries[at] ?? row).digest !== row.digest);
  if (other >= 0) return { ...nothing, fault: { kind: 'amendment_forked', path: entries[other]?.path ?? subject } };
  const nameless = namelessPath(tenant.tenant, subject, fault?.n ?? 0);
  return {
    ...{ subject, rows },
    entries: entries.slice(rows.length).map((one) => ({ ...one, bytes: bytesOf.get(one.path) ?? Buffer.alloc(0) })),
    fault: fault === null ? null : { kind: fault.code, path: fault.paths[0] ?? nameless },
  };
}

/** Marks a hold whose stream has a fault: while it is marked, nothing of the tenant is erased. */
export async function markDamaged(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  hold: string,
  request: RequestContext,
): Promise<void> {
  const now = await vault.db.read((rows) => rows.now(), request);
  await vault.db.note((notes) => notes.legalHolds.setDamaged(tenant, hold, now), request);
}

/** The name of an entry whose hour is not known. */
export function namelessPath(tenant: string, subject: string, n: number): string {
  return `t/${tenant}/a/…/${subject}-${String(n).padStart(8, '0')}.json`;
}

/** Whether a recording was rebuilt and is not released yet. */
export function isRebuilt(recording: Recording): boolean {
  return !isErased(recording) && recording.quarantine.includes('rebuilt');
}

/** Inserts what a batch of streams found, in one transaction; without an event where there is nothing to insert. */
async function insertStreams(
  vault: Deps,
  by: Actor,
  tenant: Tenant,
  found: readonly FoundStream[],
  request: RequestContext,
): Promise<number> {
  const changed = found
    .filter(({ subject, entries, fault }) => entries.length > 0 || (fault !== null && subject.startsWith('rec_')))
    .sort((one, other) => (one.subject < other.subject ? -1 : 1));
  if (changed.length === 0) return 0;
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const { result } = await vault.db.change(async (tx) => {
    let row = await tx.tenants.lock(tenant.tenant);
    if (row === null) throw new VaultError('not_found', 'there is no such tenant');
    const events: NewEvent[] = [];
    const digests: string[] = [];
    for (const stream of changed) {
      if (!(await hasRows(tx, tenant.tenant, stream))) continue;
      const { subject, entries, fault } = stream;
      if (subject === row.tenant) {
        const applied = await applyToTenant(tx, { tenant: row, metadataKey }, entries, by, request);
        row = applied.tenant;
        events.push(...applied.events);
      } else if (subject.startsWith('rec_')) {
        const applied = await rebuildOne(tx, vault, { tenant: row, metadataKey }, stream);
        if (!applied) continue;
        const object = { id: subject, reason: 'integrity' } as const;
        if (fault !== null) events.push(event(row.tenant, by, 'recording.quarantined', object, request));
      }
      if (subject.startsWith('hld_')) await applyToHold(tx, { tenant: row, metadataKey }, subject, entries);
      for (const { n, at, bytes, digest } of entries) {
        await tx.amendments.insert({ tenant: row.tenant, subject, n, at, entry: bytes, stored: true });
        digests.push(digest);
      }
      events.push(...lastReplayed(row.tenant, by, subject, entries, request));
    }
    if (digests.length > 0) {
      const counts = { recordings: 0, deposits: 0, entries: digests.length };
      const ids = sha256(digests.join('\n')).toString('hex');
      events.unshift(
        event(row.tenant, by, 'vault.rebuilt', { id: row.tenant, wrap: row.wrap, ...counts, ids }, request),
      );
    }
    return events.length === 0 ? { result: 0, unchanged: true } : { result: digests.length, events };
  }, request);
  return result;
}

/** Whether the stream has the rows that it was read with. */
async function hasRows(tx: Transaction, tenant: string, { subject, rows }: FoundStream): Promise<boolean> {
  return ((await tx.amendments.last(tenant, subject))?.n ?? 0) === (rows.at(-1)?.n ?? 0);
}

/** Applies a stream to its recording. False where the recording needs nothing, or is no longer one that was rebuilt. */
async function rebuildOne(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  of: KeyedTenant,
  { subject, entries, fault }: FoundStream,
): Promise<boolean> {
  const recording = await tx.recordings.lock(of.tenant.tenant, subject);
  if (recording === null || !isRebuilt(recording)) return false;
  if (entries.length === 0 && recording.quarantine.includes('integrity')) return false;
  await applyToRecording(tx, vault, of, recording, { entries, whole: fault === null });
  return true;
}
