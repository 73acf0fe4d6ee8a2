// FLAC (RFC 9639): rate, channels and the number of samples from the STREAMINFO block.
import { type Container, peek, type SoundFacts, type Steps } from './container-reader.ts';

/** Size of the STREAMINFO block without its header. */
export const STREAM_INFO_BYTES = 34;

/** Content of a STREAMINFO block; `samples` is null where the writer did not know their number. */
export type StreamInfo = { readonly rate: number; readonly channels: number; readonly samples: number | null };

/** Parses the 34 bytes of a STREAMINFO block. Returns null where they contradict the format. */
export function readStreamInfo(bytes: Buffer): StreamInfo | null {
  if (bytes.length < STREAM_INFO_BYTES) return null;
  const rate = bytes.readUIntBE(10, 3) >>> 4;
  const samples = ((bytes[13] as number) & 0x0f) * 2 ** 32 + bytes.readUInt32BE(14);
  if (rate === 0) return null;
  return { rate, channels: (((bytes[12] as number) >> 1) & 0x07) + 1, samples: samples === 0 ? null : samples };
}

/** A FLAC file; only the first metadata block is read. */
export function flac(): Container {
  let info: StreamInfo | null = null;
  return {
    steps: function* (): Steps {
      const head = yield peek(8 + STREAM_INFO_BYTES);
      // STREAMINFO is always the first block.
      const first = head.length >= 8 && (head.readUInt8(4) & 0x7f) === 0 && head.readUIntBE(5, 3) >= STREAM_INFO_BYTES;
      if (first) info = readStreamInfo(head.subarray(8));
    },
    sound: (): SoundFacts => ({
      milliseconds: info === null || info.samples === null ? null : (info.samples * 1000) / info.rate,
      channels: info?.channels ?? null,
    }),
  };
}
