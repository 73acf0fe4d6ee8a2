// Queue of bytes to decode, in buffers of 64 KiB that can be transferred to another thread.

/** Size of a buffer. */
export const PIECE_BYTES = 65_536;

export type PieceQueue = {
  readonly add: (bytes: Uint8Array) => void;
  /** The next full buffer, or the last one once `all` is set. Ownership passes to the caller. */
  readonly take: (all: boolean) => ArrayBuffer | null;
  /** Overwrites and discards the queue. */
  readonly clear: () => void;
};

/** Creates an empty queue. */
export function pieceQueue(): PieceQueue {
  let whole: ArrayBuffer[] = [];
  let last = new Uint8Array(0);
  let filled = 0;
  return {
    add: (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        if (filled === last.length) {
          last = new Uint8Array(PIECE_BYTES);
          filled = 0;
        }
        const some = bytes.subarray(at, at + last.length - filled);
        last.set(some, filled);
        filled += some.length;
        at += some.length;
        if (filled < PIECE_BYTES) continue;
        whole.push(last.buffer);
        last = new Uint8Array(0);
        filled = 0;
      }
    },
    take: (all) => {
      const next = whole.shift();
      if (next !== undefined) return next;
      if (!all || filled === 0) return null;
      const rest = last.buffer.slice(0, filled);
      last.fill(0);
      last = new Uint8Array(0);
      filled = 0;
      return rest;
    },
    clear: () => {
      for (const piece of whole) new Uint8Array(piece).fill(0);
      last.fill(0);
      whole = [];
      last = new Uint8Array(0);
      filled = 0;
    },
  };
}
