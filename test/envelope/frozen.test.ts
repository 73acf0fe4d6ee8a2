// The sealed format against the frozen vectors: derivations, messages, objects and named damage, byte for byte.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/bytes/base64.ts';
import { canonicalBytes, parseCanonicalObject } from '../../src/bytes/canonical-json.ts';
import { hkdfExpand, info } from '../../src/bytes/derivation.ts';
import { sha256 } from '../../src/bytes/digest.ts';
import { openMessage, sealMessage } from '../../src/envelope/message.ts';
import { headsOf, objectKey, partContext } from '../../src/envelope/object.ts';
import { openObject } from '../../src/envelope/open.ts';
import { openReader } from '../../src/envelope/range.ts';
import { withDerived } from '../../src/envelope/secret-key.ts';
import { CHUNK, HEADER, PART, partCount, sealedMessageSize, sealedObjectSize } from '../../src/envelope/sizes.ts';
import { allOf, codeOf, expectRefused, inPieces, outcome, rowOf, sealed, storeOf } from './bench.ts';
import { type Damage, frozen, hex, keyFrom, patternOf } from './frozen-vectors.ts';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the encodings', () => {
  it('belong to the only format', () => {
    expect(frozen.format).toBe('callvault/1');
  });

  it.each(frozen.canonical)('write $json', ({ value, json }) => {
    expect(canonicalBytes(value).toString('utf8')).toBe(json);
    if (json.startsWith('{')) expect(parseCanonicalObject(Buffer.from(json))).toEqual(value);
  });

  it.each(frozen.info)('write the fields $fields', ({ fields, hex }) => {
    expect(hexOf(info(...fields))).toBe(hex);
  });

  it('share the pattern of long plaintext', () => {
    expect(hexOf(patternOf(64))).toBe(frozen.pattern.first64);
    for (const [length, digest] of Object.entries(frozen.pattern.sha256)) {
      expect(hexOf(sha256(patternOf(Number(length))))).toBe(digest);
    }
  });
});

describe('the derivations', () => {
  const vectors = frozen.expand;

  it.each(vectors.raw)('expand $length bytes for info "$info"', ({ key, info: about, length, out }) => {
    expect(hexOf(hkdfExpand(hex(key), hex(about), length))).toBe(out);
  });

  it.each(Object.entries(vectors.object_keys))('give the object key of %s', (name, key) => {
    expect(objectKey(keyFrom(vectors.data_key), name).use(hexOf)).toBe(key);
  });

  it.each(Object.entries(vectors.index_keys))('give the index key of %s', (label, key) => {
    expect(withDerived(keyFrom(vectors.metadata_key), ['callvault/index@v1', label], 32, hexOf)).toBe(key);
  });

  it.each([
    ['facts', vectors.data_key, 32, vectors.facts_key],
    ['envelope', vectors.data_key, 64, vectors.envelope_key],
    ['row', vectors.metadata_key, 32, vectors.row_key],
    ['tenant', vectors.metadata_key, 64, vectors.tenant_key],
    ['tombstone', vectors.metadata_key, 64, vectors.tombstone_key],
  ] as const)('give the %s key', (use, from, length, key) => {
    expect(withDerived(keyFrom(from), [`callvault/${use}@v1`], length, hexOf)).toBe(key);
  });

  it.each(frozen.part_context)('give the context of part $part of $object', ({ object, part, hex, ...place }) => {
    expect(hexOf(partContext({ ...place, name: object }, part))).toBe(hex);
  });
});

describe('a message', () => {
  it.each(frozen.message)('of $length bytes equals the vector', (vector) => {
    const message = sealMessage(hex(vector.key), hex(vector.context), patternOf(vector.length), hex(vector.salt));
    expect(message.length).toBe(vector.sealed);
    expect(sealedMessageSize(vector.length)).toBe(vector.sealed);
    if (vector.message !== undefined) expect(hexOf(message)).toBe(vector.message);
    if (vector.head !== undefined) expect(hexOf(message.subarray(0, HEADER))).toBe(vector.head);
    if (vector.sha256 !== undefined) expect(hexOf(sha256(message))).toBe(vector.sha256);
    expect(openMessage(hex(vector.key), hex(vector.context), message).equals(patternOf(vector.length))).toBe(true);
  });
});

