// A log as it was sealed last, for readers: its newest checkpoint, and the tiles and entry bundles below it (C2SP tlog-tiles).
import { equalBytes } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import { leafHash, type StoredEvent } from '../../model/audit-event.ts';
import type { Checkpoint } from '../../model/log/checkpoint.ts';
import { writeEntries } from '../../model/log/entries.ts';
import { HASH_BYTES, readTilePath, TILE_WIDTH, type TilePlace, tileWidth } from '../../model/log/tree/tiles.ts';
import type { Rows } from '../../ports/database.ts';
import type { Seal } from '../../ports/rows/seal-rows.ts';
import type { Vault } from '../core/vault.ts';
import { trustedCheckpoint } from './published.ts';
import { signatureError } from './signer-of-logs.ts';

type Deps = Pick<Vault, 'settings' | 'signer'>;
type TreeRows = Pick<Rows, 'log' | 'seals'>;

/** The newest checkpoint of a log, and the note that it was read from. */
export type SealedLog = { readonly checkpoint: Checkpoint; readonly note: string };

/** The bytes of a tile or a bundle; `full` where they never change. */
export type ServedTile = { readonly bytes: Uint8Array; readonly full: boolean };

/**
 * The newest checkpoint of a log, verified. Throws `not_sealed` where there is none yet, `not_available` in a process
 * without CALLVAULT_SIGNER, and as `signatureError` where none of its keys signed it for this log.
 */
export async function sealedLog(vault: Deps, rows: Pick<Rows, 'seals'>, log: string): Promise<SealedLog> {
  const seal = await rows.seals.newest(log);
  if (seal === null) throw notSealed(vault, 'the log');
  return { checkpoint: openSeal(vault, log, seal), note: seal.note };
}

/** The error about a log, or an event, that no checkpoint covers yet. */
export function notSealed({ settings, signer }: Deps, what: string): VaultError {
  if (signer === null) return withoutSigner();
  const retryAfter = settings.sealSeconds;
  return new VaultError('not_sealed', `${what} has no checkpoint yet: try again in ${retryAfter} s`, { retryAfter });
}

function openSeal({ settings, signer }: Deps, log: string, { size, note }: Seal): Checkpoint {
  if (signer === null) throw withoutSigner();
  const checkpoint = trustedCheckpoint(note, { origin: settings.origin, log, signer });
  if (checkpoint?.size === size) return checkpoint;
  throw signatureError(note, { origin: settings.origin, log, signer });
}

function withoutSigner(): VaultError {
  return new VaultError('not_available', 'this process seals and proves no logs: CALLVAULT_SIGNER is not set');
}

/**
 * The tile or bundle of this path, such as `0/x001/234` or `entries/000.p/12`, in a log that was sealed at `size`; null
 * where the sealed log has none, or fewer hashes. Tiles above the events are as stored: readers verify them. Throws
 * `integrity` for a missing row, and for an event that does not have its hash.
 */
export async function readServedTile(
  rows: TreeRows,
  log: string,
  size: number,
  path: string,
): Promise<ServedTile | null> {
  const named = readTilePath(`tile/${path}`);
  if (named === null) return null;
  const { index, width } = named;
  const level = named.level === 'entries' ? 0 : named.level;
  if (tileWidth({ level, index }, size) < width) return null;
  const full = width === TILE_WIDTH;
  if (level > 0) return { bytes: await storedTile(rows, log, { level, index }, width), full };
  const events = await eventsOfTile(rows, log, index, width);
  for (const event of events) requireHash(event);
  const bytes =
    named.level === 'entries'
      ? writeEntries(events.map(({ leaf }) => leaf))
      : Buffer.concat(events.map(({ hash }) => hash));
  return { bytes, full };
}

/** The first `width` hashes of a tile: of level 0 from the events, of others from their rows. Nothing is verified. */
export async function readTile(rows: TreeRows, log: string, place: TilePlace, width: number): Promise<Uint8Array> {
  if (place.level > 0) return storedTile(rows, log, place, width);
  return Buffer.concat((await eventsOfTile(rows, log, place.index, width)).map(({ hash }) => hash));
}

/** Throws `integrity` for an event whose hash is not that of its bytes. */
export function requireHash({ seq, leaf, hash }: StoredEvent): void {
  if (equalBytes(leafHash(leaf), hash)) return;
  throw new VaultError('integrity', `event ${seq} of this log does not have its hash`);
}

async function storedTile(
  rows: Pick<Rows, 'seals'>,
  log: string,
  { level, index }: TilePlace,
  width: number,
): Promise<Uint8Array> {
  const hashes = await rows.seals.tile(log, level, index);
  if (hashes !== null && hashes.length >= width * HASH_BYTES) return hashes.subarray(0, width * HASH_BYTES);
  throw new VaultError('integrity', `a tile of this log is missing`);
}

async function eventsOfTile(
  rows: Pick<Rows, 'log'>,
  log: string,
  index: number,
  width: number,
): Promise<StoredEvent[]> {
  const first = index * TILE_WIDTH;
  const events = await rows.log.events(log, first, width);
  if (events.length === width && events.every(({ seq }, n) => seq === first + n)) return events;
  throw new VaultError('integrity', `events from ${first} of this log are missing`);
}
