// Rebuilding a tenant's index from the bucket alone: missing rows are inserted in batches. It can be repeated.
import { sha256 } from '../../bytes/digest.ts';
import type { AmendmentFault } from '../../envelope/amendments/check-stream.ts';
import { type EnvelopeId, envelopePrefix, parseEnvelopePath } from '../../envelope/envelope.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { NamedStream } from '../core/amendments/stored-streams.ts';
import { inParallel } from '../core/concurrency.ts';
import { countKeyUse, serialized } from '../core/events/count-events.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { TrustedKeys } from '../offline/trusted-keys.ts';
import { type BehindLog, findBehindLog } from './behind-log.ts';
import { deleteEntriesOf } from './erased-hours.ts';
import { restoreIngestKeys } from './ingest-keys.ts';
import { type InsertResult, insertFound } from './insert.ts';
import { insertErasedCalls } from './insert-erased.ts';
import { type FoundKeks, insertKeks, readKeks } from './keks.ts';
import { envelopePathOf, type FoundDeposit, type ProblemKind, readDeposit } from './read-deposit.ts';
import { readTombstones } from './read-tombstones.ts';
import { rebuildStreams } from './rebuild-streams.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'phones' | 'metadataKeys' | 'sessionKeys' | 'settings'>;

/**
 * A deposit that was not rebuilt, a tombstone or list that does not verify, a stream that is not whole, or behind the log
 * that the database still has.
 */
export type RebuildProblem = {
  readonly kind:
    | ProblemKind
    | AmendmentFault
    | BehindLog['kind']
    | 'tombstone_damaged'
    | 'tenant_kek_refused'
    | 'ingest_key_refused';
  readonly path: string;
};

/** Progress callbacks. */
export type RebuildListener = {
  readonly total: (steps: number) => void;
  readonly step: (steps: number) => void;
  readonly problem: (problem: RebuildProblem) => void;
};

/**
 * The result. `known` deposits had rows already, `erased` ones have a tombstone; `erasedCalls` got a row that recognises
 * the call; `entries` of later
 * changes got their rows, and so did `ingestKeys`.
 */
export type RebuildResult = {
  readonly envelopes: number;
  readonly known: number;
  readonly erased: number;
  readonly erasedCalls: number;
  readonly recordings: number;
  readonly deposits: number;
  readonly entries: number;
  readonly ingestKeys: number;
  readonly problems: number;
};

const BATCH = 100;
const AT_ONCE = 8;

/**
 * Inserts missing recordings and deposits of a tenant whose row exists, in quarantine (`rebuilt`). Repeating it changes
 * nothing. Throws the database's errors, those of the metadata key, and the signal's reason.
 */
export async function rebuildIndex(
  vault: Deps,
  by: Actor,
  tenant: Tenant,
  { keys, minimumWrap }: TrustedKeys,
  listener: RebuildListener,
  request: RequestContext,
): Promise<RebuildResult> {
  // A retired generation does not open: its rows would only prevent the next retirement.
  const trusted = { keys, minimumWrap: Math.max(minimumWrap, tenant.minimumWrap) };
  const none = { envelopes: 0, known: 0, erased: 0, erasedCalls: 0, recordings: 0, deposits: 0 };
  const counts = { ...none, entries: 0, ingestKeys: 0, problems: 0 };
  const problem = (one: RebuildProblem): void => {
    counts.problems += 1;
    listener.problem(one);
  };
  const { erased, damaged } = await readTombstones(vault, tenant, request);
  for (const path of damaged) problem({ kind: 'tombstone_damaged', path });
  const keks = await readKeks(vault, tenant, trusted, request);
  for (const path of keks.refused) problem({ kind: 'tenant_kek_refused', path });
  const refused = (path: string): void => problem({ kind: 'ingest_key_refused', path });
  counts.ingestKeys = await restoreIngestKeys(vault, tenant, { by, trusted, refused }, request);
  for await (const _id of envelopesOf(vault, tenant, request)) counts.envelopes += 1;
  listener.total(counts.envelopes);
  /** Erased recordings that still have envelopes or entries. */
  const unfinished = new Set<string>();
  const left: NamedStream[] = [];
  const bringBack = async (wanted: (subject: string) => boolean): Promise<void> => {
    const isErasedOne = (stream: NamedStream): boolean => {
      if (!erased.has(stream.subject)) return false;
      unfinished.add(stream.subject);
      left.push(stream);
      return true;
    };
    counts.entries += await rebuildStreams(vault, by, tenant, { wanted, erased: isErasedOne, problem }, request);
  };

  const counted = serialized(() => countKeyUse(vault, tenant.tenant, by, 'rebuild', request));
  const flush = async (batch: readonly EnvelopeId[]): Promise<void> => {
    request.signal.throwIfAborted();
    const kept = batch.filter(({ recording }) => !erased.has(recording));
    for (const { recording } of batch) if (erased.has(recording)) unfinished.add(recording);
    const missing = await withoutRows(vault, kept, request);
    counts.erased += batch.length - kept.length;
    counts.known += kept.length - missing.length;
    const found: FoundDeposit[] = [];
    await inParallel(missing, AT_ONCE, async (id) => {
      await counted();
      const read = await readDeposit(vault, locationOf(tenant), id, { trusted, keksOf: keks.keksOf }, request);
      if (typeof read === 'string') problem({ kind: read, path: envelopePathOf(id) });
      else found.push(read);
    });
    for (const done of await insertBatch(vault, by, { tenant, keks }, found, request)) {
      counts.recordings += Number(done.recording);
      counts.deposits += done.deposits.length;
      for (const { deposit, kind } of done.problems) {
        const of = found.find((one) => one.deposit === deposit);
        if (of !== undefined) problem({ kind, path: envelopePathOf(of) });
      }
    }
    listener.step(batch.length);
  };

  try {
    // The tenant's settings decide what recordings are found by.
    await bringBack((subject) => !subject.startsWith('rec_'));
    let batch: EnvelopeId[] = [];
    for await (const id of envelopesOf(vault, tenant, request)) {
      // A list has a recording's envelopes in sequence: a batch keeps them together.
      if (batch.length >= BATCH && batch.at(-1)?.recording !== id.recording) {
        await flush(batch);
        batch = [];
      }
      batch.push(id);
    }
    await flush(batch);
    await bringBack((subject) => subject.startsWith('rec_'));
    // After the envelopes: a recording that exists keeps its call.
    counts.erasedCalls = await insertErasedCalls(vault, by, tenant, erased, unfinished, request);
    for (const stream of left) {
      if (await deleteEntriesOf(vault, stream, request)) continue;
      problem({ kind: 'amendment_without_row', path: stream.paths[0] ?? stream.subject });
    }
    await findBehindLog(vault, by, tenant, problem, request);
  } finally {
    keks.end();
  }
  return counts;
}

