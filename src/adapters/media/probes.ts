// Media probes: what a body is by its first bytes, and how long the call was by all of them.
import { parseWebStream } from 'music-metadata';
import { VaultError } from '../../errors.ts';
import type { MediaFacts, MediaProbe, MediaProbes } from '../../ports/media-probe.ts';
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
  let received = 0;
  return {
    push: (bytes) => {
      received += bytes.length;
    },
    finish: () => {
      // What the header claims counts only as far as bytes came.
      const there = Math.max(0, received - layout.dataStart);
      const samples = layout.dataLength === null ? there : Math.min(there, layout.dataLength);
      const durationMs = Math.round((samples * 1000) / layout.bytesPerSecond);
      return Promise.resolve({ durationMs: plausible(durationMs, 0, LONGEST_MS), channels: layout.channels });
    },
  };
}

/** MP3 has no length of its own: finding one means scanning every frame, which hostile bytes make endless. */
function silentProbe(): MediaProbe {
  return { push: () => undefined, finish: () => Promise.resolve({ durationMs: null, channels: null }) };
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
  const nothing: MediaFacts = { durationMs: null, channels: null };
  const parsed = parseWebStream(body as never, { mimeType: type }, { duration: true, skipCovers: true }).then(
    ({ format }): MediaFacts => ({
      durationMs: plausible(Math.round((format.duration ?? -1) * 1000), 0, LONGEST_MS),
      channels: plausible(format.numberOfChannels ?? 0, 1, 64),
    }),
    () => nothing,
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
