// Uniqueness of key and nonce over any history of seals, crashes, retries and resumed uploads.
import type { CipherGCMOptions, CipherGCMTypes } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sealColumn } from '../../src/envelope/column.ts';
import { sealFacts } from '../../src/envelope/facts.ts';
import { keyContext } from '../../src/envelope/key-context.ts';
import { wrapLocally } from '../../src/envelope/local-wrap.ts';
import { sealMessage } from '../../src/envelope/message.ts';
import { objectKey } from '../../src/envelope/object.ts';
import { type SealOptions, sealObject } from '../../src/envelope/seal.ts';
import { CHUNK, PART } from '../../src/envelope/sizes.ts';
import { AUDIO, DATA_KEY, inPieces, noiseOf } from './bench.ts';

const sealings = vi.hoisted(() => ({ seen: new Set<string>(), twice: 0, total: 0 }));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    createCipheriv: (algorithm: CipherGCMTypes, key: Buffer, nonce: Buffer, options: CipherGCMOptions) => {
      if (algorithm === 'aes-256-gcm') {
        const pair = Buffer.concat([key, nonce]).toString('latin1');
        if (sealings.seen.has(pair)) sealings.twice++;
        sealings.seen.add(pair);
        sealings.total++;
      }
      return crypto.createCipheriv(algorithm, key, nonce, options);
    },
  };
});

beforeEach(() => {
  sealings.seen.clear();
  sealings.twice = 0;
  sealings.total = 0;
});

type Attempt = {
  readonly object: 'audio' | 'peaks';
  /** Continues after the parts of earlier attempts, under the same data key. */
  readonly continues: boolean;
  readonly size: number;
  /** Offset in bytes at which the source fails; beyond the end it does not. */
  readonly failsAt: number;
  /** Number of parts after which the uploader stops. */
  readonly leavesAfter: number;
  /** A retry may send other bytes. */
  readonly otherBytes: boolean;
};

async function* failing(bytes: Uint8Array, at: number): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes.subarray(0, at), [100_003]);
  if (at < bytes.length) throw new Error('the source failed');
}

/** Seals until a failure; returns the number of finished parts. */
async function attempt(how: Attempt, options: SealOptions): Promise<number> {
  const plaintext = how.otherBytes ? noiseOf(how.size + 1).subarray(1) : noiseOf(how.size);
  const key = objectKey(DATA_KEY, how.object);
  let finished = 0;
  try {
    for await (const part of sealObject(
      failing(plaintext, how.failsAt),
      key,
      { ...AUDIO, name: how.object },
      options,
    )) {
      finished = part.number + 1;
      if (finished >= how.leavesAfter) break;
    }
  } catch (error) {
    if (!(error instanceof Error && error.message === 'the source failed')) throw error;
  }
  return finished;
}

function attempts(size: fc.Arbitrary<number>, most: number): fc.Arbitrary<Attempt[]> {
  const one: fc.Arbitrary<Attempt> = fc.record({
    object: fc.constantFrom('audio', 'peaks'),
    continues: fc.boolean(),
    size,
    failsAt: fc.oneof(fc.constant(Number.MAX_SAFE_INTEGER), size),
    leavesAfter: fc.constantFrom(1, 2, 99),
    otherBytes: fc.boolean(),
  });
  return fc.array(one, { minLength: 2, maxLength: most });
}

async function runHistory(history: readonly Attempt[]): Promise<void> {
  const finished = { audio: 0, peaks: 0 };
  for (const how of history) {
    const firstPart = how.continues ? finished[how.object] : 0;
    finished[how.object] = Math.max(firstPart, await attempt(how, { firstPart }));
  }
  expect(sealings.twice).toBe(0);
}

describe('a pair of key and nonce', () => {
  it('seals once over histories of small objects', async () => {
    const sizes = fc.oneof(fc.constantFrom(0, 1, CHUNK, 2 * CHUNK), fc.nat({ max: 4 * CHUNK }));
    await fc.assert(fc.asyncProperty(attempts(sizes, 8), runHistory), { numRuns: 150 });
    expect(sealings.total).toBeGreaterThan(500);
  });

  it('seals once over histories of objects of several parts', async () => {
    const sizes = fc.constantFrom(5, PART - 1, PART, PART + CHUNK + 1, 2 * PART + 1);
    await fc.assert(fc.asyncProperty(attempts(sizes, 4), runHistory), { numRuns: 30 });
    expect(sealings.total).toBeGreaterThan(10_000);
  });

  it('seals once where columns, facts, keys and messages are sealed again and again', () => {
    const key = Buffer.alloc(32, 1);
    const context = keyContext({ use: 'metadata', tenant: AUDIO.tenant, wrap: 1 });
    for (let i = 0; i < 200; i++) {
      sealColumn(DATA_KEY, { tenant: AUDIO.tenant, row: AUDIO.recording, column: 'facts' }, noiseOf(CHUNK + i));
      sealFacts(DATA_KEY, AUDIO, { v: 1, i });
      wrapLocally(key, 1, context, noiseOf(32));
      sealMessage(key, Buffer.alloc(0), noiseOf(i));
    }
    expect(sealings.total).toBe(200 * 5);
    expect(sealings.twice).toBe(0);
  });

  it('is reported by this test where a salt is reused', async () => {
    const how: Attempt = {
      object: 'audio',
      continues: false,
      size: CHUNK,
      failsAt: Number.MAX_SAFE_INTEGER,
      leavesAfter: 99,
      otherBytes: false,
    };
    const salt = () => Buffer.alloc(24);
    await attempt(how, { salt });
    await attempt({ ...how, otherBytes: true }, { salt });
    expect(sealings.twice).toBe(2);
  });
});
