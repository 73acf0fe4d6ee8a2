// Properties of every length, split into pieces and range: round trips, slices, and fetched bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMessage, sealMessage } from '../../src/envelope/message.ts';
import { objectKey, partContext } from '../../src/envelope/object.ts';
import { openObject } from '../../src/envelope/open.ts';
import { openReader } from '../../src/envelope/range.ts';
import { sealObject } from '../../src/envelope/seal.ts';
import {
  CHUNK,
  chunkOffset,
  HEADER,
  PART,
  partCount,
  SEALED_CHUNK,
  SEALED_PART,
  sealedObjectSize,
  TAG,
} from '../../src/envelope/sizes.ts';
import {
  AUDIO,
  allOf,
  DATA_KEY,
  inPieces,
  lengths,
  noiseOf,
  outcome,
  rowOf,
  type Sealed,
  sealed,
  splits,
  storeOf,
} from './bench.ts';

const KEY = objectKey(DATA_KEY, AUDIO.name);

/** Arbitrary ranges inside an object, biased to the given edges and to its first and last byte. */
function rangeIn(size: number, edges: readonly number[] = []): fc.Arbitrary<readonly [number, number]> {
  const near = edges.flatMap((edge) => [edge - 1, edge, edge + 1]).filter((at) => at >= 0 && at <= size);
  const bound = fc.oneof(fc.nat({ max: size }), fc.constantFrom(0, 1, size - 1, size, ...near));
  return fc
    .tuple(bound, bound)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    .filter(([start, end]) => start < end);
}

async function expectRoundTrip(length: number, pieces: readonly number[], read: readonly number[]): Promise<void> {
  const plaintext = noiseOf(length);
  const made = await sealed(plaintext, AUDIO, { pieces });
  expect(made.bytes.length).toBe(sealedObjectSize(length));
  expect(made.parts).toHaveLength(partCount(length));
  for (const row of [made.row, { ...made.row, headers: null }]) {
    expect((await allOf(openObject(inPieces(made.bytes, read), KEY, row))).equals(plaintext)).toBe(true);
  }
}

