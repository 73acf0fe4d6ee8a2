// Length of MP4 and M4A (ISO/IEC 14496-12): of the first sound track, whole or in fragments, by walking the boxes.
import { type Container, peek, type SoundFacts, type Steps, skip } from './container-reader.ts';
import { BOX_WINDOW, readChannels, readOneTime, readScaled, readTrackHeader, type Scaled } from './mp4-boxes.ts';

/** A box's type: its four letters as a number. */
const boxCode = (type: string): number => Buffer.from(type, 'latin1').readUInt32BE();
/** Container boxes that are entered. */
const CONTAINER_BOXES = new Set(['moov', 'mvex', 'trak', 'mdia', 'minf', 'stbl', 'moof', 'traf'].map(boxCode));
/** Boxes that a complete file must have. */
const REQUIRED_BOXES = new Set(['moov', 'moof', 'mdat'].map(boxCode));
const [TRAK, TRUN, MDAT] = [boxCode('trak'), boxCode('trun'), boxCode('mdat')];
/** Maximum nesting; moov, trak, mdia, minf and stbl need it. */
const MAX_DEPTH = 8;
/** Maximum number of boxes; beyond it the length is unknown. */
const MOST_BOXES = 4_000_000;

type Track = { id: number; length: number | null; media: Scaled | null; isSound: boolean; channels: number | null };

/** The sum of a track's fragments. */
type Fragments = { start: number; end: number };

