// Length of Ogg (RFC 3533) files with Vorbis, Opus, Speex or FLAC, from page headers.
import { type Container, MAX_WINDOW, peek, type SoundFacts, type Step, type Steps, skip } from './container-reader.ts';
import { FIRST_PACKET_WINDOW, type OggCodec, opusSamples, readOggCodec } from './ogg-codecs.ts';

/** Size of a page header without segment table, and with the longest one. */
const HEAD = 27;
const MOST_HEAD = HEAD + 255;
const CAPTURE = Buffer.from('OggS\0', 'latin1');
const CAPTURED = CAPTURE.readUInt32BE(0);
const NONE = Buffer.alloc(0);
/** Maximum bytes outside pages; beyond it the length is unknown. */
const MAX_GARBAGE = 65_536;

/** One logical audio stream, as far as its pages have arrived. */
type Stream = {
  readonly serial: number;
  readonly codec: OggCodec;
  /** Whether a page after the first has arrived. */
  followed: boolean;
  /** The position of its first sample; null until a page has it, `unknown` where that page does not. */
  start: number | 'unknown' | null;
  /** The position after the last sample of the last page. */
  end: number | null;
};

/**
 * An Ogg parser. Of concurrent streams the first audio stream counts; consecutive streams add up. The position on the
 * last whole page gives the length.
 */
export function ogg(): Container {
  let stream: Stream | null = null;
  let channels: number | null = null;
  let before: number | null = 0;
  let lost = 0;

  const begin = (serial: number, codec: OggCodec): void => {
    // A second audio stream before any data page is a concurrent track.
    if (stream !== null && !stream.followed) return;
    if (stream !== null) before = addLength(before, stream);
    channels ??= codec.channels;
    stream = { serial, codec, followed: false, start: null, end: null };
  };

  return {
    steps: function* (): Steps {
      let view = yield peek(MAX_WINDOW);
      // Offset of the next page in the view. A view holds many pages, so that small ones need no step each.
      let at = 0;
      for (;;) {
        if (view.length - at < MOST_HEAD && at > 0) {
          view = yield skip(at, MAX_WINDOW);
          at = 0;
        }
        if (view.length - at < HEAD) return;
        if (view.readUInt32BE(at) !== CAPTURED || view[at + 4] !== 0) {
          const passed = bytesBeforePage(view.subarray(at));
          lost += passed;
          if (lost > MAX_GARBAGE) return;
          at += passed;
          continue;
        }
        const bytes = HEAD + (view[at + 26] as number);
        if (view.length - at < bytes) return;
        const granule = view.readInt32LE(at + 10) * 2 ** 32 + view.readUInt32LE(at + 6);
        const [flags, serial] = [view[at + 5] as number, view.readUInt32LE(at + 14)];
        let body = 0;
        for (let size = at + HEAD; size < at + bytes; size++) body += view[size] as number;
        if ((flags & 0x02) !== 0) {
          if (at > 0) view = yield skip(at, MAX_WINDOW);
          const codec = readOggCodec(view.subarray(bytes, bytes + Math.min(body, FIRST_PACKET_WINDOW)));
          if (codec !== null) begin(serial, codec);
          view = yield skip(bytes + body, MAX_WINDOW);
          at = 0;
          continue;
        }
        const mine: Stream | null = stream !== null && stream.serial === serial ? stream : null;
        let left = at + bytes + body;
        if (mine !== null) {
          mine.followed = true;
          // Headers have position 0, and a page on which no packet ends has −1.
          if (granule > 0 && mine.start === null) {
            const sizes = Buffer.from(view.subarray(at + HEAD, at + bytes));
            yield skip(at + bytes);
            mine.start = startOf(granule, mine.codec, yield* samplesOn(sizes, flags, mine.codec));
            left = mine.codec.packet === null ? 0 : body;
            view = NONE;
          }
        }
        if (left < view.length) at = left;
        else {
          view = yield skip(left, MAX_WINDOW);
          at = 0;
        }
        // Only now the page is complete.
        if (mine !== null && granule >= 0) mine.end = granule;
      }
    },
    sound: (): SoundFacts => {
      const milliseconds = stream === null || lost > MAX_GARBAGE ? null : addLength(before, stream);
      return { milliseconds, channels };
    },
  };
}

/** Adds the length of a stream in milliseconds. */
function addLength(before: number | null, { codec, start, end }: Stream): number | null {
  if (before === null || end === null || typeof start !== 'number' || end < start) return null;
  return before + (Math.max(0, end - start - codec.preSkip) * 1000) / codec.rate;
}

/** Number of bytes in a window before the next page, as far as it shows. */
function bytesBeforePage(window: Buffer): number {
  const found = window.indexOf(CAPTURE, 1);
  // The last bytes may be the beginning of a page.
  return found > 0 ? found : Math.max(1, window.length - CAPTURE.length);
}

/**
 * Start position of a stream: the end of its first audio page minus the samples on it. A file cut from a live stream
 * does not begin at 0.
 */
function startOf(granule: number, { exact }: OggCodec, samples: number | null): number | 'unknown' {
  if (samples === null) return 'unknown';
  const start = granule - samples;
  return start <= 0 ? 0 : exact ? start : 'unknown';
}

/** Adds up the samples of a page by its segment sizes. Takes the body where packets must be inspected. */
function* samplesOn(sizes: Buffer, flags: number, codec: OggCodec): Generator<Step, number | null, Buffer> {
  if (codec.packet !== null) return codec.packet * sizes.reduce((packets, size) => packets + (size < 255 ? 1 : 0), 0);
  // The beginning of a packet continued from the previous page is unknown.
  let samples: number | null = (flags & 0x01) === 0 ? 0 : null;
  let left = sizes.reduce((sum, size) => sum + size, 0);
  let view: Buffer = Buffer.alloc(0);
  // Offset of the next packet in the view; a view holds many, so that small ones need no step each.
  let at = 0;
  let size = 0;
  for (const segment of sizes) {
    size += segment;
    if (segment === 255) continue;
    if (at + Math.min(size, 2) > view.length) {
      view = yield skip(at, Math.min(left - at, MAX_WINDOW));
      left -= at;
      at = 0;
    }
    const packet = opusSamples(view.subarray(at, at + size));
    if (samples === null || packet === null) {
      samples = null;
      break;
    }
    samples += packet;
    at += size;
    size = 0;
  }
  yield skip(left);
  return samples;
}
