// What a log published, checked by what its database has: every checkpoint and every segment.
import { expect } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { logName } from '../../src/model/audit-event.ts';
import { readCheckpoint } from '../../src/model/log/checkpoint.ts';
import { namedKey, openNote } from '../../src/model/log/note.ts';
import { readSegment, segmentName, segmentSize } from '../../src/model/log/segment.ts';
import { createEdge } from '../../src/model/log/tree/edge.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { ORIGIN } from './fixture-rows.ts';
import { LOG, request, type SealedLogWorld } from './sealing.ts';

const NAME = logName(ORIGIN, LOG);
const MOST = 100_000;

/** Everything that was published is signed, agrees, and covers the log from its first event to `size`. */
export async function checkPublished(world: SealedLogWorld, size: number): Promise<void> {
  const keys = world.deps.signer.keys.map((key) => namedKey(NAME, key, noteCrypto.sha256));
  const events = await world.deps.db.read((rows) => rows.log.events(LOG, 0, MOST), request());
  const roots = new Map<number, string>();
  const edge = createEdge(noteCrypto.sha256);
  for (const { leaf } of events) {
    edge.add(sha256(Buffer.of(0), leaf));
    roots.set(edge.size(), Buffer.from(edge.root()).toString('hex'));
  }
  const rootOf = (note: string): number => {
    const checkpoint = readCheckpoint(openNote(note, keys, noteCrypto) ?? '') ?? expect.fail('not signed');
    expect(Buffer.from(checkpoint.root).toString('hex')).toBe(roots.get(checkpoint.size));
    return checkpoint.size;
  };
  let covered = 0;
  for (const [name, bytes] of [...(await world.segments())].reverse()) {
    const segment = readSegment(bytes) ?? expect.fail('not a segment');
    const end = rootOf(segment.note);
    expect(segmentSize(name)).toBe(end);
    const first = end - segment.leaves.length;
    expect(first, 'no event is missing before a segment').toBeLessThanOrEqual(covered);
    for (const [n, leaf] of segment.leaves.entries())
      expect(Buffer.from(leaf)).toEqual(Buffer.from(events[first + n]?.leaf ?? ''));
    covered = Math.max(covered, end);
  }
  expect(covered).toBe(size);
  const seals = await world.deps.db.read((rows) => rows.seals.seals(LOG, 0, MOST), request());
  const names = new Set((await world.segments()).keys());
  for (const { size: sealed, note } of seals) {
    expect(rootOf(note)).toBe(sealed);
    expect(names.has(segmentName(sealed)), 'a seal in the database is in the store').toBe(true);
  }
  for (const [name, note] of await world.anchored()) expect(segmentSize(name)).toBe(rootOf(note.toString()));
}
