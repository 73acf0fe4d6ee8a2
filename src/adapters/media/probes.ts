// Media probes: length from all bytes of a call, and peaks where it can be decoded.
import { VaultError } from '../../errors.ts';
import type { MediaProbe, MediaProbes } from '../../ports/media-probe.ts';
import { ACCEPTED_TYPES, type AudioType, audioTypeOf } from './audio-types.ts';
import { type Container, readContainer } from './container-reader.ts';
import type { WorkerCodec } from './decoder-codecs.ts';
import { DECODER_PACKAGES } from './decoder-codecs.ts';
import { type DecoderPool, type Decoding, decoderPool } from './decoder-pool.ts';
import { flac } from './flac.ts';
import { mp3 } from './mp3.ts';
import { mp4 } from './mp4.ts';
import { ogg } from './ogg.ts';
import { opusHeadOf } from './opus-sound.ts';
import { peakMeter } from './peak-meter.ts';
import { readWavLayout, type WavLayout } from './wav.ts';

/** Readers of all containers except WAV. */
const CONTAINERS: Readonly<Record<Exclude<AudioType, 'audio/wav'>, () => Container>> = {
  'audio/mpeg': mp3,
  'audio/ogg': ogg,
  'audio/flac': flac,
  'audio/mp4': mp4,
};

/** The decoder for the peaks of a recording that begins so; null where there is none. */
function codecOf(type: AudioType, head: Uint8Array): WorkerCodec | null {
  if (type === 'audio/mpeg') return { name: 'mp3' };
  const opus = type === 'audio/ogg' ? opusHeadOf(head) : null;
  return opus === null ? null : { name: 'opus', head: opus };
}

/** The probes of the accepted audio types, and the decoders that some of them need. */
export function mediaProbes(pool: DecoderPool = decoderPool()): MediaProbes {
  const head = { channels: 1, preSkip: 0, gain: 1 } as const;
  return {
    types: ACCEPTED_TYPES,
    begin: (declared, head) => {
      const type = audioTypeOf(declared, head);
      if (type !== 'audio/wav') {
        const codec = codecOf(type, head);
        return {
          type,
          soundAt: null,
          ...containerProbe(CONTAINERS[type](), codec === null ? null : pool.begin(codec)),
        };
      }
      const layout = readWavLayout(head);
      if (layout === null) throw new VaultError('internal', 'a WAV without its layout');
      return { type, soundAt: layout.dataStart, ...wavProbe(layout) };
    },
    decoders: [
      { format: 'MP3', package: DECODER_PACKAGES.mp3, loads: () => pool.loads({ name: 'mp3' }) },
      { format: 'Opus', package: DECODER_PACKAGES.opus, loads: () => pool.loads({ name: 'opus', head }) },
    ],
    close: pool.close,
  };
}

function wavProbe(layout: WavLayout): MediaProbe {
  const { dataStart, dataLength, bytesPerSecond, channels } = layout;
  const dataEnd = dataLength === null ? Number.POSITIVE_INFINITY : dataStart + dataLength;
  let meter = layout.samples === null ? null : peakMeter(layout.samples);
  let received = 0;
  /** A recording is never rejected because its peaks fail. */
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
      // The header's claim counts only as far as bytes arrived.
      const samples = Math.max(0, Math.min(received, dataEnd) - dataStart);
      const durationMs = inRangeOrNull(Math.round((samples * 1000) / bytesPerSecond), 0, LONGEST_MS);
      return Promise.resolve({ durationMs, channels, peaks: unlessBroken(() => meter?.finish()) ?? null });
    },
    room: () => Promise.resolve(),
    close: () => {
      meter = null;
    },
  };
}

/** Maximum length, a year: a longer claim is an error. */
const LONGEST_MS = 31_536_000_000;

/** All containers except WAV. A failing reader costs the length, a failing decoder the peaks; neither fails the deposit. */
function containerProbe(container: Container, decoding: Decoding | null): MediaProbe {
  let reader: ReturnType<typeof readContainer> | null = readContainer(container);
  return {
    push: (bytes) => {
      try {
        reader?.push(bytes);
      } catch {
        reader = null;
      }
      decoding?.push(bytes);
    },
    room: async (mostMs) => decoding?.room(mostMs),
    finish: async () => {
      let sound: ReturnType<Container['sound']> = { milliseconds: null, channels: null };
      try {
        sound = reader?.finish() ?? sound;
      } catch {
        reader = null;
      }
      return {
        durationMs: inRangeOrNull(Math.round(sound.milliseconds ?? -1), 0, LONGEST_MS),
        channels: inRangeOrNull(sound.channels ?? 0, 1, 64),
        peaks: (await decoding?.finish()) ?? null,
      };
    },
    close: () => decoding?.close(),
  };
}

/** A parsed number, if it is plausible. */
function inRangeOrNull(value: number, least: number, most: number): number | null {
  return Number.isSafeInteger(value) && value >= least && value <= most ? value : null;
}
