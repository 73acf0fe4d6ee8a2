// Helpers for tests of decoded sound: a pool with long timeouts, sound from ffmpeg, and the difference between peaks.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decoderPool } from '../../src/adapters/media/decoder-pool.ts';
import { mediaProbes } from '../../src/adapters/media/probes.ts';
import type { MediaFacts, MediaProbes } from '../../src/ports/media-probe.ts';

export const SAMPLE = join(import.meta.dirname, '../../scripts/samples/harbour-1-lost-card.wav');

/** Probes with timeouts that are long enough for a busy machine. */
export function patientProbes(): MediaProbes {
  return mediaProbes(decoderPool({ times: { startMs: 120_000, baseMs: 120_000, perMibMs: 120_000 } }));
}

/** Probes without decoders, for tests of lengths: each small file would start a thread. */
export function lengthProbes(): MediaProbes {
  return mediaProbes({ begin: () => null, loads: () => Promise.resolve(false), close: () => Promise.resolve() });
}

/** Probes a whole file, in pieces of this size. */
export async function probeFile(probes: MediaProbes, type: string, bytes: Buffer, piece = 65_536): Promise<MediaFacts> {
  const begun = probes.begin(type, bytes.subarray(0, 65_536));
  for (let at = 0; at < bytes.length; at += piece) {
    begun.push(bytes.subarray(at, at + piece));
    await begun.room();
  }
  try {
    return await begun.finish();
  } finally {
    begun.close();
  }
}

/** The sample call, converted to another format by ffmpeg. */
export function encodeSample(args: string, ending: string, input: readonly string[] = ['-i', SAMPLE]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-sound-'));
  const file = join(folder, `sound.${ending}`);
  try {
    execFileSync('ffmpeg', ['-loglevel', 'error', '-y', ...input, ...args.split(' ').filter(Boolean), file]);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A file decoded by ffmpeg: a WAV of 16 bits. */
export function decodeWithFfmpeg(bytes: Buffer, ending: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-sound-'));
  const file = join(folder, `encoded.${ending}`);
  try {
    writeFileSync(file, bytes);
    return encodeSample('-c:a pcm_s16le', 'wav', ['-i', file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The header of an object `peaks`. */
export function peaksHeader(peaks: Buffer | null): { channels: number; ms: number; count: number } {
  if (peaks === null) throw new Error('there are no peaks');
  return { channels: peaks.readUInt8(5), ms: peaks.readUInt16LE(6), count: peaks.readUInt32LE(8) };
}

/** The average and the largest difference of two lists of peaks; the other one is `later` peaks behind. */
export function peakDifference(one: Buffer | null, other: Buffer | null, later = 0): { mean: number; worst: number } {
  const { channels, count } = peaksHeader(one);
  const peaks = Math.min(count, peaksHeader(other).count) - later;
  let [sum, worst] = [0, 0];
  for (let at = 12; at < 12 + peaks * 2 * channels; at++) {
    const apart = Math.abs((one?.readInt8(at) ?? 0) - (other?.readInt8(at + later * 2 * channels) ?? 0));
    sum += apart;
    worst = Math.max(worst, apart);
  }
  return { mean: sum / (peaks * 2 * channels), worst };
}
