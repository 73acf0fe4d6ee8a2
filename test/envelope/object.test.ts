// Names of objects, contexts of parts, and readers of misbehaving streams.
import { describe, expect, it } from 'vitest';
import { isObjectName, objectKey, objectPath, partContext } from '../../src/envelope/object.ts';
import { openObject } from '../../src/envelope/open.ts';
import { noFindings, openReader } from '../../src/envelope/range.ts';
import { sealObject } from '../../src/envelope/seal.ts';
import { CHUNK, HEADER, MAX_PARTS, PART } from '../../src/envelope/sizes.ts';
import {
  AUDIO,
  allOf,
  codeOf,
  DATA_KEY,
  ELSEWHERE,
  inPieces,
  noiseOf,
  outcome,
  rowOf,
  sealed,
  storeOf,
} from './bench.ts';

const KEY = objectKey(DATA_KEY, AUDIO.name);

describe('an object name', () => {
  it.each(['audio', 'peaks', 'transcript/zh-CN', 'transcript/en', 'transcript/zh-Hans-CN', 'a'])(
    'can be %s',
    (name) => {
      expect(isObjectName(name)).toBe(true);
      expect(objectPath({ ...AUDIO, name })).toBe(`t/${AUDIO.tenant}/r/${AUDIO.recording}/${AUDIO.deposit}/${name}`);
    },
  );

  it.each([
    '',
    'Audio',
    'audio1',
    'audio/',
    '/audio',
    'audio/..',
    '../audio',
    'audio\n',
    'audio\0',
    'transcript/zh-cn',
    'transcript/ZH-CN',
    'transcript/iw',
    'transcript/zh_CN',
    'transcript/zh-CN/x',
    'transcript/a',
    `transcript/${'a'.repeat(36)}`,
    '录音',
  ])('cannot be %j', (name) => {
    expect(isObjectName(name)).toBe(false);
    expect(codeOf(() => objectPath({ ...AUDIO, name }))).toBe('malformed');
  });
});

describe('an object path', () => {
  it.each([
    ['tenant', { tenant: AUDIO.recording }],
    ['tenant', { tenant: '..' }],
    ['recording', { recording: `${AUDIO.recording}/..` }],
    ['deposit', { deposit: '' }],
  ])('requires a well-formed id of a %s', (_name, wrong) => {
    expect(codeOf(() => objectPath({ ...AUDIO, ...wrong }))).toBe('malformed');
  });
});

describe('an object key', () => {
  it('differs for every name and from the data key', () => {
    const keys = ['audio', 'peaks', 'transcript/en'].map((name) => objectKey(DATA_KEY, name));
    const all = [DATA_KEY, ...keys].map((key) => key.use((bytes) => bytes.toString('hex')));
    expect(new Set(all).size).toBe(4);
  });
});

describe('a part context', () => {
  it('differs for every identity and number', () => {
    const places = [AUDIO, ...Object.values(ELSEWHERE)];
    const all = places.flatMap((place) => [0, 1, 256, 9_999].map((part) => partContext(place, part).toString('hex')));
    expect(new Set(all).size).toBe(places.length * 4);
  });
});

describe('sealing', () => {
  it('resumes an interrupted upload under new salts, and the parts form one object', async () => {
    const plaintext = noiseOf(2 * PART + 10);
    const before = await sealed(plaintext);
    const rest: Buffer[] = [];
    for await (const part of sealObject(inPieces(plaintext.subarray(PART)), KEY, AUDIO, { firstPart: 1 })) {
      expect(part.number).toBe(rest.length + 1);
      expect(part.header.equals(part.sealed.subarray(0, HEADER))).toBe(true);
      rest.push(Buffer.from(part.sealed));
    }
    const parts = [...before.parts.slice(0, 1), ...rest];
    expect(rest[0]?.equals(before.parts[1] ?? Buffer.alloc(0))).toBe(false);
    const row = rowOf(AUDIO, plaintext.length, parts);
    expect((await allOf(openObject(inPieces(Buffer.concat(parts)), KEY, row))).equals(plaintext)).toBe(true);
  });

  it('throws body_too_large when the last possible part is full', async () => {
    const parts: number[] = [];
    const run = async (length: number): Promise<void> => {
      for await (const part of sealObject(inPieces(noiseOf(length)), KEY, AUDIO, { firstPart: MAX_PARTS - 1 })) {
        parts.push(part.size);
      }
    };
    await run(PART - 1);
    await expect(run(PART)).rejects.toMatchObject({ code: 'body_too_large' });
    expect(parts).toEqual([PART - 1, PART]);
  });

  it('cancels the source when the uploader stops', async () => {
    let released = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield noiseOf(3 * PART);
      } finally {
        released = true;
      }
    }
    for await (const part of sealObject(source(), KEY, AUDIO)) if (part.number === 0) break;
    expect(released).toBe(true);
  });
});

