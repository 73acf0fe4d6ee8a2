// The sizes of a piece and of one second of a call, in bytes.
import { isPlaced, UNPLACED_RATE } from '../../model/served-ranges.ts';

const LEAST_PIECE = 65_536;
const MOST_PIECE = 4_194_304;
const PIECE_SECONDS = 30;

/** The size of a piece: 30 seconds of the recording, at least 64 KiB, at most 4 MiB. */
export function pieceSize(size: number, durationMs: number | null): number {
  const bytes = isPlaced(durationMs) ? Math.ceil(((size * 1_000) / durationMs) * PIECE_SECONDS) : LEAST_PIECE;
  return Math.min(Math.max(bytes, LEAST_PIECE), MOST_PIECE);
}

/**
 * Bytes per second of the call, so limited that 64 KiB are never more than 30 seconds. Where the length is unknown or 0, four
 * times the rate, the pace, still plays MP3 of 256 kbit/s.
 */
export function bytesPerSecond(size: number, durationMs: number | null): number {
  const rate = isPlaced(durationMs) ? (size * 1_000) / durationMs : UNPLACED_RATE;
  return Math.max(rate, LEAST_PIECE / PIECE_SECONDS);
}

/** Milliseconds of a call by that rate, of the milliseconds that were served by its length. */
export function playedTime(playedMs: number, size: number, durationMs: number | null): number {
  if (!isPlaced(durationMs)) return playedMs;
  return (playedMs * size) / durationMs / (bytesPerSecond(size, durationMs) / 1_000);
}
