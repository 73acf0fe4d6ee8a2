// Length of MP3 and the other MPEG audio layers, by counting frames: constant and variable bit rate alike.
import { type Container, MAX_WINDOW, peek, type SoundFacts, type Steps, skip } from './container-reader.ts';
import { MAX_FRAME_BYTES, type MpegFrame, readMpegFrame } from './mpeg-frame.ts';

/** Maximum number of bytes without a frame; beyond it the length is unknown. */
const MAX_GARBAGE = 65_536;
/** Bytes needed of the first frame: a Xing header with all fields and the delays that LAME adds. */
const FIRST_SEEN = 192;

/** Content of a Xing or Info header: the number of frames, and the samples trimmed at both ends. */
type Gapless = { readonly frames: number; readonly delay: number; readonly padding: number };

/** An MP3 parser. It counts whole frames and ignores the length that headers claim. */
export function mp3(): Container {
  let frame: MpegFrame | null = null;
  /** Whole frames since `frame` took effect, and milliseconds before that. */
  let frames = 0;
  let before = 0;
  let channels: number | null = null;
  let gapless: Gapless | null = null;
  let given = false;

  /** Sets the frame kind after a resync: the following frames may be of another kind. */
  function* takeFound(found: MpegFrame): Steps {
    if (frame === null) {
      channels = found.channels;
      const bytes = yield peek(Math.min(found.bytes, FIRST_SEEN));
      if (bytes.length < Math.min(found.bytes, FIRST_SEEN)) return;
      frame = found;
      if (isVbri(bytes) || isXing(bytes, found.xingAt)) {
        gapless = readGapless(bytes, found.xingAt);
        yield skip(found.bytes);
        return;
      }
    } else if (frame.kind !== found.kind) {
      before += lengthOf(frame, frames);
      frames = 0;
      frame = found;
      gapless = null;
    }
    yield skip(found.bytes);
    frames++;
  }

  function* find(): Steps {
    for (let lost = 0; ; ) {
      const window = yield peek(MAX_WINDOW);
      const ends = window.length < MAX_WINDOW;
      const last = ends ? window.length - 4 : MAX_WINDOW - 2 * MAX_FRAME_BYTES - 4;
      let at = window.indexOf(0xff);
      while (at >= 0 && at <= last && !isFollowedByFrames(window, at, ends)) at = window.indexOf(0xff, at + 1);
      if (at >= 0 && at <= last) {
        const found = readMpegFrame(window, at);
        yield skip(at);
        if (found !== null) yield* takeFound(found);
        return;
      }
      if (ends) {
        yield skip(window.length);
        return;
      }
      lost += last + 1;
      if (lost > MAX_GARBAGE) {
        given = true;
        return;
      }
      yield skip(last + 1);
    }
  }

  return {
    steps: function* (): Steps {
      let head = yield peek(10);
      while (head.length >= 4 && !given) {
        const next: MpegFrame | null = readMpegFrame(head);
        if (next !== null && next.kind === frame?.kind) {
          head = yield skip(next.bytes, 10);
          frames++;
          continue;
        }
        const tag: number | null = tagBytes(head);
        if (tag === null) yield* find();
        else yield skip(tag);
        head = yield peek(10);
      }
    },
    sound: (): SoundFacts => {
      if (frame === null || given) return { milliseconds: null, channels };
      return { milliseconds: before + (playedSamples(frame, frames, gapless) * 1000) / frame.rate, channels };
    },
  };
}

function lengthOf({ samples, rate }: MpegFrame, frames: number): number {
  return (frames * samples * 1000) / rate;
}

/** Played samples. A truncated file lost its padding; a file longer than its header claims is not trimmed. */
function playedSamples({ samples }: MpegFrame, frames: number, gapless: Gapless | null): number {
  if (gapless === null || frames > gapless.frames) return frames * samples;
  const { delay, padding } = gapless;
  return Math.max(0, Math.min(frames * samples, gapless.frames * samples - padding) - delay);
}

/** Whether two frames of its kind follow a frame, as far as the window shows, or a tag or the end. */
function isFollowedByFrames(window: Buffer, at: number, ends: boolean): boolean {
  const first = readMpegFrame(window, at);
  if (first === null) return false;
  let next = at + first.bytes;
  for (let n = 0; n < 2; n++) {
    // A last frame counts only at the end of a file.
    if (next + 4 > window.length) return n > 0 || (ends && next <= window.length);
    if (isTag(window, next)) return true;
    const frame = readMpegFrame(window, next);
    if (frame === null || frame.kind !== first.kind) return false;
    next += frame.bytes;
  }
  return true;
}

function isTag(bytes: Buffer, at = 0): boolean {
  return ['ID3', 'TAG', 'APE', 'LYR'].includes(bytes.toString('latin1', at, at + 3));
}

/** Length of a tag that begins here: ID3v2, ID3v1, or one end of an APE tag. Null where there is none. */
function tagBytes(head: Buffer): number | null {
  const text = head.toString('latin1');
  if (text.startsWith('ID3') && head.length === 10) {
    const footer = (head.readUInt8(5) & 0x10) === 0 ? 0 : 10;
    const size = head.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    return 10 + size + footer;
  }
  if (text.startsWith('TAG')) return 128;
  // Its items are text: no byte of them looks like a frame.
  return text.startsWith('APETAGEX') ? 32 : null;
}

function isXing(bytes: Buffer, at: number): boolean {
  return ['Xing', 'Info'].includes(bytes.toString('latin1', at, at + 4));
}

/** The Fraunhofer encoder's header: always 32 bytes after the frame header. */
function isVbri(bytes: Buffer): boolean {
  return bytes.toString('latin1', 36, 40) === 'VBRI';
}

/** Parses a Xing header and the fields LAME adds: 21 bytes, then two delays of 12 bits each. */
function readGapless(bytes: Buffer, at: number): Gapless | null {
  if (!isXing(bytes, at) || bytes.length < at + 8) return null;
  const flags = bytes.readUInt32BE(at + 4);
  if ((flags & 1) === 0) return null;
  const lame = at + 8 + 4 + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0);
  if (bytes.length < lame + 24) return null;
  // Without an encoder name there are no delays.
  if (!/^(LAME|Lav[cf])/.test(bytes.toString('latin1', lame, lame + 4))) return null;
  const delays = bytes.readUIntBE(lame + 21, 3);
  return { frames: bytes.readUInt32BE(at + 8), delay: delays >>> 12, padding: delays & 0xfff };
}
