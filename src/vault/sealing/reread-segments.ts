// Compares the segments in the store with the seals in the database: each must be there, and some are read.
import { randomInt } from 'node:crypto';
import { equalBytes } from '../../bytes/digest.ts';
import { hasCode } from '../../errors.ts';
import { readCheckpoint } from '../../model/log/checkpoint.ts';
import { readNote } from '../../model/log/note.ts';
import { MOST_SEGMENT_BYTES, readSegment, segmentSize } from '../../model/log/segment.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type Shelf, shelfPath } from './published.ts';
import { shelvesOf } from './shelves.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings'>;

/** A segment that is missing, or has other events than the log. `index`: its size. */
export type SegmentFinding = { readonly code: 'segment_missing' | 'segment_differs'; readonly index: number };

const PAGE = 500;
/** Segments that are read, chosen at random: all of them are as long as the log. */
const READ = 16;

/**
 * The segments of a log's seals that the store does not have, and those of some chosen at random that are not what was
 * sealed. Signatures do not matter here: the database has the roots. Throws the ports' errors.
 */
export async function rereadSegments(vault: Deps, log: string, request: RequestContext): Promise<SegmentFinding[]> {
  const sealed = await sealedSizes(vault, log, request);
  const shelves = sealed.length === 0 ? null : await shelvesOf(vault, log, request);
  if (shelves === null) return [];
  const { segments } = shelves;
  const missing = new Set(sealed);
  for await (const { path } of segments.store.list(segments.location, segments.folder, request)) {
    const size = segmentSize(path.slice(segments.folder.length));
    if (size !== null) missing.delete(size);
  }
  const findings: SegmentFinding[] = [...missing].map((index) => ({ code: 'segment_missing', index }));
  for (const size of someOf(sealed.filter((one) => !missing.has(one))))
    if (!(await isAsSealed(vault, segments, log, size, request)))
      findings.push({ code: 'segment_differs', index: size });
  return findings;
}

async function sealedSizes({ db }: Deps, log: string, request: RequestContext): Promise<number[]> {
  const sizes: number[] = [];
  for (;;) {
    const page = await db.read((rows) => rows.seals.seals(log, (sizes.at(-1) ?? 0) + 1, PAGE), request);
    sizes.push(...page.map(({ size }) => size));
    if (page.length < PAGE) return sizes;
  }
}

function someOf(sizes: number[]): number[] {
  for (let at = 0; at < Math.min(READ, sizes.length); at++) {
    const other = randomInt(at, sizes.length);
    [sizes[at], sizes[other]] = [sizes[other] ?? 0, sizes[at] ?? 0];
  }
  return sizes.slice(0, READ);
}

async function isAsSealed(
  { db }: Deps,
  shelf: Shelf,
  log: string,
  size: number,
  request: RequestContext,
): Promise<boolean> {
  const bytes = await shelf.store.get(shelf.location, shelfPath(shelf, size), MOST_SEGMENT_BYTES, request).then(
    (found) => found?.bytes ?? null,
    (error: unknown) => {
      // Longer than any segment.
      if (hasCode(error, 'malformed')) return null;
      throw error;
    },
  );
  const segment = bytes === null ? null : readSegment(bytes);
  if (segment === null) return false;
  const { note, leaves } = segment;
  const from = size - leaves.length;
  const { events, seal } = await db.read(async (rows) => {
    const [stored] = await rows.seals.seals(log, size, 1);
    return { events: await rows.log.events(log, Math.max(0, from), leaves.length), seal: stored };
  }, request);
  const [said, known] = [note, seal?.note ?? ''].map((text) => readCheckpoint(readNote(text)?.text ?? ''));
  if (said?.size !== size || known?.size !== size || said.log !== known.log) return false;
  if (from < 0 || events.length < leaves.length || !equalBytes(said.root, known.root)) return false;
  return events.every(({ seq, leaf }, at) => seq === from + at && equalBytes(leaf, leaves[at] ?? new Uint8Array()));
}
