// Reads a stream of pieces of any size in steps of our own, without copying where a step lies in one piece.

/** A cursor over a stream. */
export type ByteCursor = {
  /** Exactly `n` bytes, or fewer where the stream ended before. They are the caller's until the next `take`. */
  readonly take: (n: number) => Promise<Uint8Array>;
  /** The same without waiting, where they lie in the current piece; else null, and `take` is to be asked. */
  readonly ready: (n: number) => Uint8Array | null;
  /** Whether nothing follows. */
  readonly atEnd: () => Promise<boolean>;
  /** Lets go of the stream. */
  readonly close: () => Promise<void>;
};

/** A cursor at the start of `source`. A step that lies across pieces is put together in one buffer, used again. */
export function byteCursor(source: AsyncIterable<Uint8Array>): ByteCursor {
  const pieces = source[Symbol.asyncIterator]();
  let piece: Uint8Array = new Uint8Array(0);
  let at = 0;
  let across = Buffer.alloc(0);

  const more = async (): Promise<boolean> => {
    while (at === piece.length) {
      const next = await pieces.next();
      if (next.done === true) return false;
      piece = next.value;
      at = 0;
    }
    return true;
  };

  const ready = (n: number): Uint8Array | null => {
    if (piece.length - at < n) return null;
    at += n;
    return piece.subarray(at - n, at);
  };

  const take = async (n: number): Promise<Uint8Array> => {
    let filled = 0;
    for (;;) {
      const whole = filled === 0 ? ready(n) : null;
      if (whole !== null) return whole;
      if (across.length < n) across = Buffer.alloc(n);
      const taken = Math.min(n - filled, piece.length - at);
      across.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === n) return across.subarray(0, n);
      const next = await pieces.next();
      if (next.done === true) return across.subarray(0, filled);
      piece = next.value;
      at = 0;
    }
  };

  return {
    take,
    ready,
    atEnd: async () => !(await more()),
    close: async () => {
      await pieces.return?.();
    },
  };
}
