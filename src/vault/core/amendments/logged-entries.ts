// The entries that the events of a tenant's log name, compared with their rows: one pass over the log, in bounded memory.
import { isId } from '../../../bytes/ids.ts';
import { entryDigest } from '../../../envelope/amendments/entry.ts';
import { MAX_ENTRY_NUMBER } from '../../../envelope/amendments/entry-name.ts';
import { leafHash, logName, type StoredEvent } from '../../../model/audit-event.ts';
import { createLogCheck } from '../../../model/log/check.ts';
import type { AuditAction } from '../../../model/log/event-catalogue.ts';
import type { FindingCode } from '../../../model/log/finding.ts';
import { idsOf, type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import { isErased } from '../../../model/recording.ts';
import type { Rows } from '../../../ports/database.ts';
import { groupBy } from '../group-by.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/**
 * The first entry of a stream that the log names and the rows do not have: `amendment_behind` without a row of its
 * number, `amendment_differs` with another entry in it.
 */
export type LoggedFault = {
  readonly kind: 'amendment_behind' | 'amendment_differs';
  readonly subject: string;
  readonly n: number;
};

/** A recording that the log says was erased, with a row of one that is not. */
export type UnerasedFault = { readonly kind: 'not_erased'; readonly subject: string };

/** The first event with this fault: the log may have named more than it does now. */
export type LogFault = { readonly kind: 'log_damaged'; readonly index: number; readonly why: FindingCode };

type LoggedEntry = { readonly subject: string; readonly n: number; readonly digest: string };

/** Events that erase a recording; a replayed one does it again after a restore. */
const ERASING: ReadonlySet<string> = new Set<AuditAction>(['recording.erasing', 'tombstone.replayed']);

/** Events of one read, and at most as many rows: an entry has up to 64 KiB. */
const PAGE = 500;

/** What a page of the log led to: its leaves, and faults that were not reported before. */
type ComparedPage = {
  readonly leaves: readonly Leaf[];
  readonly faults: readonly (LoggedFault | UnerasedFault | LogFault)[];
};

/** A comparison that is given the pages of a log in order. `size`, with the last page, is how many events the log has. */
export type LogComparison = {
  readonly take: (
    events: readonly StoredEvent[],
    size: number | null,
    request: RequestContext,
  ) => Promise<ComparedPage>;
};

/** Compares a tenant's log with its rows, as `compareWithLog` does, for callers that read the log themselves. */
export function logComparison(vault: Pick<Vault, 'db' | 'settings'>, tenant: string): LogComparison {
  const named = new Set<string>();
  const codes = new Set<FindingCode>();
  const check = logReader(logName(vault.settings.origin, tenant));
  const take: LogComparison['take'] = async (events, size, request) => {
    const faults: (LoggedFault | UnerasedFault | LogFault)[] = [];
    const page = check(events, size);
    for (const fault of page.faults) {
      if (!codes.has(fault.why)) faults.push(fault);
      codes.add(fault.why);
    }
    for (const fault of await differencesOf(vault, tenant, page, request)) {
      const about = fault.kind === 'not_erased' ? `erased ${fault.subject}` : fault.subject;
      if (!named.has(about)) faults.push(fault);
      named.add(about);
    }
    return { leaves: page.leaves, faults };
  };
  return { take };
}

/**
 * Compares every entry and every erasure that the log names with the rows, and yields the first fault of each stream, and
 * of the log by its kind. Passes over entries of recordings that the log says were erased, and those that no event names:
 * the log of a rebuilt tenant begins with the rebuild. Throws the database's errors.
 */
export async function* compareWithLog(
  vault: Pick<Vault, 'db' | 'settings'>,
  tenant: string,
  request: RequestContext,
): AsyncGenerator<LoggedFault | UnerasedFault | LogFault, void, undefined> {
  const size = await vault.db.read((rows) => rows.log.size(tenant), request);
  const comparison = logComparison(vault, tenant);
  for (let from = 0; ; ) {
    request.signal.throwIfAborted();
    const first = from;
    const events = await vault.db.read((rows) => rows.log.events(tenant, first, PAGE), request);
    yield* (await comparison.take(events, events.length < PAGE ? size : null, request)).faults;
    const last = events.at(-1);
    if (last === undefined || events.length < PAGE) return;
    from = last.seq + 1;
  }
}

/** Reads the log of this name page by page. `size`, with the last page, is the number of events that it had before the first. */
function logReader(name: string) {
  let next = 0;
  let check = createLogCheck(name, 'stretch');
  return (events: readonly StoredEvent[], size: number | null) => {
    const [first] = events;
    const faults: LogFault[] = [];
    const [named, erased, leaves]: [LoggedEntry[], string[], Leaf[]] = [[], [], []];
    if (first !== undefined && first.seq !== next) faults.push({ kind: 'log_damaged', index: next, why: 'gap' });
    for (const event of events) {
      const leaf = check.add(event, leafHash(event.leaf));
      if (leaf !== null) leaves.push(leaf);
      const entry = entryOf(leaf);
      if (entry !== null) named.push(entry);
      if (leaf !== null && isErasing(leaf)) erased.push(...idsOf(leaf.object));
      next = event.seq + 1;
    }
    if (size !== null && next < size) faults.push({ kind: 'log_damaged', index: next, why: 'gap' });
    const { findings } = check.checked();
    faults.push(...findings.map(({ seq, code }) => ({ kind: 'log_damaged', index: seq, why: code }) as const));
    // A check keeps what it finds: of a log that was written again, that is every event.
    if (findings.length > 0) check = createLogCheck(name, 'stretch');
    return { named, erased, leaves, faults };
  };
}

/** The entry that an event names; null for an event of anything else. */
function entryOf(leaf: Leaf | null): LoggedEntry | null {
  if (leaf?.outcome !== 'ok') return null;
  const { subject, n, entry } = leaf.object;
  if (typeof subject !== 'string' || typeof n !== 'number' || typeof entry !== 'string') return null;
  if (!Number.isInteger(n) || n < 1 || n > MAX_ENTRY_NUMBER) return null;
  return isId(subject, 'rec', 'hld', 'ten') ? { subject, n, digest: entry } : null;
}

function isErasing({ action, outcome, object }: Leaf): boolean {
  return ERASING.has(action) && outcome === 'ok' && idsOf(object).every((id) => isId(id, 'rec'));
}

/** Rows are read after their events, and states after the rows: what is erased meanwhile has no rows. */
async function differencesOf(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  { named, erased }: { readonly named: readonly LoggedEntry[]; readonly erased: readonly string[] },
  request: RequestContext,
): Promise<readonly (LoggedFault | UnerasedFault)[]> {
  if (named.length + erased.length === 0) return [];
  return vault.db.read(async (rows) => {
    const digests = await digestsOf(rows, tenant, named);
    const faults = named.flatMap(({ subject, n, digest }): readonly LoggedFault[] => {
      const found = digests.get(`${subject} ${n}`);
      if (found === digest) return [];
      return [{ kind: found === undefined ? 'amendment_behind' : 'amendment_differs', subject, n }];
    });
    const doubtful = [...new Set([...erased, ...faults.map(({ subject }) => subject)])];
    if (doubtful.length === 0) return [];
    const recordings = await rows.recordings.findMany(tenant, doubtful);
    const known = new Set(recordings.map(({ id }) => id));
    const over = new Set(recordings.filter(isErased).map(({ id }) => id));
    // Asked once for each recording: a forged row has as many faults as entries, and none of its events may say it.
    const passed = new Map<string, boolean>();
    for (const { subject } of faults)
      if (over.has(subject) && !passed.has(subject)) passed.set(subject, await wasErased(rows, tenant, subject));
    const unerased = erased.filter((id) => known.has(id) && !over.has(id));
    return [
      ...faults.filter(({ subject }) => passed.get(subject) !== true),
      ...unerased.map((subject) => ({ kind: 'not_erased', subject }) as const),
    ];
  }, request);
}

/** Whether the log says so: a row alone can be set to it. */
async function wasErased({ log }: Pick<Rows, 'log'>, tenant: string, recording: string): Promise<boolean> {
  for (let before: number | null = null; ; ) {
    const page: readonly StoredEvent[] = await log.eventsOf(tenant, recording, before, PAGE);
    for (const { leaf: bytes } of page) {
      const leaf = readLeaf(bytes);
      if (leaf !== null && isErasing(leaf) && idsOf(leaf.object).includes(recording)) return true;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return false;
    before = last.seq;
  }
}

/** The digests of those rows that exist, by subject and number. */
async function digestsOf(
  { amendments }: Pick<Rows, 'amendments'>,
  tenant: string,
  named: readonly LoggedEntry[],
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  const read = [...groupBy(named, ({ n }) => String(n)).values()].map((some) => {
    const subjects = [...new Set(some.map(({ subject }) => subject))];
    return amendments.numbered(tenant, subjects, some[0]?.n ?? 0);
  });
  // Sent together: a stream with many entries on the page has as many numbers.
  for (const { subject, n, entry } of (await Promise.all(read)).flat())
    digests.set(`${subject} ${n}`, entryDigest(entry));
  return digests;
}
