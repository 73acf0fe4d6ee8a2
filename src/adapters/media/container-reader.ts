// A push reader of one container: the parser asks for a few bytes at a time, and the bytes may be cut anywhere.

/** What a container says of its sound. A length that cannot be told is null. */
export type SoundFacts = { readonly milliseconds: number | null; readonly channels: number | null };

/**
 * What a parser wants next: to skip bytes, and then to see some without taking them. It goes on once all of the skipped
 * bytes came. At the end of the file it sees fewer bytes than it asked for.
 */
export type Step = { readonly skip: number; readonly peek: number };

/** A parser of one file. A view that it is shown is good until its next step only. */
export type Steps = Generator<Step, void, Buffer>;

/** A parser and what it has found so far. */
export type Container = { readonly steps: () => Steps; readonly sound: () => SoundFacts };

export type ContainerReader = {
  /** The next bytes, in order. Time grows with their number, memory does not. */
  readonly push: (bytes: Uint8Array) => void;
  /** What was found. Call it once, after the last byte. */
  readonly finish: () => SoundFacts;
};

/** How many bytes a parser may see at once. */
export const MAX_WINDOW = 8_192;

/** Reads a container by its parser. Holds at most twice `MOST_SEEN` bytes of the file. */
export function readContainer({ steps, sound }: Container): ContainerReader {
  const parser = steps();
  let step = parser.next();
  let skip = step.done === true ? 0 : step.value.skip;
  // Bytes that came and are neither skipped nor shown yet: `held` from `from` to `to`.
  const held = Buffer.alloc(2 * MAX_WINDOW);
  let from = 0;
  let to = 0;

  const show = (view: Buffer): void => {
    step = parser.next(view);
    skip = step.done === true ? 0 : step.value.skip;
  };
  /** Copies bytes behind those that are held. Moves these only once half of the room was used up. */
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
        // Held bytes that all came just now are read where they are, without a copy.
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
      // A parser that goes on at the end without taking a byte would never end.
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

/** Shows a parser so many bytes. */
export function peek(bytes: number): Step {
  return { skip: 0, peek: bytes };
}

/** Skips bytes, and then shows so many. */
export function skip(bytes: number, then = 0): Step {
  return { skip: bytes, peek: then };
}
