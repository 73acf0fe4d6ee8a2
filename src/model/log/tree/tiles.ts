// Tiles: a Merkle tree as files of 256 hashes, eight levels of the tree apart (C2SP tlog-tiles).
import { foldRight, type Node, type Sha256 } from './edge.ts';

/** Hashes in a full tile. */
export const TILE_WIDTH = 256;
/** Levels of the tree between two levels of tiles. */
export const TILE_HEIGHT = 8;
export const HASH_BYTES = 32;

/** A tile by its level, 0 above the leaves, and its index in it. */
export type TilePlace = { readonly level: number; readonly index: number };

/** Where a perfect subtree is in the tiles: the hashes of `tile` from `from` on, `count` of them, 128 at most. */
export function tileOf({ height, index }: Node): {
  readonly tile: TilePlace;
  readonly from: number;
  readonly count: number;
} {
  const level = Math.floor(height / TILE_HEIGHT);
  const count = 2 ** (height % TILE_HEIGHT);
  const first = index * count;
  return { tile: { level, index: Math.floor(first / TILE_WIDTH) }, from: first % TILE_WIDTH, count };
}

/** The hash of a perfect subtree from its tile's bytes. */
export function hashInTile(node: Node, tile: Uint8Array, sha256: Sha256): Uint8Array {
  const { from, count } = tileOf(node);
  const hashes = hashesOf(tile, from, count);
  if (hashes.length !== count) throw new RangeError('the tile ends before the subtree');
  return perfectRoot(hashes, sha256);
}

/** How many hashes the tile at this place has in a tree of `size` leaves; 0 where it has no such tile. */
export function tileWidth({ level: at, index }: TilePlace, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** at);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** The tiles of a tree of `size` leaves: full and partial ones of every level that has a hash, from the leaves up. */
export function* tilesOf(size: number): Generator<TilePlace & { readonly width: number }> {
  for (let at = 0; size >= TILE_WIDTH ** at; at++) {
    const hashes = Math.floor(size / TILE_WIDTH ** at);
    for (let index = 0; index * TILE_WIDTH < hashes; index++) {
      yield { level: at, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) };
    }
  }
}

/** The path of a tile or of an entry bundle (`entries`), below the log's prefix. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const parts = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    parts.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${parts.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The tile or bundle that a path names; null for a path that `tilePath` does not write. */
export function readTilePath(
  path: string,
): { readonly level: number | 'entries'; readonly index: number; readonly width: number } | null {
  const [, named = '', digits = '', partial] =
    /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  const level = named === 'entries' ? named : Number(named);
  const index = Number(digits.replace(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const isRange = width >= 1 && width <= TILE_WIDTH;
  return digits !== '' && isRange && tilePath(level, index, width) === path ? { level, index, width } : null;
}

/** The hashes of a tile's bytes from `from` on, `count` at most. */
function hashesOf(tile: Uint8Array, from: number, count: number): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let at = from; at < from + count && (at + 1) * HASH_BYTES <= tile.length; at++) {
    hashes.push(tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  }
  return hashes;
}

/** The root over 2^n hashes. */
function perfectRoot(hashes: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, at) => foldRight(row.slice(at * 2, at * 2 + 2), sha256));
  }
  return row[0] as Uint8Array;
}
