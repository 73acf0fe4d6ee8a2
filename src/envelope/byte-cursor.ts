// Reads a stream of pieces of any size in steps of our own, without copying where a step lies in one piece.

/** A cursor over a stream. */
export type ByteCursor = {
  /** Exactly `n` bytes, or fewer where the stream ended before. */
  readonly take: (n: number) => Promise<Uint8Array>;
  /** As many whole units as the current piece holds, at most `most`; at least one where the stream has it. */
  readonly takeUnits: (unit: number, most: number) => Promise<Uint8Array>;
  /** Whether nothing follows. */
  readonly atEnd: () => Promise<boolean>;
  /** Lets go of the stream. */
  readonly close: () => Promise<void>;
};

/** A cursor at the start of `source`. What it returned stays valid until the source's own pieces are reused. */
export function byteCursor(source: AsyncIterable<Uint8Array>): ByteCursor {
  const pieces = source[Symbol.asyncIterator]();
  let piece: Uint8Array = new Uint8Array(0);
  let at = 0;

  const more = async (): Promise<boolean> => {
    while (at === piece.length) {
      const next = await pieces.next();
      if (next.done === true) return false;
      piece = next.value;
      at = 0;
    }
    return true;
  };

  const take = async (n: number): Promise<Uint8Array> => {
    if (n > 0 && !(await more())) return new Uint8Array(0);
    if (piece.length - at >= n) {
      at += n;
      return piece.subarray(at - n, at);
    }
    const out = Buffer.alloc(n);
    let filled = 0;
    while (filled < n && (await more())) {
      const taken = Math.min(n - filled, piece.length - at);
      out.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
    return out.subarray(0, filled);
  };

  return {
    take,
    takeUnits: async (unit, most) => {
      await more();
      const whole = Math.min(most, Math.floor((piece.length - at) / unit));
      return take(Math.max(whole, 1) * unit);
    },
    atEnd: async () => !(await more()),
    close: async () => {
      await pieces.return?.();
    },
  };
}
