// The SIMD loops: compared with a plain loop, and the same peaks in an engine without WebAssembly.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { peakMeter } from '../../src/adapters/media/peak-meter.ts';
import { SAMPLE_BYTES } from '../../src/adapters/media/sample-codings.ts';
import { beginVectors, SAMPLES_AT } from '../../src/adapters/media/vectors.ts';

function begun() {
  const vectors = beginVectors();
  if (vectors === null) throw new Error('this engine has no vectors');
  return vectors;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('minimum and maximum', () => {
  const { memory, bytes, words } = begun();
  const stretch = fc.record({
    content: fc.uint8Array({ minLength: 16, maxLength: 300, size: 'max' }),
    shift: fc.nat({ max: 33 }),
    frame: fc.constantFrom(1, 2, 4, 8, 16),
  });

  /** Whole frames at an address, and the address sixteen bytes before their end. */
  function laid(content: Uint8Array, at: number, frame: number): { laid: Buffer; last: number } {
    new Uint8Array(memory).fill(0xa5).set(content, at);
    const whole = Math.max(16, content.length - (content.length % frame));
    return { laid: Buffer.from(content.subarray(0, whole)), last: at + whole - 16 };
  }

  it('of bytes are found per lane, at any address, with inverted bits', () => {
    const laws = fc.constantFrom([0, 0], [0, 0x7f], [0x2a, 0x7f], [0xff, 0x01]);
    const property = fc.property(stretch, laws, ({ content, shift, frame }, [all = 0, upper = 0]) => {
      const { laid: bytesOf, last } = laid(content, SAMPLES_AT + shift, frame);
      const ranks = [...bytesOf].map((byte) => byte ^ all ^ ((byte ^ all) >= 0x80 ? upper : 0));
      bytes(SAMPLES_AT + shift, last, frame, all, upper);
      const found = Buffer.from(memory);
      for (let lane = 0; lane < frame; lane++) {
        const heard = ranks.filter((_, n) => n % frame === lane);
        expect([found[lane], found[16 + lane]]).toEqual([Math.min(...heard), Math.max(...heard)]);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('of words are found per lane, at any address', () => {
    const property = fc.property(stretch, ({ content, shift, frame: half }) => {
      const frame = Math.max(2, half);
      const { laid: bytesOf, last } = laid(content, SAMPLES_AT + shift, frame);
      words(SAMPLES_AT + shift, last, frame, 0, 0);
      const found = Buffer.from(memory);
      for (let lane = 0; lane < frame; lane += 2) {
        const heard: number[] = [];
        for (let at = lane; at < bytesOf.length; at += frame) heard.push(bytesOf.readInt16LE(at));
        expect([found.readInt16LE(lane), found.readInt16LE(16 + lane)]).toEqual([
          Math.min(...heard),
          Math.max(...heard),
        ]);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('an engine without WebAssembly', () => {
  it('has the same peaks', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    const { beginVectors: none } = await import('../../src/adapters/media/vectors.ts');
    expect(none()).toBeNull();
    const { peakMeter: slow } = await import('../../src/adapters/media/peak-meter.ts');
    const samples = fc.record({
      coding: fc.constantFrom(...(Object.keys(SAMPLE_BYTES) as (keyof typeof SAMPLE_BYTES)[])),
      rate: fc.constant(8_000),
      channels: fc.constantFrom(1, 2),
    });
    const property = fc.property(samples, fc.uint8Array({ maxLength: 20_000, size: 'max' }), (of, content) => {
      const [one, other] = [peakMeter(of), slow(of)];
      one.push(content);
      other.push(content);
      expect(other.finish()).toEqual(one.finish());
    });
    fc.assert(property, { numRuns: 100 });
  });
});