async function* envelopesOf(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  request: RequestContext,
): AsyncGenerator<EnvelopeId, void, undefined> {
  for await (const { path } of vault.store.list(locationOf(tenant), envelopePrefix(tenant.tenant, null), request)) {
    const id = parseEnvelopePath(path);
    if (id !== null) yield id;
  }
}

async function withoutRows(
  vault: Pick<Vault, 'db'>,
  ids: readonly EnvelopeId[],
  request: RequestContext,
): Promise<EnvelopeId[]> {
  return vault.db.read(async (rows) => {
    const missing: EnvelopeId[] = [];
    for (const id of ids) if ((await rows.deposits.find(id.tenant, id.deposit)) === null) missing.push(id);
    return missing;
  }, request);
}

/** Inserts a batch in one transaction with one event; without an event where nothing was inserted. */
async function insertBatch(
  vault: Pick<Vault, 'db' | 'phones' | 'metadataKeys'>,
  by: Actor,
  { tenant, keks }: { readonly tenant: Tenant; readonly keks: FoundKeks },
  found: readonly FoundDeposit[],
  request: RequestContext,
): Promise<InsertResult[]> {
  if (found.length === 0) return [];
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const ids = [...new Set(found.map(({ recording }) => recording))].sort();
  const byRecording = new Map(ids.map((id): [string, FoundDeposit[]] => [id, []]));
  for (const one of found) byRecording.get(one.recording)?.push(one);
  const { result } = await vault.db.change(async (tx) => {
    const outcome: InsertResult[] = [];
    const row = await tx.tenants.lock(tenant.tenant);
    if (row === null) throw new VaultError('not_found', 'there is no such tenant');
    const refused = await insertKeks(tx, tenant, keks, found);
    for (const group of byRecording.values()) {
      const kept = group.filter(({ key }) => !refused.has(key.id));
      const rejected = group.filter(({ key }) => refused.has(key.id));
      const done = await insertFound(tx, vault, { tenant: row, metadataKey }, kept);
      const problems = rejected.map(({ deposit }) => ({ deposit, kind: 'generation_taken' as const }));
      outcome.push({ ...done, problems: [...done.problems, ...problems] });
    }
    const deposits = outcome.flatMap((one) => one.deposits).sort();
    if (deposits.length === 0) return { result: outcome, unchanged: true };
    const highest = Math.max(row.wrap, ...found.map(({ key }) => key.wrap));
    // Its new version makes a proposal stale that would release these recordings unseen.
    const raised = highest > row.wrap ? await raisedTo(tx, row, highest, found) : {};
    if (!(await tx.tenants.change(row, raised))) {
      throw new VaultError('conflict', 'a concurrent update changed the tenant first');
    }
    const object = {
      id: tenant.tenant,
      wrap: highest,
      recordings: outcome.filter(({ recording }) => recording).length,
      deposits: deposits.length,
      ids: sha256(deposits.join('\n')).toString('hex'),
    };
    return { result: outcome, events: [event(tenant.tenant, by, 'vault.rebuilt', object, request)] };
  }, request);
  return result;
}

/**
 * The raised generation and its key: tenant.json may still name the previous key. Volume mode ends where the generation
 * has no KEK: without one no deposit could be made.
 */
async function raisedTo(
  tx: Transaction,
  { tenant, volume }: Tenant,
  wrap: number,
  found: readonly FoundDeposit[],
): Promise<Partial<Pick<Tenant, 'wrap' | 'volume' | 'key'>>> {
  const kek = (await tx.wrappedKeys.tenantKeks(tenant)).find((one) => one.wrap === wrap);
  const direct = found.map(({ key }) => key).find((key) => key.wrap === wrap && key.scheme !== 'tenant-kek');
  const raised = { wrap, volume: kek !== undefined && volume };
  if (direct !== undefined && direct.scheme !== 'tenant-kek') {
    return { ...raised, key: { scheme: direct.scheme, id: direct.id } };
  }
  return kek === undefined ? raised : { ...raised, key: { scheme: kek.scheme, id: kek.keyId } };
}
