// What a restore has to do: the published events that the database lacks, and the events that it has instead.
import { equalBytes } from '../../bytes/digest.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { leafHash, logName } from '../../model/audit-event.ts';
import type { LogState } from '../../model/held-log.ts';
import type { Checkpoint } from '../../model/log/checkpoint.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { EventRange } from '../../ports/rows/repair-rows.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { acceptedLoss } from '../sealing/accepted-loss.ts';
import { inNewKey, newestOn, type Shelf, type Trust } from '../sealing/published.ts';
import type { Shelves } from '../sealing/shelves.ts';
import { type Published, readPublished, type SegmentRef, segmentAt, segmentSizes } from './read-segments.ts';
import { hasItsHash, storedEdge, storedFrom, storedRoots } from './stored-log.ts';

type Deps = Pick<Vault, 'db'>;

/**
 * Where a log was published, and whom to believe about it: `newest` about the newest checkpoint, `trust` about the
 * segments below it, which older keys may have signed.
 */
export type PublishedLog = {
  readonly log: string;
  readonly shelves: Shelves;
  readonly trust: Trust;
  readonly newest: Trust;
};

/**
 * `first`: the lowest published event that the database lacks or has otherwise; null where it has all. `differing`: the
 * events that it has otherwise or too many, in order. `lost`: the newest checkpoint of the anchor, where it has more
 * events than the database and the store. `isPublished`: store or anchor has a checkpoint; without segments, the anchor alone.
 */
export type RestorePlan = {
  readonly state: LogState | null;
  readonly isPublished: boolean;
  readonly newest: Checkpoint | null;
  readonly segments: readonly SegmentRef[];
  readonly first: number | null;
  readonly differing: readonly EventRange[];
  readonly lost: Checkpoint | null;
  /** The size of such a checkpoint whose loss was accepted before; null without one. */
  readonly accepted: number | null;
  readonly foreign: readonly string[];
};

/**
 * Compares all that the database has of a log with all that was published of it, down to the bytes of each event. Throws
 * `integrity` where a segment is missing, damaged, or differs from another, and names it.
 */
export async function planRestore(
  vault: Deps,
  { log, shelves, trust, newest }: PublishedLog,
  request: RequestContext,
): Promise<RestorePlan> {
  const believed = await believedIn(shelves.segments, newest, request);
  const { sizes } = await segmentSizes(shelves.segments, request);
  const anchored = shelves.anchor === null ? null : (await newestOn(shelves.anchor, believed, request)).checkpoint;
  // The database is read after the store: events are committed before they are published.
  const roots = await storedRoots(vault, log, new Set([...sizes, anchored?.size ?? 0]), request);
  const state = await vault.db.read((rows) => rows.log.state(log), request);
  // What is above the log's size is not in the log, even where it is in the table.
  const rootAt = (size: number) => (size <= (state?.size ?? 0) ? roots.get(size) : undefined);
  const published = await readPublished(shelves.segments, { all: trust, newest: believed }, rootAt, request);
  const { newest: top, foreign, needed: segments } = published;
  const isAccepted = await vault.db.read((rows) => acceptedLoss(rows, log), request);
  const ahead = anchored !== null && anchored.size > (top?.size ?? 0) ? anchored : null;
  const accepted = ahead !== null && isAccepted(ahead.size) ? ahead.size : null;
  const lost = accepted === null ? ahead : null;
  const held = lost === null ? undefined : rootAt(lost.size);
  // The database has more than the store: nothing is lost.
  const whole = lost !== null && held !== undefined && equalBytes(held, lost.root);
  const where = { log, shelf: shelves.segments, trust };
  const compared = await compareStored(vault, where, published, state?.size ?? 0, request);
  const isPublished = top !== null || anchored !== null;
  return { state, isPublished, newest: top, segments, foreign, ...compared, lost: whole ? null : lost, accepted };
}

/** Once the new key signed a segment, the old key alone is believed about none above it. */
async function believedIn(shelf: Shelf, trust: Trust, request: RequestContext): Promise<Trust> {
  if (trust.signer.keys.length < 2) return trust;
  try {
    return (await newestOn(shelf, trust, request)).byNewKey ? inNewKey(trust) : trust;
  } catch (error) {
    // The first names are all foreign: all segments are read, and those of the new key are the newer ones.
    if (hasCode(error, 'integrity')) return inNewKey(trust);
    throw error;
  }
}

