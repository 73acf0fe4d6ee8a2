// The sizes of a piece and of one second of a call, in bytes.

const LEAST_PIECE = 65_536;
const MOST_PIECE = 4_194_304;
const PIECE_SECONDS = 30;
/**
 * The rate of a call of unknown length: one channel of G.711. Four times that, the pace, still plays MP3 of 256 kbit/s.
 */
const UNKNOWN_RATE = 8_000;

/** The size of a piece: 30 seconds of the recording, at least 64 KiB, at most 4 MiB. */
export function pieceSize(size: number, durationMs: number | null): number {
  const seconds = (durationMs ?? 0) / 1000;
  const bytes = seconds > 0 ? Math.ceil((size / seconds) * PIECE_SECONDS) : LEAST_PIECE;
  return Math.min(Math.max(bytes, LEAST_PIECE), MOST_PIECE);
}

/** Bytes per second of the call, so limited that 64 KiB are never more than 30 seconds. */
export function bytesPerSecond(size: number, durationMs: number | null): number {
  const seconds = (durationMs ?? 0) / 1000;
  return Math.max(seconds > 0 ? size / seconds : UNKNOWN_RATE, LEAST_PIECE / PIECE_SECONDS);
}
