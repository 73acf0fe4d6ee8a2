// The part of the log's check about what is outside its events: checkpoints, receipts and tiles. Pure: the caller reads files and brings cryptography.
import { base64Of } from '../base64.ts';
import type { Leaf } from '../leaf.ts';
import { type NoteCrypto, readNote, type VerifierKey } from '../note.ts';
import { createEdge } from '../tree/edge.ts';
import { type TileRow, tileRows } from '../tree/tile-rows.ts';
import { HASH_BYTES, TILE_WIDTH } from '../tree/tiles.ts';
import { trustedKeys } from './trusted-keys.ts';

/**
 * `fork`, `behind`, `signature`: a trusted checkpoint has another root than the events; has more events; no trusted key
 * signed it, or it is of another size than its name. `receipt`: an event differs from the receipt that a client kept, or
 * is missing. `hash`: the stored hash of an event is another. `tile_differs`: a tile is missing or of other hashes.
 */
export type PublishedCode = 'fork' | 'behind' | 'signature' | 'receipt' | 'hash' | 'tile_differs';

/** A finding, at the index of an event or the size of a checkpoint. `id`: the file, or what else it is about. */
export type PublishedFinding = { readonly code: PublishedCode; readonly index: number; readonly id: string };

/** A checkpoint as it was found: the file's name, the size that it should have, and its text. */
export type FoundCheckpoint = { readonly file: string; readonly size: number; readonly note: string };

/** The newest checkpoint that holds. `root` in base64. */
export type Holding = { readonly size: number; readonly root: string; readonly keys: readonly string[] };

export type PublishedCheck = {
  /** The events so far; the index of the last one and one. */
  readonly size: () => number;
  /** Takes the next event by its hash; `leaf` is null where its bytes are none. Indexes may skip, never fall. */
  readonly add: (index: number, hash: Uint8Array, leaf: Leaf | null) => void;
  /** Judges the checkpoints of the size that the events have now. */
  readonly judge: (found: readonly FoundCheckpoint[]) => void;
  /** Rows that became whole since it was last called. */
  readonly rows: () => TileRow[];
  /** Ends: judges checkpoints of more events, and returns the rows that are not whole. */
  readonly end: (longer: readonly FoundCheckpoint[]) => TileRow[];
  readonly newest: () => Holding | null;
  readonly findings: () => readonly PublishedFinding[];
  /** Adds what the caller found in files. */
  readonly report: (finding: PublishedFinding) => void;
};

/** What is expected of a log: its name, trusted keys, and receipts by index. */
export type Expected = {
  readonly name: string;
  readonly keys: readonly VerifierKey[];
  readonly receipts: ReadonlyMap<number, readonly Uint8Array[]>;
};

/** A check of one log. After a missing event, roots and tiles cannot be compared. */
export function createPublishedCheck({ name, keys, receipts }: Expected, crypto: NoteCrypto): PublishedCheck {
  const findings: PublishedFinding[] = [];
  const trusted = trustedKeys(name, keys, crypto);
  const left = new Map(receipts);
  const rows = tileRows();
  const edge = createEdge(crypto.sha256, undefined, rows.complete);
  let [size, whole] = [0, true];
  let newest: Holding | null = null;

  /** Those that trusted keys signed go first: they may seal the keys of others. */
  const judge = (found: readonly FoundCheckpoint[], longer: boolean): void => {
    let waiting = distinct(found);
    while (waiting.length > 0) {
      const opened = waiting.map((one) => ({ one, checkpoint: trusted.open(one.note) }));
      const signed = opened.filter(({ checkpoint }) => checkpoint !== null);
      if (signed.length === 0) {
        for (const { file, size: index } of waiting) findings.push({ code: 'signature', index, id: file });
        return;
      }
      for (const { one, checkpoint } of signed) {
        const finding = { index: one.size, id: one.file };
        if (checkpoint === null) continue;
        if (checkpoint.size !== one.size) findings.push({ code: 'signature', ...finding });
        else if (longer) findings.push({ code: 'behind', ...finding });
        else if (!whole) continue;
        else if (base64Of(edge.root()) !== base64Of(checkpoint.root)) findings.push({ code: 'fork', ...finding });
        else {
          newest = { size: checkpoint.size, root: base64Of(checkpoint.root), keys: checkpoint.keys };
          trusted.sealed();
        }
      }
      waiting = opened.filter(({ checkpoint }) => checkpoint === null).map(({ one }) => one);
    }
  };

  return {
    size: () => size,
    add: (index, hash, leaf) => {
      if (index !== size) whole = false;
      size = index + 1;
      if (whole) {
        edge.add(hash);
        rows.add(hash);
      }
      for (const kept of left.get(index) ?? []) {
        if (!isEqual(kept, hash)) findings.push({ code: 'receipt', index, id: 'receipt' });
      }
      left.delete(index);
      if (leaf !== null) trusted.add(leaf);
    },
    judge: (found) => judge(found, false),
    rows: rows.takeWhole,
    end: (longer) => {
      judge(longer, true);
      for (const index of left.keys()) findings.push({ code: 'receipt', index, id: 'receipt' });
      return whole ? rows.rest() : [];
    },
    newest: () => newest,
    findings: () => findings,
    report: (finding) => void findings.push(finding),
  };
}

/**
 * What is wrong with the files of one tile, by width; null if nothing. A log whose checkpoint has `sealed` events must
 * have a file, unless the row is of later ones.
 */
export function compareTile(
  { level, index, hashes }: TileRow,
  files: readonly { readonly width: number; readonly bytes: Uint8Array }[],
  sealed: number,
): PublishedFinding | null {
  const first = index * TILE_WIDTH ** (level + 1);
  const found = (code: PublishedCode, at: number) => ({ code, index: at, id: `tile/${level}` }) as const;
  if (files.length === 0) {
    const isSealed = Math.floor(sealed / TILE_WIDTH ** level) > index * TILE_WIDTH;
    return isSealed ? found('tile_differs', first) : null;
  }
  for (const { width, bytes } of files) {
    if (bytes.length !== width * HASH_BYTES) return found('tile_differs', first);
    const wrong = bytes.findIndex((byte, at) => byte !== hashes[at]);
    if (wrong < 0) continue;
    return level === 0 ? found('hash', first + Math.floor(wrong / HASH_BYTES)) : found('tile_differs', first);
  }
  return null;
}

/** Each note once: an export has its newest one twice. A file that is no note is kept: no key signed it. */
function distinct(found: readonly FoundCheckpoint[]): FoundCheckpoint[] {
  const known = new Map<string, FoundCheckpoint>();
  for (const one of found) {
    const key = readNote(one.note) === null ? `\0${one.file}` : one.note;
    if (!known.has(key)) known.set(key, one);
  }
  return [...known.values()];
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
