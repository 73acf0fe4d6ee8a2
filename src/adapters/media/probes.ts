// Media probes: what a body is by its first bytes, how long the call was by all of them, and how loud where it can be read.
import { VaultError } from '../../errors.ts';
import type { MediaProbe, MediaProbes } from '../../ports/media-probe.ts';
import { type Container, readContainer } from './container-reader.ts';
import { flac } from './flac.ts';
import { mp3 } from './mp3.ts';
import { mp4 } from './mp4.ts';
import { readMpegFrame } from './mpeg-frame.ts';
import { ogg } from './ogg.ts';
import { peakMeter } from './peak-meter.ts';
import { readWavLayout, type WavLayout } from './wav.ts';

const at = (bytes: Uint8Array, offset: number, text: string): boolean =>
  Buffer.from(bytes.subarray(offset, offset + text.length)).toString('latin1') === text;
const mpegSync = (bytes: Uint8Array): boolean => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2;
/** Layer I is known by a tag alone: a mark of UTF-16 looks like one of its frames. */
const isLayerTwo = (bytes: Uint8Array): boolean =>
  ((bytes[1] ?? 0) & 0x06) === 0x04 && readMpegFrame(Buffer.from(bytes.subarray(0, 4))) !== null;

/** Container types by their first bytes. */
const LOOKS: Readonly<Record<string, (head: Uint8Array) => boolean>> = {
  'audio/wav': (head) => readWavLayout(head) !== null,
  'audio/mpeg': (head) => at(head, 0, 'ID3') || mpegSync(head) || isLayerTwo(head),
  'audio/ogg': (head) => at(head, 0, 'OggS'),
  'audio/flac': (head) => at(head, 0, 'fLaC'),
  'audio/mp4': (head) => at(head, 4, 'ftyp'),
};

/** How all but WAV are read. */
const CONTAINERS: Readonly<Record<string, () => Container>> = {
  'audio/mpeg': mp3,
  'audio/ogg': ogg,
  'audio/flac': flac,
  'audio/mp4': mp4,
};

/** Other spellings that platforms send. */
const ALIASES: Readonly<Record<string, string>> = {
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/mp3': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'audio/x-flac': 'audio/flac',
};

/** The probes of the audio types that callvault takes. */
export function mediaProbes(): MediaProbes {
  return {
    types: [...Object.keys(LOOKS), ...Object.keys(ALIASES)],
    begin: (type, head) => {
      const known = ALIASES[type] ?? type;
      const looks = LOOKS[known];
      if (looks === undefined) throw new VaultError('media_type_unsupported', 'this media type is not taken');
      if (!looks(head)) throw new VaultError('media_type_mismatch', 'the body is not of the media type it claims');
      const container = CONTAINERS[known];
      if (container !== undefined) return containerProbe(container());
      const layout = readWavLayout(head);
      if (layout === null) throw new VaultError('media_type_mismatch', 'the body is not of the media type it claims');
      return wavProbe(layout);
    },
  };
}

function wavProbe(layout: WavLayout): MediaProbe {
  const { dataStart, dataLength, bytesPerSecond, channels } = layout;
  const dataEnd = dataLength === null ? Number.POSITIVE_INFINITY : dataStart + dataLength;
  let meter = layout.samples === null ? null : peakMeter(layout.samples);
  let received = 0;
  /** Good audio is not refused for want of its picture. */
  const unlessBroken = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch {
      meter = null;
      return null;
    }
  };
  return {
    push: (bytes) => {
      const [from, to] = [Math.max(0, dataStart - received), dataEnd - received];
      if (from < bytes.length && to > from) unlessBroken(() => meter?.push(bytes.subarray(from, to)));
      received += bytes.length;
    },
    finish: () => {
      // What the header claims counts only as far as bytes came.
      const samples = Math.max(0, Math.min(received, dataEnd) - dataStart);
      const durationMs = plausible(Math.round((samples * 1000) / bytesPerSecond), 0, LONGEST_MS);
      return Promise.resolve({ durationMs, channels, peaks: unlessBroken(() => meter?.finish()) ?? null });
    },
  };
}

/** A year: whatever claims to be longer claims something else. */
const LONGEST_MS = 31_536_000_000;

/** Every container but WAV: its length without peaks. A reader that fails costs the length, not the deposit. */
function containerProbe(container: Container): MediaProbe {
  let reader: ReturnType<typeof readContainer> | null = readContainer(container);
  return {
    push: (bytes) => {
      try {
        reader?.push(bytes);
      } catch {
        reader = null;
      }
    },
    finish: () => {
      let sound: ReturnType<Container['sound']> = { milliseconds: null, channels: null };
      try {
        sound = reader?.finish() ?? sound;
      } catch {
        reader = null;
      }
      return Promise.resolve({
        durationMs: plausible(Math.round(sound.milliseconds ?? -1), 0, LONGEST_MS),
        channels: plausible(sound.channels ?? 0, 1, 64),
        peaks: null,
      });
    },
  };
}

/** A number that a parser found, if it can be one. */
function plausible(value: number, least: number, most: number): number | null {
  return Number.isSafeInteger(value) && value >= least && value <= most ? value : null;
}
