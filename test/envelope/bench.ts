// Helpers of the tests of the sealed format: bytes to seal, streams in pieces, a store that records its fetches.
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { type ObjectIdentity, objectKey, type StoredObject } from '../../src/envelope/object.ts';
import type { FetchRange } from '../../src/envelope/range.ts';
import { type SealOptions, sealObject } from '../../src/envelope/seal.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { CHUNK, HEADER } from '../../src/envelope/sizes.ts';
import { type ErrorCode, VaultError } from '../../src/errors.ts';

export const AUDIO: ObjectIdentity = {
  tenant: 'ten_01m88yxtm0f2zv6wb82ekzd997',
  recording: 'rec_01m88yxtm0epqvg36bhyhy6qv8',
  deposit: 'dep_01m88yxtm0f61br0t16mwc5453',
  name: 'audio',
};

/** Other identities a sealed part could be moved to, each with one difference; `peaks` shares AUDIO's data key. */
export const ELSEWHERE: Readonly<Record<string, ObjectIdentity>> = {
  'another object of the deposit': { ...AUDIO, name: 'peaks' },
  'another deposit': { ...AUDIO, deposit: 'dep_01m88yxtm0f61br0t16mwc5454' },
  'another recording': { ...AUDIO, recording: 'rec_01m88yxtm0epqvg36bhyhy6qv9' },
  'another tenant': { ...AUDIO, tenant: 'ten_01m88yxtm0f2zv6wb82ekzd998' },
};

/** A 32-byte key derived from a label. */
export function keyOf(label: string): SecretKey {
  return new SecretKey(sha256(label));
}

export const DATA_KEY = keyOf('data key');

let noise = Buffer.alloc(0);

/** `length` deterministic bytes without a pattern that could hide a moved chunk. */
export function noiseOf(length: number): Buffer {
  if (noise.length < length) {
    noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
  }
  return noise.subarray(0, length);
}

/** The bytes as a stream with pieces of the given lengths, repeated; an empty list means one piece. */
export async function* inPieces(bytes: Uint8Array, lengths: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const steps = lengths.some((length) => length > 0) ? lengths : [Math.max(bytes.length, 1)];
  for (let at = 0, step = 0; at < bytes.length; step++) {
    const length = steps[step % steps.length] ?? 0;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** The bytes that a reader returned, and its error, if any. */
export type Outcome = { readonly bytes: Buffer; readonly error: unknown };

/** Reads to the end or to an error. */
export async function outcome(source: AsyncIterable<Uint8Array | readonly Uint8Array[]>): Promise<Outcome> {
  const got: Uint8Array[] = [];
  try {
    for await (const given of source) got.push(Buffer.concat(given instanceof Uint8Array ? [given] : given));
  } catch (error) {
    return { bytes: Buffer.concat(got), error };
  }
  return { bytes: Buffer.concat(got), error: undefined };
}

/** All bytes of a stream; fails on an error. */
export async function allOf(source: AsyncIterable<Uint8Array | readonly Uint8Array[]>): Promise<Buffer> {
  const { bytes, error } = await outcome(source);
  if (error !== undefined) throw error;
  return bytes;
}

/** A sealed object with its row. */
export type Sealed = { readonly parts: readonly Buffer[]; readonly bytes: Buffer; readonly row: StoredObject };

/** The row of an object with these sealed parts. */
export function rowOf(identity: ObjectIdentity, size: number, parts: readonly Uint8Array[]): StoredObject {
  const headers = Buffer.concat(parts.map((part) => part.subarray(0, HEADER)));
  return { ...identity, size, heads: sha256(headers), headers };
}

/** Seals with the object key derived from the data key. */
export async function sealed(
  plaintext: Uint8Array,
  identity: ObjectIdentity = AUDIO,
  options: SealOptions & { readonly dataKey?: SecretKey; readonly pieces?: readonly number[] } = {},
): Promise<Sealed> {
  const key = objectKey(options.dataKey ?? DATA_KEY, identity.name);
  const parts: Buffer[] = [];
  for await (const part of sealObject(inPieces(plaintext, options.pieces), key, identity, options)) {
    parts.push(Buffer.from(part.sealed));
  }
  return { parts, bytes: Buffer.concat(parts), row: rowOf(identity, plaintext.length, parts) };
}

/** A store of one blob that answers short at its end, and the list of its fetches. */
export function storeOf(bytes: Uint8Array, pieces: readonly number[] = []): { fetch: FetchRange; asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: FetchRange = (start, end) => {
    asked.push({ start, end });
    return inPieces(bytes.subarray(start, end), pieces);
  };
  return { fetch, asked };
}

export type Asked = { readonly start: number; readonly end: number };

/** The code of the VaultError that `run` throws; fails on anything else. */
export function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(VaultError);
    return error instanceof VaultError ? error.code : undefined;
  }
  return undefined;
}

/** Expects the only allowed failure on unauthentic bytes: authentic bytes, then `integrity`. */
export function expectRefused({ bytes, error }: Outcome, authentic: Uint8Array): void {
  expect(error).toMatchObject({ name: 'VaultError', code: 'integrity' });
  expect(bytes.length).toBeLessThanOrEqual(authentic.length);
  expect(bytes.equals(authentic.subarray(0, bytes.length)), 'what came out is the authentic beginning').toBe(true);
}

/** Arbitrary lengths, biased to the edges of chunks. */
export const lengths = fc.oneof(
  fc.constantFrom(
    0,
    1,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    2 * CHUNK,
    3 * CHUNK - 1,
    3 * CHUNK + 1,
    17 * CHUNK,
    33 * CHUNK + 5,
  ),
  fc.nat({ max: 5 * CHUNK }),
);

/** Arbitrary piece lengths, biased to the edges of chunks and to empty pieces. */
export const splits = fc.array(
  fc.oneof(fc.constantFrom(0, 1, 16, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 16), fc.integer({ min: 1, max: 3 * CHUNK })),
  { maxLength: 6 },
);
