// Push reader of one container: a parser requests a few bytes at a time from a stream of arbitrary pieces.

/** What a container says of its sound. An unknown length is null. */
export type SoundFacts = { readonly milliseconds: number | null; readonly channels: number | null };

/**
 * A parser's next request: bytes to skip, and then bytes to see without consuming them. It continues once all skipped
 * bytes have arrived. At the end of the file it sees fewer bytes than requested.
 */
export type Step = { readonly skip: number; readonly peek: number };

/** A parser of one file. A view is valid until the parser's next step. */
export type Steps = Generator<Step, void, Buffer>;

/** A parser and its findings so far. */
export type Container = { readonly steps: () => Steps; readonly sound: () => SoundFacts };

export type ContainerReader = {
  /** Takes the next bytes, in order, in linear time and constant memory. */
  readonly push: (bytes: Uint8Array) => void;
  /** The findings. Call it once, after the last byte. */
  readonly finish: () => SoundFacts;
};

/** Maximum number of bytes a parser may see at once. */
export const MAX_WINDOW = 8_192;

/** Reads a container with its parser. Buffers at most twice `MOST_SEEN` bytes of the file. */
export function readContainer({ steps, sound }: Container): ContainerReader {
  const parser = steps();
  let step = parser.next();
  let skip = step.done === true ? 0 : step.value.skip;
  // Bytes that are neither skipped nor shown yet: `held` from `from` to `to`.
  const held = Buffer.alloc(2 * MAX_WINDOW);
  let from = 0;
  let to = 0;

  const show = (view: Buffer): void => {
    step = parser.next(view);
    skip = step.done === true ? 0 : step.value.skip;
  };
  /** Appends bytes to the buffered ones. Moves those only once half of the buffer is used up. */
  const hold = (bytes: Buffer): void => {
    if (to + bytes.length > held.length) {
      held.copyWithin(0, from, to);
      to -= from;
      from = 0;
    }
    held.set(bytes, to);
    to += bytes.length;
  };
  const skipHeld = (): void => {
    const skipped = Math.min(skip, to - from);
    from += skipped;
    skip -= skipped;
    if (from === to) from = to = 0;
  };

  return {
    push: (pushed) => {
      const bytes = Buffer.from(pushed.buffer, pushed.byteOffset, pushed.length);
      let at = 0;
      while (step.done !== true) {
        skipHeld();
        // If all unread bytes are in the current piece, the parser sees them there, without a copy.
        if (to - from <= at) {
          at -= to - from;
          from = to = 0;
        }
        const skipped = Math.min(skip, bytes.length - at);
        at += skipped;
        skip -= skipped;
        if (skip > 0) return;
        const { peek: see } = step.value;
        if (from === to && bytes.length - at >= see) {
          show(bytes.subarray(at, at + see));
          continue;
        }
        const taken = Math.min(Math.max(0, see - (to - from)), bytes.length - at);
        hold(bytes.subarray(at, at + taken));
        at += taken;
        if (to - from < see) return;
        show(held.subarray(from, from + see));
      }
    },
    finish: () => {
      // A parser that continues at the end without consuming a byte would never finish.
      for (let idle = 0; step.done !== true && idle < 8; idle++) {
        if (skip > 0) idle = 0;
        skipHeld();
        if (skip > 0) break;
        show(held.subarray(from, Math.min(to, from + step.value.peek)));
      }
      parser.return();
      held.fill(0);
      return sound();
    },
  };
}

/** Requests this many bytes. */
export function peek(bytes: number): Step {
  return { skip: 0, peek: bytes };
}

/** Skips bytes, then requests this many. */
export function skip(bytes: number, then = 0): Step {
  return { skip: bytes, peek: then };
}
