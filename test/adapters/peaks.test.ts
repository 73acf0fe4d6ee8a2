// Peaks of WAV files against a plain reference: any split of the bytes, every coding, bounded size for long calls.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peakMeter, type Samples } from '../../src/adapters/media/peak-meter.ts';
import { mediaProbes } from '../../src/adapters/media/probes.ts';
import { type Coding, SAMPLE_BYTES } from '../../src/adapters/media/sample-codings.ts';
import { MAX_PEAKS, peaksThatFit } from '../../src/model/peaks.ts';
import { wav as pcm } from '../support/wav.ts';

const CODINGS: readonly Coding[] = ['pcm8', 'pcm16', 'pcm24', 'pcm32', 'float32', 'alaw', 'mulaw'];

/** ITU-T G.711, tables 1a and 2a: the value at the decoder's output, 13 and 14 bits wide. */
function decodedALaw(byte: number): number {
  const code = byte ^ 0x55;
  const [segment, step] = [(code >> 4) & 7, code & 15];
  const value = segment === 0 ? 2 * step + 1 : (2 * step + 33) * 2 ** (segment - 1);
  return (code & 0x80 ? value : -value) * 8;
}

function decodedMuLaw(byte: number): number {
  const code = 255 - byte;
  const [segment, step] = [(code >> 4) & 7, code & 15];
  const value = (2 * step + 33) * 2 ** segment - 33;
  return (code & 0x80 ? -value : value) * 4;
}

function valueAt(coding: Coding, bytes: Buffer, sample: number): number {
  const at = sample * SAMPLE_BYTES[coding];
  if (coding === 'pcm8') return (bytes.readUInt8(at) - 128) * 256;
  if (coding === 'pcm16') return bytes.readInt16LE(at);
  if (coding === 'pcm24') return Math.floor(bytes.readIntLE(at, 3) / 256);
  if (coding === 'pcm32') return Math.floor(bytes.readInt32LE(at) / 65_536);
  if (coding === 'alaw') return decodedALaw(bytes.readUInt8(at));
  if (coding === 'mulaw') return decodedMuLaw(bytes.readUInt8(at));
  const value = Math.trunc(bytes.readFloatLE(at) * 32_768);
  return Number.isNaN(value) ? 0 : Math.max(-32_768, Math.min(32_767, value));
}

/** The object `peaks` computed simply, or null. */
function reference({ coding, rate, channels }: Samples, bytes: Buffer): Buffer | null {
  const frames = Math.floor(bytes.length / (SAMPLE_BYTES[coding] * channels));
  let ms = 50;
  const ends = (peak: number): number => Math.floor((peak * rate * ms) / 1000);
  while (ends(peaksThatFit(channels)) <= frames) ms *= 2;
  const values: number[] = [];
  let count = 0;
  for (; ends(count) < frames; count++) {
    for (let channel = 0; channel < channels; channel++) {
      const heard: number[] = [];
      for (let frame = ends(count); frame < Math.min(frames, ends(count + 1)); frame++) {
        heard.push(valueAt(coding, bytes, frame * channels + channel));
      }
      const small = (value: number): number => Math.floor((value * 127) / 32_768 + 0.5);
      values.push(
        small(heard.reduce((one, other) => Math.min(one, other))),
        small(heard.reduce((a, b) => Math.max(a, b))),
      );
    }
  }
  if (count === 0) return null;
  const head = Buffer.from(`CVPK\x01${String.fromCharCode(channels)}\0\0\0\0\0\0`, 'latin1');
  head.writeUInt16LE(ms, 6);
  head.writeUInt32LE(count, 8);
  return Buffer.concat([head, Buffer.from(Int8Array.from(values).buffer)]);
}

function metered(samples: Samples, pieces: readonly Uint8Array[]): Buffer | null {
  const meter = peakMeter(samples);
  for (const piece of pieces) meter.push(piece);
  return meter.finish();
}

