// The files of an exported log in a folder (C2SP tlog-tiles): bundles in order, tiles, checkpoints.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { FoundCheckpoint } from '../../model/log/published/published-check.ts';
import { readTilePath, TILE_WIDTH, type TilePlace, tilePath } from '../../model/log/tree/tiles.ts';
import { codeOfUnreadable } from '../support/read-text.ts';

/** An event's bytes and its index, which the place in the folder says. */
export type PlacedLeaf = { readonly index: number; readonly leaf: Uint8Array };

export type ExportFolder = {
  /** The text of the newest checkpoint. */
  readonly head: string;
  /** The events in order; what is missing is missing. */
  readonly leaves: () => Generator<PlacedLeaf>;
  /** The bytes of one event; null where the folder does not have it. Keeps the last bundle: ask in order. */
  readonly leaf: (index: number) => Uint8Array | null;
  /** The sizes that `checkpoints/` has files for. */
  readonly sizes: readonly number[];
  readonly checkpoint: (size: number) => FoundCheckpoint;
  /** The text of a version of the policy; null where the folder does not have it. */
  readonly policy: (id: string) => Uint8Array | null;
  /** The files of a tile, whole and partial. */
  readonly tile: (place: TilePlace) => { readonly width: number; readonly bytes: Uint8Array }[];
};

/** Opens an export. Throws `malformed` where the folder has no checkpoint or no bundles, or cannot be read. */
export function openExport(folder: string): ExportFolder {
  const head = readBytes(join(folder, 'checkpoint')).toString();
  const bundles = bundlesIn(folder);
  if (bundles.size === 0) throw new VaultError('malformed', `${folder} has no tile/entries`);
  const bundle = (index: number, width: number | null): Generator<PlacedLeaf> =>
    leavesOf(
      width === null ? new Uint8Array() : readBytes(join(folder, tilePath('entries', index, width))),
      index * TILE_WIDTH,
    );
  let last: { readonly at: number | null; readonly leaves: readonly PlacedLeaf[] } = { at: null, leaves: [] };
  return {
    head,
    leaves: function* () {
      for (const [index, width] of [...bundles].sort(([a], [b]) => a - b)) yield* bundle(index, width);
    },
    leaf: (wanted) => {
      const at = Math.floor(wanted / TILE_WIDTH);
      if (at !== last.at) last = { at, leaves: [...bundle(at, bundles.get(at) ?? null)] };
      return last.leaves.find(({ index }) => index === wanted)?.leaf ?? null;
    },
    sizes: namesIn(join(folder, 'checkpoints'))
      .filter((name) => /^(0|[1-9]\d{0,14})$/.test(name))
      .map(Number),
    checkpoint: (size) => {
      const file = `checkpoints/${size}`;
      return { file, size, note: readBytes(join(folder, file)).toString() };
    },
    policy: (id) => {
      const path = join(folder, 'policies', `${id}.json`);
      // The id is from an event: it must not name another folder.
      return isId(id, 'pol') && existsSync(path) ? readBytes(path) : null;
    },
    tile: ({ level, index }) => {
      const whole = tilePath(level, index, TILE_WIDTH);
      const partial = namesIn(join(folder, `${whole}.p`)).map((name) => `${whole}.p/${name}`);
      const paths = existsSync(join(folder, whole)) ? [whole, ...partial] : partial;
      return paths.flatMap((path) => {
        const named = readTilePath(path);
        return named === null ? [] : [{ width: named.width, bytes: readBytes(join(folder, path)) }];
      });
    },
  };
}

/** A checkpoint that a reader kept in a file. */
export function readKept(file: string): { readonly file: string; readonly note: string } {
  return { file: basename(file), note: readBytes(file).toString() };
}

/** The widest bundle of each index. */
function bundlesIn(folder: string): Map<number, number> {
  const bundles = new Map<number, number>();
  const root = join(folder, 'tile', 'entries');
  const names = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  for (const name of names) {
    const named = readTilePath(`tile/entries/${name.replaceAll('\\', '/')}`);
    if (named === null) continue;
    bundles.set(named.index, Math.max(named.width, bundles.get(named.index) ?? 0));
  }
  return bundles;
}

/** The entries of a bundle, 256 at most. One that is cut is yielded cut: it is no event. */
function* leavesOf(bundle: Uint8Array, first: number): Generator<PlacedLeaf> {
  for (let [index, at] = [first, 0]; at < bundle.length && index < first + TILE_WIDTH; index++) {
    const length = ((bundle[at] ?? 0) << 8) + (bundle[at + 1] ?? 0);
    yield { index, leaf: bundle.subarray(at + 2, at + 2 + length) };
    at += 2 + length;
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new VaultError('malformed', `${path} cannot be read (${codeOfUnreadable(cause)})`, { cause });
  }
}
