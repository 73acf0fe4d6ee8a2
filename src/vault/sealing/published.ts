// What was published of a log outside the database: segments in the store, checkpoints in the anchor. The newest one that a trusted key signed.
import { VaultError } from '../../errors.ts';
import { logName } from '../../model/audit-event.ts';
import { type Checkpoint, readCheckpoint } from '../../model/log/checkpoint.ts';
import { namedKey, openNote } from '../../model/log/note.ts';
import { segmentName, segmentSize } from '../../model/log/segment.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { ObjectStore, Wait } from '../../ports/object-store.ts';
import type { Signer } from '../../ports/signer.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';

/** A folder of published checkpoints of one log. Names fall as sizes grow. */
export type Shelf = { readonly store: ObjectStore; readonly location: StoreLocation; readonly folder: string };

/**
 * The newest checkpoint on a shelf, and the names before it that are none of this log's. `byNewKey`: the last key of the
 * signer signed it.
 */
export type Newest = {
  readonly checkpoint: Checkpoint | null;
  readonly foreign: readonly string[];
  readonly byNewKey: boolean;
};

/** The note at the beginning of a segment, and each checkpoint of the anchor, are shorter: two signatures of 100 bytes. */
const NOTE_BYTES = 4_096;
/** Names looked at, newest first: foreign ones cost a read each. */
const NAMES = 16;
/** Names looked at where the first are all foreign. */
const MOST_NAMES = 256;

/** The path on a shelf of what was published at this size. */
export function shelfPath({ folder }: Shelf, size: number): string {
  return `${folder}${segmentName(size)}`;
}

/** What signed checkpoints of a log are opened with. */
export type Trust = { readonly origin: string; readonly log: string; readonly signer: Pick<Signer, 'keys'> };

/** The checkpoint of a note that a trusted key signed for this log; null for any other. */
export function trustedCheckpoint(note: string, { origin, log, signer }: Trust): Checkpoint | null {
  const name = logName(origin, log);
  const keys = signer.keys.map((key) => namedKey(name, key, noteCrypto.sha256));
  const text = openNote(note, keys, noteCrypto);
  const checkpoint = text === null ? null : readCheckpoint(text);
  return checkpoint?.log === name ? checkpoint : null;
}

/** The same trust in the last key of the signer alone: while the key is replaced, that is the new one. */
export function inNewKey(trust: Trust): Trust {
  return { ...trust, signer: { keys: trust.signer.keys.slice(-1) } };
}

/**
 * The newest checkpoint on a shelf. A blob under another size's name, and one that no trusted key signed, is foreign. So is
 * one of the old key alone above one of the new key, or above `since`, the size of a seal by the new key: anyone who
 * keeps the old key could hold the log. Throws `integrity` where the first names are all foreign.
 */
export async function newestOn(shelf: Shelf, trust: Trust, wait: Wait, since: number | null = null): Promise<Newest> {
  const foreign: string[] = [];
  // By the old key alone, while none of the new key was seen.
  let older: { readonly checkpoint: Checkpoint; readonly before: number } | null = null;
  let looked = 0;
  for (const names of [NAMES, MOST_NAMES]) {
    const paths = await shelf.store.first(shelf.location, shelf.folder, names, wait);
    for (const path of paths.slice(looked)) {
      looked++;
      const size = segmentSize(path.slice(shelf.folder.length));
      const note = size === null ? null : await noteAt(shelf, path, wait);
      const checkpoint = note === null ? null : trustedCheckpoint(note, trust);
      if (note !== null && checkpoint !== null && checkpoint.size === size) {
        if (trustedCheckpoint(note, inNewKey(trust)) !== null) return { checkpoint, foreign, byNewKey: true };
        if (since !== null && size <= since) return { checkpoint, foreign, byNewKey: false };
        if (since === null) older ??= { checkpoint, before: foreign.length };
      }
      foreign.push(path);
    }
    if (older !== null) return { ...older, foreign: foreign.slice(0, older.before), byNewKey: false };
    if (paths.length < names) return { checkpoint: null, foreign, byNewKey: false };
  }
  throw new VaultError('integrity', `the first ${MOST_NAMES} names in ${shelf.folder} are no checkpoints of this log`);
}

/** The text of the newest checkpoint on a shelf and its size; null where it has none. Throws as `newestOn`. */
export async function newestNote(
  shelf: Shelf,
  trust: Trust,
  wait: Wait,
): Promise<{ readonly size: number; readonly note: string } | null> {
  const { checkpoint } = await newestOn(shelf, trust, wait);
  if (checkpoint === null) return null;
  const note = await noteAt(shelf, shelfPath(shelf, checkpoint.size), wait);
  return note === null ? null : { size: checkpoint.size, note };
}

/** The checkpoint of a blob on a shelf; null where there is none, or no trusted one. */
export async function checkpointAt(shelf: Shelf, path: string, trust: Trust, wait: Wait): Promise<Checkpoint | null> {
  const note = await noteAt(shelf, path, wait);
  return note === null ? null : trustedCheckpoint(note, trust);
}

async function noteAt(shelf: Shelf, path: string, wait: Wait): Promise<string | null> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of shelf.store.read(shelf.location, path, 0, NOTE_BYTES, wait))
      parts.push(Uint8Array.from(part));
  } catch (error) {
    if (error instanceof VaultError && error.code === 'blob_missing') return null;
    throw error;
  }
  const bytes = Buffer.concat(parts);
  const end = bytes.indexOf(0);
  return (end < 0 ? bytes : bytes.subarray(0, end)).toString();
}
