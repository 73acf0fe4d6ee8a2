// The Merkle tree of a stored log: its right edge at any size, from tiles and the events above them, and the tiles as they grow.
import { VaultError } from '../../errors.ts';
import { createEdge, type Edge, type Node, nodesOf } from '../../model/log/tree/edge.ts';
import { HASH_BYTES, hashInTile, TILE_HEIGHT, TILE_WIDTH, tileOf } from '../../model/log/tree/tiles.ts';
import type { Rows } from '../../ports/database.ts';
import type { Tile } from '../../ports/rows/seal-rows.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';

type TreeRows = Pick<Rows, 'log' | 'seals'>;

/** The tree of a log in memory. `grown`: the tiles that have changed since it was last called. */
export type LogTree = {
  readonly edge: Edge;
  readonly grown: () => Tile[];
};

const { sha256 } = noteCrypto;
const PAGE = 1_000;

/**
 * The tree of a log at `size`, which the log has at least. Throws `integrity` where an event is missing.
 * Nothing of it is verified: its root is, against a checkpoint.
 */
export async function treeAt(rows: TreeRows, log: string, size: number): Promise<LogTree> {
  const tiled = await tiledSize(rows, log, size);
  const stored = await Promise.all(nodesOf(0, tiled).map((node) => nodeOf(rows, log, node)));
  const hashes = stored.filter((hash) => hash !== null);
  // Tiles follow from the events: where one is missing, all are made again.
  const base = hashes.length === stored.length ? tiled : 0;
  const tiles = await lastTiles(rows, log, base);
  const edge = createEdge(sha256, { size: base, hashes: base === 0 ? [] : hashes }, tiles.complete);
  for (let next = base; next < size; ) {
    const page = await rows.log.events(log, next, Math.min(PAGE, size - next));
    for (const { seq, hash } of page) {
      if (seq !== next) throw missing(log, next);
      edge.add(hash);
      next++;
    }
    if (page.length === 0) throw missing(log, next);
  }
  return { edge, grown: tiles.grown };
}

/** How many leaves of the first `size` are in full subtrees of stored tiles. */
async function tiledSize(rows: TreeRows, log: string, size: number): Promise<number> {
  const last = await rows.seals.lastTile(log, 1);
  const tiled = last === null ? 0 : last.tile * TILE_WIDTH + last.hashes.length / HASH_BYTES;
  return Math.min(Math.floor(size / TILE_WIDTH), tiled) * TILE_WIDTH;
}

async function nodeOf(rows: TreeRows, log: string, node: Node): Promise<Uint8Array | null> {
  const { tile, from, count } = tileOf(node);
  const hashes = await rows.seals.tile(log, tile.level, tile.index);
  if (hashes === null || hashes.length < (from + count) * HASH_BYTES) return null;
  return hashInTile(node, hashes, sha256);
}

/** The last, growing tile of each level of a tree of `size` leaves. */
async function lastTiles(rows: TreeRows, log: string, size: number) {
  const growing = new Map<number, { tile: number; hashes: Uint8Array[] }>();
  const changed = new Map<string, Tile>();
  for (
    let [level, count] = [1, Math.floor(size / TILE_WIDTH)];
    count > 0;
    level++, count = Math.floor(count / TILE_WIDTH)
  ) {
    const tile = Math.floor(count / TILE_WIDTH);
    const stored = (await rows.seals.tile(log, level, tile)) ?? new Uint8Array(0);
    const hashes: Uint8Array[] = [];
    for (let at = 0; at < count % TILE_WIDTH; at++)
      hashes.push(stored.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
    growing.set(level, { tile, hashes });
  }
  const complete = ({ height, index }: Node, hash: Uint8Array): void => {
    if (height % TILE_HEIGHT !== 0) return;
    const level = height / TILE_HEIGHT;
    const tile = Math.floor(index / TILE_WIDTH);
    const last = growing.get(level);
    const grown = last?.tile === tile ? last : { tile, hashes: [] };
    grown.hashes.push(hash);
    growing.set(level, grown);
    changed.set(`${level} ${tile}`, { level, tile, hashes: Buffer.concat(grown.hashes) });
  };
  const grown = (): Tile[] => {
    const tiles = [...changed.values()];
    changed.clear();
    return tiles;
  };
  return { complete, grown };
}

function missing(log: string, seq: number): VaultError {
  return new VaultError('integrity', `event ${seq} of the log of ${log} is missing`);
}
