// Splitter of an Ogg stream (RFC 3533) into whole pages.

/** One page. Its views are valid until the next one. */
export type OggPage = {
  readonly serial: number;
  /** The position after the last packet that ends on it; null where none does. */
  readonly granule: number | null;
  /** Whether it begins with the rest of the previous page's last packet. */
  readonly continued: boolean;
  readonly first: boolean;
  readonly last: boolean;
  /** Segment lengths. A packet ends with a segment of fewer than 255 bytes. */
  readonly sizes: Uint8Array;
  readonly body: Buffer;
};

const HEAD = 27;
const MOST_PAGE = HEAD + 255 + 255 * 255;
const CAPTURE = Buffer.from('OggS\0', 'latin1');
/** Maximum bytes outside pages. */
const MAX_GARBAGE = 65_536;

/** Emits each complete page. Buffers two of the longest pages; throws after 64 KiB outside pages. */
export function oggPages(take: (page: OggPage) => void) {
  const held = Buffer.alloc(2 * MOST_PAGE);
  let from = 0;
  let to = 0;
  let lost = 0;

  /** Skips bytes before the next page. */
  const search = (view: Buffer): void => {
    const found = view.indexOf(CAPTURE, 1);
    // The last bytes may be the beginning of a page.
    const passed = found > 0 ? found : Math.max(1, view.length - CAPTURE.length + 1);
    lost += passed;
    from += passed;
    if (lost > MAX_GARBAGE) throw new Error('too many bytes outside pages');
  };

  const drain = (): void => {
    while (to - from >= HEAD) {
      const view = held.subarray(from, to);
      if (!view.subarray(0, CAPTURE.length).equals(CAPTURE)) {
        search(view);
        continue;
      }
      const body = HEAD + view.readUInt8(26);
      if (view.length < body) return;
      const sizes = view.subarray(HEAD, body);
      let end = body;
      for (const size of sizes) end += size;
      if (view.length < end) return;
      const flags = view.readUInt8(5);
      const granule = view.readInt32LE(10) * 2 ** 32 + view.readUInt32LE(6);
      take({
        serial: view.readUInt32LE(14),
        granule: granule < 0 ? null : granule,
        continued: (flags & 1) !== 0,
        first: (flags & 2) !== 0,
        last: (flags & 4) !== 0,
        sizes,
        body: view.subarray(body, end),
      });
      from += end;
    }
  };

  return {
    push: (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length; ) {
        if (to === held.length) {
          // Less than a page is left: each byte is moved at most once.
          held.copyWithin(0, from, to);
          to -= from;
          from = 0;
        }
        const some = bytes.subarray(at, at + held.length - to);
        held.set(some, to);
        to += some.length;
        at += some.length;
        drain();
      }
    },
    /** Zeroes its buffer. */
    clear: (): void => void held.fill(0),
  };
}