describe('a reader', () => {
  const plaintext = noiseOf(3 * CHUNK);

  it('cancels the stream at its end, when its reader stops and on an error', async () => {
    const { bytes, row } = await sealed(plaintext);
    let released = 0;
    async function* watched(stored: Uint8Array): AsyncGenerator<Uint8Array> {
      try {
        yield* inPieces(stored, [CHUNK]);
      } finally {
        released++;
      }
    }
    await allOf(openObject(watched(bytes), KEY, row));
    expect(released).toBe(1);
    for await (const _piece of openObject(watched(bytes), KEY, row)) break;
    expect(released).toBe(2);
    await outcome(openObject(watched(Buffer.concat([bytes, bytes])), KEY, row));
    expect(released).toBe(3);
    const reader = openReader(row, KEY, (start, end) => watched(bytes.subarray(start, end)));
    for await (const _piece of reader.range(0, plaintext.length)) break;
    expect(released).toBe(5);
  });

  it('rethrows the error of the store', async () => {
    const { row } = await sealed(plaintext);
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield noiseOf(1);
      throw new Error('the store failed');
    }
    expect((await outcome(openObject(failing(), KEY, row))).error).toMatchObject({ message: 'the store failed' });
    const reader = openReader(row, KEY, failing);
    expect((await outcome(reader.range(0, 1))).error).toMatchObject({ message: 'the store failed' });
  });

  it('stays ended after an error', async () => {
    const { bytes, row } = await sealed(plaintext);
    bytes.writeUInt8(bytes.readUInt8(HEADER + 2 * CHUNK) ^ 1, HEADER + 2 * CHUNK);
    const reading = openObject(inPieces(bytes, [HEADER, CHUNK + 16]), KEY, row);
    expect((await reading.next()).value?.map((chunk) => chunk.length)).toEqual([CHUNK]);
    await expect(reading.next()).rejects.toMatchObject({ code: 'integrity' });
    expect(await reading.next()).toEqual({ done: true, value: undefined });
  });

  it('shares what it has proven with later readers, and nothing else', async () => {
    const { bytes, row: described } = await sealed(plaintext);
    const row = { ...described, headers: null };
    const findings = noFindings();
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(3) ^ 1, 3);
    const failing = openReader(row, KEY, storeOf(damaged).fetch, findings);
    expect((await outcome(failing.range(CHUNK, CHUNK + 1))).error).toMatchObject({ code: 'integrity' });
    expect(findings).toEqual(noFindings());
    const fetches: number[] = [];
    for (const _time of [1, 2, 3]) {
      const store = storeOf(bytes);
      const reader = openReader(row, KEY, store.fetch, findings);
      const slice = plaintext.subarray(CHUNK, CHUNK + 9);
      expect((await allOf(reader.range(CHUNK, CHUNK + 9))).equals(slice)).toBe(true);
      fetches.push(store.asked.length);
    }
    // Header, last chunk and range; then the range alone.
    expect(fetches).toEqual([3, 1, 1]);
  });

  it('verifies the length again until that succeeds', async () => {
    const { bytes, row } = await sealed(plaintext);
    const store = storeOf(bytes.subarray(0, -1));
    const reader = openReader(row, KEY, store.fetch);
    for (const _time of [1, 2]) {
      expect((await outcome(reader.range(0, 1))).error).toMatchObject({ code: 'integrity' });
    }
    expect(store.asked).toHaveLength(2);
  });
});