/** The bytes cut at these offsets, each piece in separate memory. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, n) => {
    const shifted = Buffer.alloc(end - (at[n] ?? 0) + 1);
    bytes.copy(shifted, 1, at[n] ?? 0, end);
    return shifted.subarray(1);
  });
}

function header(
  code: number,
  { coding, rate, channels }: Samples,
  more: { extensible?: boolean; length?: number } = {},
) {
  const bits = SAMPLE_BYTES[coding] * 8;
  const fmt = Buffer.alloc(more.extensible ? 40 : 16);
  fmt.writeUInt16LE(more.extensible ? 0xfffe : code, 0);
  fmt.writeUInt16LE(channels, 2);
  fmt.writeUInt32LE(rate, 4);
  fmt.writeUInt32LE((rate * channels * bits) / 8, 8);
  fmt.writeUInt16LE((channels * bits) / 8, 12);
  fmt.writeUInt16LE(bits, 14);
  if (more.extensible) {
    fmt.writeUInt16LE(22, 16);
    fmt.writeUInt16LE(bits, 18);
    fmt.writeUInt16LE(code, 24);
    fmt.write('000000001000800000aa00389b71', 26, 'hex');
  }
  const head = Buffer.from('RIFF\0\0\0\0WAVEfmt \0\0\0\0', 'latin1');
  head.writeUInt32LE(fmt.length, 16);
  const data = Buffer.from('data\0\0\0\0', 'latin1');
  data.writeUInt32LE(more.length ?? 0, 4);
  return Buffer.concat([head, fmt, data]);
}

async function probed(bytes: Buffer, piece = 999): Promise<Buffer | null> {
  const probe = mediaProbes().begin('audio/wav', bytes.subarray(0, 65_536));
  for (let at = 0; at < bytes.length; at += piece) probe.push(bytes.subarray(at, at + piece));
  return (await probe.finish()).peaks;
}

describe('peaks', () => {
  const some = fc.record({
    coding: fc.constantFrom(...CODINGS),
    rate: fc.constantFrom(1_000, 8_000, 11_025, 44_100),
    channels: fc.constantFrom(1, 2, 3, 4, 5, 8, 16),
  });

  it('equal a plain reference for every split into pieces', () => {
    const property = fc.property(
      some,
      fc.uint8Array({ maxLength: 20_000, size: 'max' }),
      fc.array(fc.nat()),
      (samples, bytes, places) => {
        const whole = Buffer.from(bytes);
        const expected = reference(samples, whole);
        expect(metered(samples, cutAt(whole, places))).toEqual(expected);
        expect(metered(samples, [whole])).toEqual(expected);
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it('include every extreme sample, at any position and among any others', () => {
    const property = fc.property(
      some,
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.integer({ min: 0, max: 4_000 }),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 20 }),
      fc.array(fc.nat()),
      (samples, around, length, standing, places) => {
        const bytes = Buffer.alloc(length, around.subarray(0, SAMPLE_BYTES[samples.coding]));
        if (length > 0) for (const [at, byte] of standing) bytes[at % length] = byte;
        expect(metered(samples, cutAt(bytes, places))).toEqual(reference(samples, bytes));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it.each(['pcm8', 'alaw', 'mulaw'] as const)('of %s order any two bytes correctly', (coding) => {
    const samples = { coding, rate: 1_000, channels: 1 };
    const pairs = Buffer.alloc(50 * 65_536);
    for (let n = 0; n < 65_536; n++) {
      pairs.fill(n >>> 8, 50 * n, 50 * (n + 1));
      pairs[50 * n + (n % 50)] = n & 0xff;
    }
    expect(metered(samples, [pairs])?.equals(reference(samples, pairs) ?? Buffer.of())).toBe(true);
  });

  it('of floating point out of range, and of NaN, stay in range', () => {
    const bytes = Buffer.alloc(4 * 4_000);
    [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, -3, 0.5].forEach((value, n) => {
      bytes.writeFloatLE(value, 4_000 + 4 * n);
    });
    const samples = { coding: 'float32', rate: 8_000, channels: 1 } as const;
    expect(metered(samples, [bytes])).toEqual(reference(samples, bytes));
  });

  it.each([
    ['one channel', 1, 400],
    ['two channels', 2, 100],
    ['sixty-four channels', 64, 100],
  ])('of a call of %s double their interval until they fit', (_, channels, ms) => {
    const rate = 1_000;
    const samples = { coding: 'mulaw', rate, channels } as const;
    const second = Buffer.alloc(rate * channels);
    for (let n = 0; n < second.length; n++) second[n] = (n * 31) % 251;
    const seconds = channels === 1 ? 60_000 : channels === 2 ? 10_000 : 300;
    const peaks = metered(
      samples,
      Array.from({ length: seconds }, () => second),
    );
    expect(peaks?.length).toBeLessThanOrEqual(MAX_PEAKS);
    expect(peaks?.readUInt16LE(6)).toBe(ms);
    expect(peaks?.readUInt32LE(8)).toBe((seconds * 1000) / ms);
    if (channels > 1)
      expect(peaks).toEqual(reference(samples, Buffer.concat(Array.from({ length: seconds }, () => second))));
  });
});

describe('a WAV', () => {
  const samples = { coding: 'pcm16', rate: 8_000, channels: 2 } as const;
  const data = pcm(9_000).subarray(44);
  const expected = reference(samples, data);

  it('has peaks of its data only, whatever precedes and follows', async () => {
    const list = Buffer.from('LIST\x04\0\0\0INFO', 'latin1');
    const bytes = Buffer.concat([header(1, samples, { length: data.length }), data, list]);
    expect(await probed(bytes)).toEqual(expected);
    expect(await probed(bytes, 1)).toEqual(expected);
  });

  it.each([0, 0xffff_ffff])('written live, with the length %d, has peaks of all its bytes', async (length) => {
    expect(await probed(Buffer.concat([header(1, samples, { length }), data]))).toEqual(expected);
  });

  it('with the extensible form of its header has the same peaks', async () => {
    const head = header(1, samples, { extensible: true, length: data.length });
    expect(await probed(Buffer.concat([head, data]))).toEqual(expected);
  });

  it.each([
    [6, 'alaw'],
    [7, 'mulaw'],
    [3, 'float32'],
  ] as const)('of code %d is read as %s', async (code, coding) => {
    const of = { coding, rate: 8_000, channels: 1 };
    const bytes = Buffer.concat([header(code, of, { length: data.length }), data]);
    expect(await probed(bytes)).toEqual(reference(of, data));
  });

  it.each([
    ['a coding that is not read', header(2, samples, { length: data.length })],
    ['frames of another size than its bits', Buffer.from(header(1, samples)).fill(3, 32, 33)],
    ['another rate than its bytes', Buffer.from(header(1, samples)).fill(1, 28, 29)],
    ['a rate of nothing', Buffer.concat([header(1, { ...samples, rate: 10 })])],
    ['a sub-format of somebody else', Buffer.from(header(1, samples, { extensible: true })).fill(9, 50, 51)],
  ])('with %s is accepted without peaks', async (_, head) => {
    expect(await probed(Buffer.concat([head, data]))).toBeNull();
  });

  it('without a whole frame has no peaks', async () => {
    expect(await probed(Buffer.concat([header(1, samples), data.subarray(0, 3)]))).toBeNull();
  });
});
