// MP3 and its relatives: the length by counting frames as they come, of constant and of variable bit rate alike.
import { type Container, MAX_WINDOW, peek, type SoundFacts, type Steps, skip } from './container-reader.ts';
import { MAX_FRAME_BYTES, type MpegFrame, readMpegFrame } from './mpeg-frame.ts';

/** How many bytes without a frame are looked through before the length is given up. */
const MAX_GARBAGE = 65_536;
/** What a header in the first frame needs: Xing with all its fields and the delays that LAME adds. */
const FIRST_SEEN = 192;

/** What a Xing or Info header tells: how many frames follow, and how many samples at both ends are not played. */
type Gapless = { readonly frames: number; readonly delay: number; readonly padding: number };

/** An MP3. What its headers claim of its length does not count: whole frames do. */
export function mp3(): Container {
  let frame: MpegFrame | null = null;
  /** Whole frames since `frame` took effect, and milliseconds before that. */
  let frames = 0;
  let before = 0;
  let channels: number | null = null;
  let gapless: Gapless | null = null;
  let given = false;

  /** Takes a frame that was found by looking for it: what is counted from now on may be of another kind. */
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

/** Samples that are played. A file that was cut lost its padding first; one that goes on beyond its header is not trimmed. */
function playedSamples({ samples }: MpegFrame, frames: number, gapless: Gapless | null): number {
  if (gapless === null || frames > gapless.frames) return frames * samples;
  const { delay, padding } = gapless;
  return Math.max(0, Math.min(frames * samples, gapless.frames * samples - padding) - delay);
}

/** Whether a frame at this place is followed by two of its kind, as far as the window shows, or by a tag or the end. */
function isFollowedByFrames(window: Buffer, at: number, ends: boolean): boolean {
  const first = readMpegFrame(window, at);
  if (first === null) return false;
  let next = at + first.bytes;
  for (let n = 0; n < 2; n++) {
    // Only at the end of a file is a frame the last one that can be seen.
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

/** How many bytes of a tag begin here: ID3v2, ID3v1, or one end of an APE tag. Null where none does. */
function tagBytes(head: Buffer): number | null {
  const text = head.toString('latin1');
  if (text.startsWith('ID3') && head.length === 10) {
    const footer = (head.readUInt8(5) & 0x10) === 0 ? 0 : 10;
    const size = head.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    return 10 + size + footer;
  }
  if (text.startsWith('TAG')) return 128;
  // Its items look like text: none of their bytes begins a frame.
  return text.startsWith('APETAGEX') ? 32 : null;
}

function isXing(bytes: Buffer, at: number): boolean {
  return ['Xing', 'Info'].includes(bytes.toString('latin1', at, at + 4));
}

/** The header of the Fraunhofer encoder: always 32 bytes after that of the frame. */
function isVbri(bytes: Buffer): boolean {
  return bytes.toString('latin1', 36, 40) === 'VBRI';
}

/** The fields of a Xing header, and after them what LAME adds: 21 bytes, then two delays of 12 bits each. */
function readGapless(bytes: Buffer, at: number): Gapless | null {
  if (!isXing(bytes, at) || bytes.length < at + 8) return null;
  const flags = bytes.readUInt32BE(at + 4);
  if ((flags & 1) === 0) return null;
  const lame = at + 8 + 4 + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0);
  if (bytes.length < lame + 24) return null;
  // Without an encoder's name there are no delays.
  if (!/^(LAME|Lav[cf])/.test(bytes.toString('latin1', lame, lame + 4))) return null;
  const delays = bytes.readUIntBE(lame + 21, 3);
  return { frames: bytes.readUInt32BE(at + 8), delay: delays >>> 12, padding: delays & 0xfff };
}
