// The published Cobblestone-256 cases through all three readers. The case's context replaces the part's, so that these
// test `openObject` and `openReader` themselves.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { openHeader } from '../../src/envelope/cobblestone.ts';
import { openMessage, sealMessage } from '../../src/envelope/message.ts';
import type { StoredObject } from '../../src/envelope/object.ts';
import { openObject } from '../../src/envelope/open.ts';
import { openReader } from '../../src/envelope/range.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { CHUNK, HEADER, SEALED_CHUNK, sealedMessageSize, TAG } from '../../src/envelope/sizes.ts';
import { AUDIO, codeOf, inPieces, type Outcome, outcome, storeOf } from './bench.ts';

type Case = {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly key: string;
  readonly ctx: string;
  readonly ct: string;
  readonly result: 'valid' | 'invalid';
  readonly msgLength?: number;
  readonly msgSha512?: string;
  readonly aeadKey?: string;
  readonly baseNonce?: string;
};
type Suite = { readonly numberOfTests: number; readonly testGroups: readonly { readonly tests: readonly Case[] }[] };

const context = vi.hoisted((): { now: Uint8Array } => ({ now: new Uint8Array(0) }));
vi.mock('../../src/envelope/object.ts', async (original) => ({
  ...(await original<typeof import('../../src/envelope/object.ts')>()),
  partContext: () => context.now,
}));

const FILE = new URL('../vectors/c2sp_chunked_encryption_aes_256_gcm_test.json', import.meta.url);
const suite: Suite = JSON.parse(readFileSync(FILE, 'utf8'));
const cases = suite.testGroups.flatMap((group) => group.tests);
const SPLITS = [[], [1000], [SEALED_CHUNK], [HEADER, SEALED_CHUNK], [7, 0, SEALED_CHUNK + 1, 3 * CHUNK]];

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const messageOf = (test: Case): Buffer => inflateSync(hex(test.ct));
const valid = (test: Case): boolean => test.result === 'valid';

/** The plaintext length for a stored length, or the nearest one where no message has that length. */
function sizeOf(stored: number): number {
  const body = Math.max(stored - HEADER, 0);
  return Math.floor(body / SEALED_CHUNK) * CHUNK + Math.max((body % SEALED_CHUNK) - TAG, 0);
}

/** A row that confirms everything but the key: only the commitment and the tags can fail. */
function rowFor(message: Buffer, size: number): StoredObject {
  return { ...AUDIO, size, heads: sha256(message.subarray(0, HEADER)), headers: null };
}

function expectDigest(test: Case, bytes: Buffer): void {
  expect(bytes.length).toBe(test.msgLength);
  expect(createHash('sha512').update(bytes).digest('hex')).toBe(test.msgSha512);
}

/** Expects no bytes, or the valid prefix of the case, and then `integrity`. */
function expectPrefixRefused(test: Case, { bytes, error }: Outcome): void {
  expect(error).toMatchObject({ name: 'VaultError', code: 'integrity' });
  if (bytes.length > 0) expectDigest(test, bytes);
}

function within<T>(test: Case, run: (key: SecretKey, message: Buffer) => T): T {
  context.now = hex(test.ctx);
  return run(new SecretKey(hex(test.key)), messageOf(test));
}