describe('an object of any length', () => {
  it('round-trips for every split into pieces', async () => {
    await fc.assert(fc.asyncProperty(lengths, splits, splits, expectRoundTrip), { numRuns: 300 });
  });

  it('round-trips when the source reuses its memory for each piece', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, splits, async (length, pieces) => {
        async function* reusing(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
          const memory = Buffer.alloc(bytes.length);
          let before = 0;
          for await (const piece of inPieces(bytes, pieces)) {
            memory.fill(0xee, 0, before);
            memory.set(piece);
            before = piece.length;
            yield memory.subarray(0, before);
          }
        }
        const parts: Buffer[] = [];
        for await (const part of sealObject(reusing(noiseOf(length)), KEY, AUDIO)) parts.push(Buffer.from(part.sealed));
        const row = rowOf(AUDIO, length, parts);
        const read = await allOf(openObject(reusing(Buffer.concat(parts)), KEY, row));
        expect(read.equals(noiseOf(length))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('of one part is one standard message', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, splits, async (length, pieces) => {
        const salt = Buffer.alloc(24, 7);
        const { bytes } = await sealed(noiseOf(length), AUDIO, { pieces, salt: () => salt });
        const message = KEY.use((key) => sealMessage(key, partContext(AUDIO, 0), noiseOf(length), salt));
        expect(bytes.equals(message)).toBe(true);
        expect(KEY.use((key) => openMessage(key, partContext(AUDIO, 0), bytes)).equals(noiseOf(length))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it.each([PART - 1, PART, PART + 1, 2 * PART - 1, 2 * PART, 2 * PART + CHUNK])(
    'round-trips at the edge of a part: %i bytes',
    async (length) => {
      await expectRoundTrip(length, [], [1_000_003]);
      await expectRoundTrip(length, [PART - 1, 1, 0, 300_007], [HEADER, SEALED_PART]);
    },
  );

  it('is sealed in parts of 8 MiB, only the last of which is shorter', async () => {
    const made = await sealed(noiseOf(2 * PART), AUDIO, { pieces: [5 * CHUNK + 3] });
    expect(made.parts.map((part) => part.length)).toEqual([SEALED_PART, SEALED_PART, HEADER + TAG]);
  });

  it('never turns a failed source into a complete object', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, splits, async (length, pieces) => {
        async function* failing(): AsyncGenerator<Uint8Array> {
          yield* inPieces(noiseOf(length), pieces);
          throw new Error('the source failed');
        }
        const parts: boolean[] = [];
        const run = async (): Promise<void> => {
          for await (const part of sealObject(failing(), KEY, AUDIO)) parts.push(part.last);
        };
        await expect(run()).rejects.toThrow('the source failed');
        expect(parts).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('any range', () => {
  it('of an object of one part equals the slice, with and without the header in the row', async () => {
    const ranged = lengths
      .filter((length) => length > 0)
      .chain((length) =>
        fc.tuple(fc.constant(length), fc.array(rangeIn(length, [CHUNK, 2 * CHUNK]), { minLength: 1, maxLength: 4 })),
      );
    await fc.assert(
      fc.asyncProperty(ranged, splits, fc.boolean(), async ([length, ranges], pieces, known) => {
        const { bytes, row } = await sealed(noiseOf(length));
        const reader = openReader(known ? row : { ...row, headers: null }, KEY, storeOf(bytes, pieces).fetch);
        for (const [start, end] of ranges) {
          expect((await allOf(reader.range(start, end))).equals(noiseOf(length).subarray(start, end))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([2 * PART, 2 * PART + 3 * CHUNK + 5])('of %i bytes in three parts equals the slice', async (length) => {
    const plaintext = noiseOf(length);
    const { bytes, row } = await sealed(plaintext);
    const edges = [CHUNK, PART - CHUNK, PART, PART + CHUNK, 2 * PART];
    const examples = edges.map((edge): [readonly [number, number], number[]] => [[edge - 1, edge], []]);
    await fc.assert(
      fc.asyncProperty(rangeIn(length, edges), splits, async ([start, end], pieces) => {
        const reader = openReader(row, KEY, storeOf(bytes, pieces.length === 0 ? [] : [...pieces, 700_001]).fetch);
        expect((await allOf(reader.range(start, end))).equals(plaintext.subarray(start, end))).toBe(true);
      }),
      {
        numRuns: 30,
        examples,
      },
    );
  });

  it('outside the object is not satisfiable and fetches nothing', async () => {
    const { bytes, row } = await sealed(noiseOf(100));
    for (const [start, end] of [
      [-1, 1],
      [0, 0],
      [5, 4],
      [0, 101],
      [100, 101],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
    ] as const) {
      const store = storeOf(bytes);
      const { error } = await outcome(openReader(row, KEY, store.fetch).range(start, end));
      expect(error).toMatchObject({ code: 'range_not_satisfiable' });
      expect(store.asked).toEqual([]);
    }
  });

  it('of an object with several parts needs their headers', async () => {
    const { bytes, row } = await sealed(noiseOf(PART));
    expect(() => openReader({ ...row, headers: null }, KEY, storeOf(bytes).fetch)).toThrow(
      'needs its headers'.slice(6),
    );
  });
});

describe('a range fetches', () => {
  /** Stored bytes of the chunks with plaintext from `start` to before `end`, including headers between parts. */
  function chunksOf(size: number, start: number, end: number): number {
    const chunkAt = (at: number): number => chunkOffset(Math.floor(at / PART), Math.floor((at % PART) / CHUNK));
    return Math.min(chunkAt(end - 1) + SEALED_CHUNK, sealedObjectSize(size)) - chunkAt(start);
  }

  async function expectFetches({ bytes, row }: Sealed, ranges: readonly (readonly [number, number])[]): Promise<void> {
    for (const headers of partCount(row.size) === 1 ? [row.headers, null] : [row.headers]) {
      const store = storeOf(bytes);
      const reader = openReader({ ...row, headers }, KEY, store.fetch);
      const tail = sealedObjectSize(row.size);
      for (const [index, [start, end]] of ranges.entries()) {
        store.asked.length = 0;
        await allOf(reader.range(start, end));
        const proof = store.asked.filter((asked) => asked.end === tail && asked.end - asked.start < SEALED_CHUNK);
        const run = store.asked.at(-1) ?? { start: 0, end: 0 };
        // Only a run that begins at a part's first chunk includes the header in front of it.
        const extra = start % PART < CHUNK ? HEADER : 0;
        expect(run.end - run.start).toBe(chunksOf(row.size, start, end) + extra);
        expect(store.asked).toHaveLength(index > 0 ? 1 : headers === null ? 3 : 2);
        if (index === 0) expect(proof.length).toBeGreaterThanOrEqual(1);
        if (index === 0 && headers === null) expect(store.asked[0]).toEqual({ start: 0, end: HEADER });
      }
    }
  }

  it('its chunks, the last chunk at first use, and at most the header of a part', async () => {
    const ranged = lengths
      .filter((length) => length > 0)
      .chain((length) =>
        fc.tuple(fc.constant(length), fc.array(rangeIn(length, [CHUNK]), { minLength: 1, maxLength: 4 })),
      );
    await fc.assert(
      fc.asyncProperty(ranged, async ([length, ranges]) => expectFetches(await sealed(noiseOf(length)), ranges)),
      { numRuns: 150 },
    );
  });

  it('one run across the border of two parts', async () => {
    const length = 2 * PART + 100;
    const made = await sealed(noiseOf(length));
    const ranges = fc.array(rangeIn(length, [PART - 1, PART, PART + CHUNK, 2 * PART]), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(ranges, async (some) => expectFetches(made, some)),
      { numRuns: 15 },
    );
  });
});
