// Media probes: what a body is by its first bytes, how long the call was by all of them, and how loud where it can be read.
import { parseWebStream } from 'music-metadata';
import { VaultError } from '../../errors.ts';
import type { MediaFacts, MediaProbe, MediaProbes } from '../../ports/media-probe.ts';
import { peakMeter } from './peak-meter.ts';
import { readWavLayout, type WavLayout } from './wav.ts';

const at = (bytes: Uint8Array, offset: number, text: string): boolean =>
  Buffer.from(bytes.subarray(offset, offset + text.length)).toString('latin1') === text;
const mpegSync = (bytes: Uint8Array): boolean => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2;

/** Container types by their first bytes. */
const LOOKS: Readonly<Record<string, (head: Uint8Array) => boolean>> = {
  'audio/wav': (head) => readWavLayout(head) !== null,
  'audio/mpeg': (head) => at(head, 0, 'ID3') || mpegSync(head),
  'audio/ogg': (head) => at(head, 0, 'OggS'),
  'audio/flac': (head) => at(head, 0, 'fLaC'),
  'audio/mp4': (head) => at(head, 4, 'ftyp'),
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
      const layout = known === 'audio/wav' ? readWavLayout(head) : null;
      if (layout !== null) return wavProbe(layout);
      return known === 'audio/mpeg' ? silentProbe() : parsedProbe(known);
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

const NOTHING: MediaFacts = { durationMs: null, channels: null, peaks: null };

/** MP3 has no length of its own: finding one means scanning every frame, which hostile bytes make endless. */
function silentProbe(): MediaProbe {
  return { push: () => undefined, finish: () => Promise.resolve(NOTHING) };
}

/** A year: whatever claims to be longer claims something else. */
const LONGEST_MS = 31_536_000_000;
const UNREAD_LIMIT = 8 * 1024 * 1024;

/** Other containers: parsed while they come. A parser that falls behind or fails costs the duration, not the deposit. */
function parsedProbe(type: string): MediaProbe {
  let feed: ReadableStreamDefaultController<Uint8Array> | null = null;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        feed = controller;
      },
      cancel: () => {
        feed = null;
      },
    },
    { highWaterMark: UNREAD_LIMIT, size: (piece) => piece.length },
  );
  const parsed = parseWebStream(body as never, { mimeType: type }, { duration: true, skipCovers: true }).then(
    ({ format }): MediaFacts => ({
      durationMs: plausible(Math.round((format.duration ?? -1) * 1000), 0, LONGEST_MS),
      channels: plausible(format.numberOfChannels ?? 0, 1, 64),
      peaks: null,
    }),
    () => NOTHING,
  );
  return {
    push: (bytes) => {
      if (feed === null) return;
      if ((feed.desiredSize ?? 0) <= 0) {
        feed.error(new Error('the parser fell behind'));
        feed = null;
        return;
      }
      feed.enqueue(Uint8Array.from(bytes));
    },
    finish: () => {
      feed?.close();
      feed = null;
      return parsed;
    },
  };
}

/** A number that a parser found, if it can be one. */
function plausible(value: number, least: number, most: number): number | null {
  return Number.isSafeInteger(value) && value >= least && value <= most ? value : null;
}