describe('the published cases', () => {
  it('are 35, of which 10 are valid', () => {
    expect(suite.numberOfTests).toBe(35);
    expect(new Set(cases.map((test) => test.tcId)).size).toBe(35);
    expect(cases.filter(valid)).toHaveLength(10);
  });

  it.each(cases)('$tcId passes through the key schedule: $comment', (test) => {
    const open = () => openHeader(hex(test.key), hex(test.ctx), messageOf(test).subarray(0, HEADER));
    if (test.flags.includes('HeaderFailure')) {
      expect(codeOf(open)).toBe('integrity');
    } else {
      expect(open().key.toString('hex')).toBe(test.aeadKey);
      expect(open().baseNonce.toString('hex')).toBe(test.baseNonce);
    }
  });

  it.each(cases)('$tcId passes through the whole reader: $comment', (test) => {
    const open = () => openMessage(hex(test.key), hex(test.ctx), messageOf(test));
    if (!valid(test)) {
      expect(codeOf(open)).toBe('integrity');
      return;
    }
    expectDigest(test, open());
    const again = sealMessage(hex(test.key), hex(test.ctx), open(), messageOf(test).subarray(0, 24));
    expect(again.equals(messageOf(test)), 'sealed again with its salt it is the same').toBe(true);
  });
});

describe.each(cases)('$tcId passes through the streaming reader: $comment', (test) => {
  it('in pieces of any length', async () => {
    await within(test, async (key, message) => {
      const row = rowFor(message, sizeOf(message.length));
      for (const split of SPLITS) {
        const result = await outcome(openObject(inPieces(message, split), key, row));
        if (valid(test)) {
          expect(result.error).toBeUndefined();
          expectDigest(test, result.bytes);
        } else {
          expectPrefixRefused(test, result);
        }
      }
    });
  });

  it('chunk by chunk, up to the first that is not authentic', async () => {
    await within(test, async (key, message) => {
      const row = rowFor(message, sizeOf(message.length));
      const { bytes } = await outcome(openObject(inPieces(message, [HEADER, SEALED_CHUNK]), key, row));
      expect(bytes.length).toBe(test.msgLength ?? 0);
    });
  });

  it('fails with every wrong length in the row', async () => {
    await within(test, async (key, message) => {
      const size = sizeOf(message.length);
      for (const wrong of [0, 1, size - CHUNK, size - 1, size + 1, size + CHUNK]) {
        if (wrong < 0 || wrong === size) continue;
        const result = await outcome(
          openObject(inPieces(message, [HEADER, SEALED_CHUNK]), key, rowFor(message, wrong)),
        );
        expect(result.error).toMatchObject({ code: 'integrity' });
      }
    });
  });
});

describe.each(cases)('$tcId passes through the range reader: $comment', (test) => {
  it('for the whole object, each end and the middle', async () => {
    await within(test, async (key, message) => {
      // An empty object has no ranges; for an invalid message of that length the row claims one byte.
      const size = valid(test) ? sizeOf(message.length) : Math.max(sizeOf(message.length), 1);
      const middle = Math.floor(size / 2);
      const rangeOf = async (start: number, end: number): Promise<Outcome> =>
        outcome(openReader(rowFor(message, size), key, storeOf(message).fetch).range(start, end));
      const whole = await rangeOf(0, size);
      if (size === 0) {
        expect(whole.error).toMatchObject({ code: 'range_not_satisfiable' });
      } else if (!valid(test)) {
        expectPrefixRefused(test, whole);
      } else {
        expectDigest(test, whole.bytes);
        for (const [start, end] of [
          [0, 1],
          [size - 1, size],
          [middle, Math.min(middle + 2 * CHUNK, size)],
        ] as const) {
          const { bytes, error } = await rangeOf(start, end);
          expect(error).toBeUndefined();
          expect(bytes.equals(whole.bytes.subarray(start, end))).toBe(true);
        }
      }
    });
  });

  it('verifies the length by the last chunk first', async () => {
    await within(test, async (key, message) => {
      const size = Math.max(sizeOf(message.length), 1);
      const store = storeOf(message);
      await outcome(openReader(rowFor(message, size), key, store.fetch).range(0, 1));
      // The run is fetched only after the header and the last chunk were authenticated.
      const proven = store.asked.some(({ start, end }) => start === 0 && end > HEADER);
      const lengthFits = message.length === sealedMessageSize(size);
      expect(proven).toBe(lengthFits && (valid(test) || test.flags.includes('ValidFinalChunk')));
    });
  });
});
