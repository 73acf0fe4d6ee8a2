// One message: only full tags are accepted, chunks keep their position, every sealing has a new salt.
import { type CipherGCMOptions, type CipherGCMTypes, createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  deriveMessageKeys,
  type MessageKeys,
  openChunk,
  openHeader,
  sealChunk,
} from '../../src/envelope/cobblestone.ts';
import { freshSalt, openMessage, sealMessage } from '../../src/envelope/message.ts';
import { CHUNK, HEADER, SEALED_CHUNK, sealedMessageSize, TAG } from '../../src/envelope/sizes.ts';
import { codeOf, lengths, noiseOf } from './bench.ts';

const asked = vi.hoisted((): { options: unknown[] } => ({ options: [] }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const createDecipheriv = (algorithm: CipherGCMTypes, key: Buffer, nonce: Buffer, options?: CipherGCMOptions) => {
    asked.options.push(options);
    return crypto.createDecipheriv(algorithm, key, nonce, options);
  };
  return { ...crypto, createDecipheriv };
});

const KEY = noiseOf(32);
const CONTEXT = Buffer.from('context');

const messageOf = (): MessageKeys => deriveMessageKeys(KEY, CONTEXT, noiseOf(24));

/** A message with a shorter tag, as Node makes it: the same ciphertext, and the tag's first bytes. */
function sealedWithTag(message: MessageKeys, length: number): Buffer {
  const cipher = createCipheriv('aes-256-gcm', message.key, message.baseNonce, { authTagLength: length });
  const body = cipher.update('plaintext');
  return Buffer.concat([body, cipher.final(), cipher.getAuthTag()]);
}

describe('a tag', () => {
  it('opens its chunk when complete', () => {
    expect(openChunk(messageOf(), 0, sealedWithTag(messageOf(), TAG)).toString()).toBe('plaintext');
  });

  it('has 16 bytes in Node, too, which would accept 4', () => {
    asked.options.length = 0;
    openChunk(messageOf(), 0, sealedWithTag(messageOf(), TAG));
    expect(asked.options).toEqual([{ authTagLength: TAG }]);
  });

  it.each([4, 8, 12, 13, 14, 15])('of %i bytes is rejected', (length) => {
    expect(codeOf(() => openChunk(messageOf(), 0, sealedWithTag(messageOf(), length)))).toBe('integrity');
  });

  it.each([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])('without ciphertext, cut to %i bytes, is rejected', (length) => {
    const out = Buffer.alloc(TAG);
    sealChunk(messageOf(), 0, Buffer.alloc(0), out, 0);
    expect(openChunk(messageOf(), 0, out)).toHaveLength(0);
    expect(codeOf(() => openChunk(messageOf(), 0, out.subarray(0, length)))).toBe('integrity');
    const message = sealMessage(KEY, CONTEXT, Buffer.alloc(0));
    expect(codeOf(() => openMessage(KEY, CONTEXT, message.subarray(0, HEADER + length)))).toBe('integrity');
  });
});

describe('a chunk', () => {
  it('is rejected under any other number, and beyond its maximum length', () => {
    const out = Buffer.alloc(SEALED_CHUNK + 1);
    sealChunk(messageOf(), 3, noiseOf(CHUNK), out, 0);
    const chunk = out.subarray(0, SEALED_CHUNK);
    expect(openChunk(messageOf(), 3, chunk).equals(noiseOf(CHUNK))).toBe(true);
    for (const number of [0, 2, 4, 259, 3 + 2 ** 32, 3 + 2 ** 40]) {
      expect(codeOf(() => openChunk(messageOf(), number, chunk))).toBe('integrity');
    }
    const long = Buffer.alloc(SEALED_CHUNK + 1);
    sealChunk(messageOf(), 3, noiseOf(CHUNK + 1), long, 0);
    expect(codeOf(() => openChunk(messageOf(), 3, long))).toBe('integrity');
  });

  it.each([0, 1, 255, 256, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5])(
    'number %i is sealed under the base nonce XOR its number in 96 bits',
    (number) => {
      const message = messageOf();
      const mixed = BigInt(`0x${message.baseNonce.toString('hex')}`) ^ BigInt(number);
      const nonce = Buffer.from(mixed.toString(16).padStart(24, '0'), 'hex');
      const cipher = createCipheriv('aes-256-gcm', message.key, nonce);
      const expected = Buffer.concat([cipher.update('a'), cipher.final(), cipher.getAuthTag()]);
      const out = Buffer.alloc(1 + TAG);
      expect(sealChunk(message, number, Buffer.from('a'), out, 0)).toBe(out.length);
      expect(out.equals(expected)).toBe(true);
    },
  );
});

describe('a message', () => {
  it('round-trips at any length, under a unique salt', () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const message = sealMessage(KEY, CONTEXT, noiseOf(length));
        expect(message.length).toBe(sealedMessageSize(length));
        expect(openMessage(KEY, CONTEXT, message).equals(noiseOf(length))).toBe(true);
        expect(message.equals(sealMessage(KEY, CONTEXT, noiseOf(length)))).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('is rejected at every other length', () => {
    const message = sealMessage(KEY, CONTEXT, noiseOf(100));
    for (let to = 0; to < message.length; to++) {
      expect(codeOf(() => openMessage(KEY, CONTEXT, message.subarray(0, to)))).toBe('integrity');
    }
    expect(codeOf(() => openMessage(KEY, CONTEXT, Buffer.concat([message, Buffer.alloc(TAG)])))).toBe('integrity');
  });

  it.each([0, 16, 24, 31, 33, 64])('is rejected under a key of %i bytes', (length) => {
    const message = sealMessage(KEY, CONTEXT, noiseOf(1));
    expect(codeOf(() => openMessage(noiseOf(length), CONTEXT, message))).toBe('integrity');
    expect(codeOf(() => sealMessage(noiseOf(length), CONTEXT, noiseOf(1)))).toBe('integrity');
  });

  it('accepts salts of 24 bytes only, and new ones are unique', () => {
    expect(() => sealMessage(KEY, CONTEXT, noiseOf(1), Buffer.alloc(23))).toThrow(RangeError);
    const salts = Array.from({ length: 1000 }, () => freshSalt().toString('hex'));
    expect(new Set(salts).size).toBe(1000);
    expect(salts[0]).toHaveLength(48);
  });

  it('overwrites its keys at the end', () => {
    const message = openHeader(KEY, CONTEXT, messageOf().header);
    message.end();
    expect(Buffer.concat([message.key, message.baseNonce]).equals(Buffer.alloc(44))).toBe(true);
    expect(message.header.equals(messageOf().header)).toBe(true);
  });
});
