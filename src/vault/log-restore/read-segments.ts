// The segments of a log in the store: each read whole, and the ones that continue what the database has.
import { sha256 } from '../../bytes/digest.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Checkpoint } from '../../model/log/checkpoint.ts';
import { MOST_SEGMENT_BYTES, readSegment, segmentName, segmentSize } from '../../model/log/segment.ts';
import { inParallel } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import { type Shelf, shelfPath, type Trust, trustedCheckpoint } from '../sealing/published.ts';

/** A segment whose checkpoint a trusted key signed. `first`: the index of its first event. */
export type ReadSegment = {
  readonly path: string;
  readonly checkpoint: Checkpoint;
  readonly note: string;
  readonly first: number;
  readonly leaves: readonly Uint8Array[];
  readonly digest: Uint8Array;
};

/** A segment by its size, and the digest of its bytes: it is read again when its events are inserted. */
export type SegmentRef = Omit<ReadSegment, 'leaves'>;

/**
 * What was published from `base` on. `newest`: null where no segment was published. `needed`: oldest first. `foreign`:
 * names that are no segments of this log.
 */
export type Published = {
  readonly base: number;
  readonly newest: ReadSegment['checkpoint'] | null;
  readonly needed: readonly SegmentRef[];
  readonly foreign: readonly string[];
};

const AT_ONCE = 8;

/** The sizes that names in the log's folder say, newest first, and names that say none. */
export async function segmentSizes(
  shelf: Shelf,
  request: RequestContext,
): Promise<{ readonly sizes: readonly number[]; readonly foreign: readonly string[] }> {
  const [sizes, foreign]: [number[], string[]] = [[], []];
  for await (const { path } of shelf.store.list(shelf.location, shelf.folder, request)) {
    const size = segmentSize(path.slice(shelf.folder.length));
    if (size === null) foreign.push(path);
    else sizes.push(size);
  }
  return { sizes: sizes.sort((a, b) => b - a), foreign };
}

/** The segment of a size; null where there is none, or none that a trusted key signed for this log and size. */
export async function segmentAt(
  shelf: Shelf,
  size: number,
  trust: Trust,
  request: RequestContext,
): Promise<ReadSegment | null> {
  const path = shelfPath(shelf, size);
  const bytes = await readAll(shelf, path, request);
  const segment = bytes === null ? null : readSegment(bytes);
  if (bytes === null || segment === null) return null;
  const { note, leaves } = segment;
  const checkpoint = trustedCheckpoint(note, trust);
  if (checkpoint?.size !== size || leaves.length === 0 || leaves.length > size) return null;
  return { path, checkpoint, note, first: size - leaves.length, leaves, digest: sha256(bytes) };
}

async function readAll(shelf: Shelf, path: string, request: RequestContext): Promise<Uint8Array | null> {
  try {
    return (await shelf.store.get(shelf.location, path, MOST_SEGMENT_BYTES, request))?.bytes ?? null;
  } catch (error) {
    // Longer than any segment.
    if (hasCode(error, 'malformed')) return null;
    throw error;
  }
}

/**
 * The segments that continue what the database has, whose root at a size `rootAt` returns if it has so many events. Reads
 * the newest first, back to one that the database has. An older key is believed only below a newer one: anyone with it
 * could go on with the log. Throws `integrity` where events between them are in no segment.
 */
export async function readPublished(
  shelf: Shelf,
  trust: { readonly all: Trust; readonly newest: Trust },
  rootAt: (size: number) => Uint8Array | undefined,
  request: RequestContext,
): Promise<Published> {
  const { sizes, foreign: strange } = await segmentSizes(shelf, request);
  const foreign = [...strange];
  const needed: SegmentRef[] = [];
  let [base, lowest]: [number, number | null] = [0, null];
  search: for (let at = 0; at < sizes.length; at += AT_ONCE) {
    request.signal.throwIfAborted();
    const page = sizes.slice(at, at + AT_ONCE);
    const read = new Map<number, ReadSegment | null>();
    await inParallel(page, AT_ONCE, async (size) => {
      read.set(size, await segmentAt(shelf, size, trust.all, request));
    });
    for (const size of page) {
      const found = read.get(size) ?? null;
      const isOlder = lowest === null && found !== null && trustedCheckpoint(found.note, trust.newest) === null;
      if (found === null || isOlder) {
        foreign.push(shelfPath(shelf, size));
        continue;
      }
      if (lowest !== null && size < lowest) throw gap(shelf, lowest, foreign);
      const { leaves: _, ...ref } = found;
      const known = rootAt(size);
      if (known !== undefined && Buffer.compare(known, found.checkpoint.root) === 0) {
        base = size;
        if (needed.length === 0) return { base, newest: found.checkpoint, needed, foreign };
        break search;
      }
      needed.push(ref);
      lowest = Math.min(lowest ?? found.first, found.first);
    }
  }
  if (lowest !== null && lowest > base) throw gap(shelf, lowest, foreign);
  return { base, newest: needed[0]?.checkpoint ?? null, needed: needed.reverse(), foreign };
}

/** The error about events below `lowest` that no segment has. */
function gap({ folder }: Shelf, lowest: number, foreign: readonly string[]): VaultError {
  const damaged = foreign.find((path) => path === `${folder}${segmentName(lowest)}`);
  const what =
    damaged === undefined
      ? `the segment ${folder}${segmentName(lowest)} is missing`
      : `${damaged} is no segment of this log that a key of CALLVAULT_SIGNER signed`;
  const others = foreign.filter((path) => path !== damaged).slice(0, 5);
  const also = others.length === 0 ? '' : `; nor are ${others.join(', ')}`;
  return new VaultError(
    'integrity',
    `${what}, so the events before index ${lowest} cannot be restored${also}: nothing was changed. Put it back from a version or a copy of the store, or name its key with --key`,
  );
}