describe('an object', () => {
  it.each(frozen.object)('$object of $size bytes equals the vector', async (vector) => {
    const identity = {
      tenant: vector.tenant,
      recording: vector.recording,
      deposit: vector.deposit,
      name: vector.object,
    };
    const dataKey = keyFrom(vector.data_key);
    const plaintext = patternOf(vector.size);
    const salt = (part: number): Buffer => hex(vector.salts[part] ?? '');
    const made = await sealed(plaintext, identity, { dataKey, salt, pieces: [100_003] });
    expect(made.parts.map((part) => hexOf(part.subarray(0, HEADER)))).toEqual(vector.headers);
    expect(toBase64(headsOf(vector.headers.map(hex)))).toBe(vector.heads);
    expect(toBase64(made.row.heads)).toBe(vector.heads);
    expect(made.bytes.length).toBe(vector.sealed);
    expect(hexOf(sha256(made.bytes))).toBe(vector.sha256);

    const key = objectKey(dataKey, vector.object);
    for (const headers of [made.row.headers, null]) {
      const digest = createHash('sha256');
      for await (const run of openObject(inPieces(made.bytes, [65_537]), key, { ...made.row, headers }))
        for (const chunk of run) digest.update(chunk);
      expect(digest.digest('hex')).toBe(vector.plaintext_sha256);
    }
    if (vector.size === 0) return;
    const reader = openReader(made.row, key, storeOf(made.bytes).fetch);
    expect((await allOf(reader.range(0, vector.size))).equals(plaintext)).toBe(true);
  });

  it.each(frozen.size.allowed)('of $size bytes has its sealed size', ({ size, sealed: stored, parts }) => {
    expect(sealedObjectSize(size)).toBe(stored);
    expect(partCount(size)).toBe(parts);
  });

  it.each(frozen.size.too_long)('of %i bytes is too long', (size) => {
    expect(codeOf(() => sealedObjectSize(size))).toBe('body_too_large');
  });
});

/** The damage that test/vectors/README.md describes. */
function damaged(message: Buffer, how: Damage): Buffer {
  const chunks: Buffer[] = [];
  for (let at = HEADER; at < message.length; at += CHUNK + 16) chunks.push(message.subarray(at, at + CHUNK + 16));
  const chunk = (number: number): Buffer => chunks[number] ?? Buffer.alloc(0);
  const bytes = Buffer.from(message);
  switch (how.op) {
    case 'flip':
      bytes.writeUInt8(bytes.readUInt8(how.at) ^ 1, how.at);
      return bytes;
    case 'truncate':
      return bytes.subarray(0, how.to);
    case 'append':
      return Buffer.concat([bytes, hex(how.hex)]);
    case 'replace':
      hex(how.hex).copy(bytes, how.at);
      return bytes;
    case 'swap_chunks':
      [chunks[how.a], chunks[how.b]] = [chunk(how.b), chunk(how.a)];
      break;
    case 'repeat_chunk':
      chunks.splice(how.chunk, 0, chunk(how.chunk));
      break;
    case 'drop_chunk':
      chunks.splice(how.chunk, 1);
      break;
    case 'overwrite_chunk':
      chunks[how.to] = chunk(how.from);
  }
  return Buffer.concat([bytes.subarray(0, HEADER), ...chunks]);
}

describe('a damaged message', () => {
  const vectors = frozen.damage;
  const identity = { ...vectors, name: vectors.object };
  const key = objectKey(keyFrom(vectors.data_key), vectors.object);
  const message = sealMessage(
    hex(vectors.object_key),
    hex(vectors.context),
    patternOf(vectors.size),
    hex(vectors.salt),
  );
  const row = rowOf(identity, vectors.size, [message]);

  it('is valid before the damage', () => {
    expect(vectors.size).toBeLessThan(PART);
    expect(message.length).toBe(vectors.sealed);
    expect(hexOf(sha256(message))).toBe(vectors.sha256);
  });

  it.each(vectors.cases)('is rejected: $name', async ({ how, authentic, sha256: digest }) => {
    const bad = damaged(message, how);
    expect(hexOf(sha256(bad))).toBe(digest);
    expect(codeOf(() => openMessage(hex(vectors.object_key), hex(vectors.context), bad))).toBe('integrity');
    const untouched = bad.subarray(0, message.length).equals(message);
    // The row confirms the right header, or the damaged one: then the commitment must fail.
    for (const known of [
      row,
      { ...row, headers: null },
      { ...row, headers: null, heads: sha256(bad.subarray(0, HEADER)) },
    ]) {
      // A whole read returns everything up to the row's length before it checks for the end.
      const most = untouched ? vectors.size : authentic;
      expectRefused(await outcome(openObject(inPieces(bad, [1000]), key, known)), patternOf(most));
      const range = await outcome(openReader(known, key, storeOf(bad, [1000]).fetch).range(0, vectors.size));
      if (untouched) expect(range.bytes.equals(patternOf(vectors.size))).toBe(true);
      else expectRefused(range, patternOf(authentic));
    }
  });

  it.each(vectors.elsewhere)('is rejected under another identity: $name', ({ key: other, context }) => {
    expect(codeOf(() => openMessage(hex(other), hex(context), message))).toBe('integrity');
  });
});