type Compared = Pick<RestorePlan, 'first' | 'differing'>;
type Where = { readonly log: string; readonly shelf: Shelf; readonly trust: Trust };

/** Verifies the segments, oldest first, up to the newest root, and compares each event with the stored one. */
async function compareStored(
  vault: Deps,
  where: Where,
  { base, newest, needed }: Published,
  size: number,
  request: RequestContext,
): Promise<Compared> {
  if (newest === null) return { first: null, differing: [] };
  const stored = storedFrom(vault, where.log, base, request);
  let next = (await stored.next()).value;
  let first: number | null = null;
  const differing: EventRange[] = [];
  const differs = (seq: number): void => {
    const last = differing.at(-1);
    if (last?.to === seq) differing[differing.length - 1] = { from: last.from, to: seq + 1 };
    else differing.push({ from: seq, to: seq + 1 });
  };
  for await (const { seq, leaf } of publishedLeaves(vault, where, base, needed, request)) {
    const has = next !== undefined && next.seq === seq ? next : null;
    if (has !== null) next = (await stored.next()).value;
    if (has !== null && hasItsHash(has) && equalBytes(has.leaf, leaf)) continue;
    first ??= seq;
    if (has !== null) differs(seq);
  }
  // What follows events that were changed or removed is believed no more than they are, and takes no index from them.
  if (first !== null && next !== undefined) differing.push({ from: newest.size, to: Number.MAX_SAFE_INTEGER });
  // Rows from the log's size on are not in the log, and would be in the way of its next event.
  while (first === null && next !== undefined && next.seq < size) next = (await stored.next()).value;
  if (first === null && next !== undefined)
    differing.push({ from: Math.max(size, newest.size), to: Number.MAX_SAFE_INTEGER });
  return { first, differing };
}

/** The leaves of these segments from `base` on, verified up to the root of each. */
async function* publishedLeaves(
  vault: Deps,
  { log, shelf, trust }: Where,
  base: number,
  needed: readonly SegmentRef[],
  request: RequestContext,
): AsyncGenerator<{ readonly seq: number; readonly leaf: Uint8Array }, void, undefined> {
  const edge = await storedEdge(vault, log, base, request);
  const name = logName(trust.origin, log);
  /** Hashes of the events before, which the next segment may repeat. */
  let recent: { readonly from: number; readonly hashes: readonly Uint8Array[] } = { from: base, hashes: [] };
  for (const ref of needed) {
    const { leaves, first, path, checkpoint } = await sameSegment(shelf, ref, trust, request);
    const hashes = leaves.map(leafHash);
    for (const [at, leaf] of leaves.entries()) {
      const [seq, hash] = [first + at, hashes[at] ?? leafHash(leaf)];
      if (seq < edge.size()) {
        const before = recent.hashes[seq - recent.from];
        if (before !== undefined && !equalBytes(before, hash)) throw damaged(path, 'repeats an event differently');
        continue;
      }
      const parsed = readLeaf(leaf);
      if (parsed?.log !== name || parsed.seq !== seq || parsed.id === undefined)
        throw damaged(path, `has no event of this log at index ${seq}`);
      edge.add(hash);
      yield { seq, leaf };
    }
    if (!equalBytes(edge.root(), checkpoint.root)) throw damaged(path, 'has other events than were signed');
    recent = { from: first, hashes };
  }
}

/** A segment that was read before, again. Throws `integrity` where it changed meanwhile. */
export async function sameSegment(shelf: Shelf, ref: SegmentRef, trust: Trust, request: RequestContext) {
  const read = await segmentAt(shelf, ref.checkpoint.size, trust, request);
  if (read === null || !equalBytes(read.digest, ref.digest)) throw damaged(ref.path, 'changed while it was read');
  return read;
}

function damaged(path: string, what: string): VaultError {
  return new VaultError('integrity', `the segment ${path} ${what}: nothing was restored from it`);
}
