// The tiles of a tree as it grows, from its hashes.
import type { Node } from './edge.ts';
import { HASH_BYTES, TILE_HEIGHT, TILE_WIDTH } from './tiles.ts';

/** A row of a tile, from the events: whole, or the last of its level. */
export type TileRow = { readonly level: number; readonly index: number; readonly hashes: Uint8Array };

/**
 * Collects the hashes of each level into rows: of leaves by `add`, of the levels above by `complete`, from an edge. `takeWhole`
 * returns the rows that became whole since it was last called, `rest` those that are not.
 */
export function tileRows() {
  const levels: { index: number; count: number; hashes: Uint8Array }[] = [];
  let done: TileRow[] = [];
  const push = (level: number, hash: Uint8Array): void => {
    levels[level] ??= { index: 0, count: 0, hashes: new Uint8Array(TILE_WIDTH * HASH_BYTES) };
    const row = levels[level];
    row.hashes.set(hash, row.count * HASH_BYTES);
    row.count++;
    if (row.count < TILE_WIDTH) return;
    done.push({ level, index: row.index, hashes: row.hashes });
    levels[level] = { index: row.index + 1, count: 0, hashes: new Uint8Array(TILE_WIDTH * HASH_BYTES) };
  };
  return {
    add: (hash: Uint8Array): void => push(0, hash),
    complete: ({ height }: Node, hash: Uint8Array): void => {
      if (height % TILE_HEIGHT === 0) push(height / TILE_HEIGHT, hash);
    },
    takeWhole: (): TileRow[] => {
      const taken = done;
      done = [];
      return taken;
    },
    rest: (): TileRow[] =>
      levels.flatMap(({ index, count, hashes }, level) =>
        count === 0 ? [] : [{ level, index, hashes: hashes.subarray(0, count * HASH_BYTES) }],
      ),
  };
}