/** An MP4 or M4A parser for the length of the first sound track, whole or in fragments. */
export function mp4(): Container {
  let movie: Scaled | null = null;
  let track: Track | null = null;
  let current: Track = newTrack();
  let defaultLength = 0;
  let extendedLength: number | null = null;
  /** Complete fragments, and that of the last `moof`, whose samples are still to come. */
  let fragments: Fragments | null = null;
  let coming: Fragments | null = null;
  /** Whether a box of the movie or its samples was truncated. */
  let cut = false;
  let boxes = 0;

  /** The track of the current `traf`. */
  let fragment = { track: 0, at: null as number | null, sample: 0 };

  const read = new Map<number, (box: Buffer) => void>(
    Object.entries<(box: Buffer) => void>({
      mvhd: (box) => {
        movie = readScaled(box);
      },
      tkhd: (box) => {
        const header = readTrackHeader(box);
        if (header !== null) [current.id, current.length] = [header.id, header.length];
      },
      mdhd: (box) => {
        current.media = readScaled(box);
      },
      hdlr: (box) => {
        // QuickTime has a second `hdlr`, for the data.
        current.isSound ||= box.toString('latin1', 8, 12) === 'soun';
      },
      stsd: (box) => {
        current.channels = readChannels(box);
      },
      mehd: (box) => {
        extendedLength = readOneTime(box);
      },
      trex: (box) => {
        if (box.length >= 16 && box.readUInt32BE(4) === track?.id) defaultLength = box.readUInt32BE(12);
      },
      tfhd: (box) => {
        if (box.length < 8) return;
        const flags = box.readUIntBE(1, 3);
        const at = 8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0);
        const own = (flags & 0x08) !== 0 && box.length >= at + 4;
        fragment = { track: box.readUInt32BE(4), at: null, sample: own ? box.readUInt32BE(at) : defaultLength };
      },
      tfdt: (box) => {
        fragment.at = readOneTime(box);
      },
    }).map(([type, reader]) => [boxCode(type), reader]),
  );

  /** Adds samples with a total length of `length`. */
  const addRun = (length: number): void => {
    if (track === null || fragment.track !== track.id) return;
    const last = coming ?? fragments;
    const start = fragment.at ?? last?.end ?? 0;
    coming = { start: last?.start ?? start, end: Math.max(last?.end ?? 0, start + length) };
    fragment.at = start + length;
  };

  /** Parses a `trun`: a length per sample, or one for all. Takes the box's content. */
  function* run(header: number, length: number): Steps {
    const head = yield skip(header, Math.min(8, length));
    if (head.length < 8) {
      yield skip(length);
      return;
    }
    const flags = head.readUIntBE(1, 3);
    const count = head.readUInt32BE(4);
    if ((flags & 0x100) === 0) {
      yield skip(length);
      addRun(count * fragment.sample);
      return;
    }
    const first = 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
    const entry = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length;
    const listed = Math.min(count, Math.max(0, Math.floor((length - first) / entry)));
    yield skip(Math.min(first, length));
    const most = Math.floor(BOX_WINDOW / entry);
    let sum = 0;
    for (let done = 0; done < listed; done += most) {
      const bytes = Math.min(most, listed - done) * entry;
      const list = yield peek(bytes);
      if (list.length < bytes) return;
      for (let at = 0; at < bytes; at += entry) sum += list.readUInt32BE(at);
      yield skip(bytes);
    }
    yield skip(Math.max(0, length - first - listed * entry));
    addRun(sum);
  }

  /** Walks the boxes of the file: enters containers, reads or skips the others. */
  function* walk(): Steps {
    const holders: { readonly type: number; readonly end: number }[] = [];
    /** Start of the next box, and the consumed length of the file. */
    let at = 0;
    let taken = 0;
    let top = 0;
    while (boxes++ < MOST_BOXES) {
      const head = yield skip(at - taken, 16);
      taken = at;
      if (holders.length === 0) {
        // The previous box is complete.
        cut = false;
        if (top === MDAT && coming !== null) [fragments, coming] = [coming, null];
      }
      if (head.length < 8) return;
      const [small, type] = [head.readUInt32BE(0), head.readUInt32BE(4)];
      const header = small === 1 ? 16 : 8;
      if (head.length < header) return;
      const end = holders.at(-1)?.end ?? Number.POSITIVE_INFINITY;
      const claimed = small === 0 ? end - at : small === 1 ? Number(head.readBigUInt64BE(8)) : small;
      if (claimed < header) {
        cut = true;
        return;
      }
      const ends = Math.min(at + claimed, end);
      if (holders.length === 0) {
        top = type;
        // The last box of a file may extend to the end of the file.
        cut = REQUIRED_BOXES.has(type) && small !== 0;
      }
      const content = at + header;
      const reader = holders.length === 0 ? undefined : read.get(type);
      if (CONTAINER_BOXES.has(type) && holders.length < MAX_DEPTH) {
        if (type === TRAK) current = newTrack();
        holders.push({ type, end: ends });
        at = content;
      } else if (type === TRUN) {
        yield* run(header, ends - content);
        at = taken = ends;
      } else if (reader !== undefined) {
        const seen = Math.min(ends - content, BOX_WINDOW);
        const box = yield skip(header, seen);
        if (box.length < seen) return;
        reader(box);
        taken = content;
        at = ends;
      } else at = ends;
      for (let holder = holders.at(-1); holder !== undefined && holder.end - at < 8; holder = holders.at(-1)) {
        holders.pop();
        at = holder.end;
        if (holder.type === TRAK && track === null && current.isSound) track = current;
      }
    }
  }

  const milliseconds = (): number | null => {
    if (track === null) return null;
    const { media, length } = track;
    if (fragments !== null) {
      if (media === null) return null;
      // Samples in the movie box come before those of fragments.
      const start = media.length ? 0 : fragments.start;
      return ((Math.max(fragments.end, media.length ?? 0) - start) * 1000) / media.scale;
    }
    if (cut || boxes >= MOST_BOXES) return null;
    if (movie !== null && length) return (length * 1000) / movie.scale;
    if (media?.length) return (media.length * 1000) / media.scale;
    return movie !== null && extendedLength ? (extendedLength * 1000) / movie.scale : null;
  };

  return {
    steps: walk,
    sound: (): SoundFacts => ({ milliseconds: milliseconds(), channels: track?.channels ?? null }),
  };
}

function newTrack(): Track {
  return { id: 0, length: null, media: null, isSound: false, channels: null };
}
