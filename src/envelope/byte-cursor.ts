// Cursor that reads a stream in steps of any size and copies only where a step crosses two pieces.

/** A cursor over a stream. */
export type ByteCursor = {
  /** Returns exactly `n` bytes, or fewer at the end of the stream. The caller may use them until the next `take`. */
  readonly take: (n: number) => Promise<Uint8Array>;
  /** The same without waiting, if the current piece contains them; null means: call `take`. */
  readonly ready: (n: number) => Uint8Array | null;
  /** Whether the stream has ended. */
  readonly atEnd: () => Promise<boolean>;
  /** Cancels the stream. */
  readonly close: () => Promise<void>;
};

/** Opens a cursor at the start of `source`. A step that crosses pieces is assembled in one reused buffer. */
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
