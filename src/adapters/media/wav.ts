// RIFF/WAVE header: offset of the samples, byte rate, and coding.
import type { Samples } from './peak-meter.ts';
import { type Coding, SAMPLE_BYTES } from './sample-codings.ts';

/** Verifiable content of a WAV header: the samples' offset, rate and channels. */
export type WavLayout = {
  readonly dataStart: number;
  /** The data chunk's length; null where the writer did not know it (live capture). */
  readonly dataLength: number | null;
  readonly bytesPerSecond: number;
  readonly channels: number;
  /** The coding of the samples; null for an unsupported one. */
  readonly samples: Samples | null;
};

/** Parses the first bytes of a WAV; null where they are not one. */
export function readWavLayout(head: Uint8Array): WavLayout | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    return null;
  let format: Pick<WavLayout, 'bytesPerSecond' | 'channels' | 'samples'> | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (id === 'data') {
      if (format === null) return null;
      const open = length === 0 || length >= 0xffff_ff00;
      return { ...format, dataStart: at + 8, dataLength: open ? null : length };
    }
    if (id === 'fmt ' && length >= 16 && at + 24 <= bytes.length) {
      const channels = bytes.readUInt16LE(at + 10);
      const bytesPerSecond = blockRate(bytes.subarray(at + 8, at + 8 + length)) ?? bytes.readUInt32LE(at + 16);
      if (channels < 1 || channels > 64 || bytesPerSecond < 1) return null;
      const samples = samplesOf(bytes.subarray(at + 8, at + 8 + length), channels, bytesPerSecond);
      format = { bytesPerSecond, channels, samples };
    }
    at += 8 + length + (length % 2);
  }
  return null;
}

/** Codes of MS and IMA ADPCM. */
const ADPCM: readonly number[] = [2, 17];

/**
 * The byte rate of ADPCM, by the size of its blocks and the samples in each; null for another coding. Writers disagree on the
 * header's byte rate: ffmpeg writes twice that of a call with two channels.
 */
function blockRate(fmt: Buffer): number | null {
  if (fmt.length < 20 || !ADPCM.includes(fmt.readUInt16LE(0))) return null;
  const [rate, block, samples] = [fmt.readUInt32LE(4), fmt.readUInt16LE(12), fmt.readUInt16LE(18)];
  return samples === 0 ? null : (rate * block) / samples;
}

const EXTENSIBLE = 0xfffe;
/** The end of a sub-format's GUID, after the two bytes of the format code. */
const SUB_FORMAT = Buffer.from('000000001000800000aa00389b71', 'hex');

/** Codings by format code and bits. */
const CODINGS: Readonly<Record<string, Coding>> = {
  '1/8': 'pcm8',
  '1/16': 'pcm16',
  '1/24': 'pcm24',
  '1/32': 'pcm32',
  '3/32': 'float32',
  '6/8': 'alaw',
  '7/8': 'mulaw',
};

/** The sample layout of a fmt chunk; null for another coding, or for contradictions. */
function samplesOf(fmt: Buffer, channels: number, bytesPerSecond: number): Samples | null {
  const [code, rate, bits] = [fmt.readUInt16LE(0), fmt.readUInt32LE(4), fmt.readUInt16LE(14)];
  const extended = code === EXTENSIBLE && fmt.length >= 40 && fmt.subarray(26, 40).equals(SUB_FORMAT);
  const coding = CODINGS[`${extended ? fmt.readUInt16LE(24) : code}/${bits}`];
  if (coding === undefined || rate < 1_000) return null;
  const frame = SAMPLE_BYTES[coding] * channels;
  return fmt.readUInt16LE(12) === frame && rate * frame === bytesPerSecond ? { coding, rate, channels } : null;
}
