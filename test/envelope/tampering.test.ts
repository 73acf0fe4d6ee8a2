// Detection of any change to stored bytes: swaps, drops, repeats, cuts, flips, extensions and splices from every
// other sealing. A range fails exactly if one of the bytes that it fetches differs from the stored one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { objectKey, type StoredObject } from '../../src/envelope/object.ts';
import { openObject } from '../../src/envelope/open.ts';
import { openReader } from '../../src/envelope/range.ts';
import { CHUNK, HEADER, PART, SEALED_CHUNK } from '../../src/envelope/sizes.ts';
import * as bench from './bench.ts';
import { AUDIO, allOf, DATA_KEY, expectRefused, inPieces, noiseOf, outcome, storeOf } from './bench.ts';

const KEY = objectKey(DATA_KEY, AUDIO.name);

/** Sealed bytes in units of damage: header and chunks of one message, or whole parts. */
type Units = readonly Buffer[];
type Scene = {
  readonly plaintext: Buffer;
  readonly units: Units;
  readonly row: StoredObject;
  readonly donors: readonly Units[];
};

const index = fc.nat({ max: 999 });
const damages = fc.oneof(
  fc.record({ op: fc.constant('flip'), a: index, at: fc.nat(), bit: fc.nat({ max: 7 }) }),
  fc.record({ op: fc.constant('flip end'), a: index, bit: fc.nat({ max: 7 }) }),
  fc.record({ op: fc.constant('cut'), a: index, at: fc.nat() }),
  fc.record({ op: fc.constant('cut between'), a: index }),
  fc.record({ op: fc.constant('extend'), by: fc.oneof(fc.constantFrom(1, 16, SEALED_CHUNK), fc.nat({ max: 20_000 })) }),
  fc.record({ op: fc.constantFrom('swap', 'move', 'overwrite'), a: index, b: index }),
  fc.record({ op: fc.constantFrom('drop', 'repeat'), a: index }),
  fc.record({ op: fc.constantFrom('splice', 'insert'), a: index, b: index, donor: index }),
  fc.record({ op: fc.constant('splice in place'), a: index, donor: index }),
  fc.record({ op: fc.constantFrom('exchange', 'append', 'begin with', 'end with'), a: index, donor: index }),
);
type Damage = { op: string; a?: number; b?: number; at?: number; bit?: number; by?: number; donor?: number };

function pick<T>(list: readonly T[], at = 0): T {
  const item = list[at % list.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function flipped(bytes: Buffer, at: number, bit = 0): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy.writeUInt8(copy.readUInt8(at % copy.length) ^ (1 << bit), at % copy.length);
  return copy;
}

function damaged({ units, donors }: Scene, how: Damage): Buffer {
  const list = [...units];
  const a = (how.a ?? 0) % list.length;
  const b = (how.b ?? 0) % list.length;
  const donor = pick(donors, how.donor);
  const cut = units.slice(0, a + 1).reduce((sum, unit) => sum + unit.length, 0);
  const changes: Readonly<Record<string, () => unknown>> = {
    flip: () => list.splice(a, 1, flipped(pick(units, a), how.at ?? 0, how.bit)),
    'flip end': () => list.splice(a, 1, flipped(pick(units, a), pick(units, a).length - 1, how.bit)),
    cut: () =>
      list.splice(0, list.length, Buffer.concat(units).subarray(0, cut - 1 - ((how.at ?? 0) % pick(units, a).length))),
    'cut between': () => list.splice(a),
    extend: () => list.push(noiseOf(how.by ?? 1)),
    swap: () => list.splice(a, 1, pick(units, b)) && list.splice(b, 1, pick(units, a)),
    move: () => list.splice(b, 0, ...list.splice(a, 1)),
    overwrite: () => list.splice(a, 1, pick(units, b)),
    drop: () => list.splice(a, 1),
    repeat: () => list.splice(a, 0, pick(units, a)),
    splice: () => list.splice(a, 1, pick(donor, how.b)),
    insert: () => list.splice(a, 0, pick(donor, how.b)),
    'splice in place': () => list.splice(a, 1, pick(donor, a)),
    exchange: () => list.splice(0, list.length, ...donor),
    append: () => list.push(...donor),
    'begin with': () => list.splice(0, a, ...donor.slice(0, a)),
    'end with': () => list.splice(a, list.length, ...donor.slice(a)),
  };
  changes[how.op]?.();
  return Buffer.concat(list);
}

/** An object with everything an attacker may have kept: older sealings, and objects of other identities. */
async function sceneOf(size: number, unitsOf: (parts: readonly Buffer[]) => Units): Promise<Scene> {
  const plaintext = noiseOf(size);
  const { parts, row } = await bench.sealed(plaintext);
  const other = Buffer.from(plaintext).reverse();
  const donors = [
    bench.sealed(plaintext),
    bench.sealed(other),
    ...Object.values(bench.ELSEWHERE).map((place) => bench.sealed(other, place)),
    bench.sealed(other, AUDIO, { dataKey: bench.keyOf('another data key') }),
  ];
  return {
    plaintext,
    units: unitsOf(parts),
    row,
    donors: (await Promise.all(donors)).map((donor) => unitsOf(donor.parts)),
  };
}

function chunksOf(parts: readonly Buffer[]): Units {
  return parts.flatMap((part) => {
    const units = [part.subarray(0, HEADER)];
    for (let at = HEADER; at < part.length; at += SEALED_CHUNK) units.push(part.subarray(at, at + SEALED_CHUNK));
    return units;
  });
}

async function expectWholeRefused(scene: Scene, bad: Buffer, pieces: readonly number[]): Promise<void> {
  expectRefused(await outcome(openObject(inPieces(bad, pieces), KEY, scene.row)), scene.plaintext);
}

/** Reads the range from the stored bytes to record its fetches, then from the damaged ones. */
async function expectRangeJudged(
  scene: Scene,
  bad: Buffer,
  row: StoredObject,
  start: number,
  end: number,
): Promise<boolean> {
  const honest = Buffer.concat(scene.units);
  const before = storeOf(honest);
  const slice = scene.plaintext.subarray(start, end);
  expect((await allOf(openReader(row, KEY, before.fetch).range(start, end))).equals(slice)).toBe(true);
  const touched = before.asked.some((asked) => {
    return !honest.subarray(asked.start, asked.end).equals(bad.subarray(asked.start, asked.end));
  });
  const now = await outcome(openReader(row, KEY, storeOf(bad).fetch).range(start, end));
  if (touched) expectRefused(now, slice);
  else expect(now.error === undefined && now.bytes.equals(slice)).toBe(true);
  return touched;
}

const smallSizes = fc.constantFrom(0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7, 5 * CHUNK);
const small = new Map<number, Promise<Scene>>();
const smallScene = (size: number): Promise<Scene> => {
  const scene = small.get(size) ?? sceneOf(size, chunksOf);
  small.set(size, scene);
  return scene;
};

describe('damage inside a message', () => {
  it('fails a whole read', async () => {
    await fc.assert(
      fc.asyncProperty(smallSizes, damages, bench.splits, async (size, how, pieces) => {
        const scene = await smallScene(size);
        const bad = damaged(scene, how);
        fc.pre(!bad.equals(Buffer.concat(scene.units)));
        await expectWholeRefused(scene, bad, pieces);
        await expectWholeRefused({ ...scene, row: { ...scene.row, headers: null } }, bad, pieces);
      }),
      { numRuns: 2000 },
    );
  });

  it('fails by commitment and tags alone, even if the row confirms the header', async () => {
    await fc.assert(
      fc.asyncProperty(smallSizes, damages, async (size, how) => {
        const scene = await smallScene(size);
        const bad = damaged(scene, how);
        const older = scene.donors.slice(0, 2).map((units) => Buffer.concat(units));
        // Only `heads` distinguishes sealings of a part.
        fc.pre(![Buffer.concat(scene.units), ...older].some((whole) => whole.equals(bad)));
        const row = { ...scene.row, headers: null, heads: sha256(bad.subarray(0, HEADER)) };
        const result = await outcome(openObject(inPieces(bad, [HEADER, SEALED_CHUNK]), KEY, row));
        const reversed = Buffer.from(scene.plaintext).reverse();
        const own = result.bytes.equals(scene.plaintext.subarray(0, result.bytes.length));
        expectRefused(result, own ? scene.plaintext : reversed);
      }),
      { numRuns: 1000 },
    );
  });

  it('fails every range that fetches it, and no other', async () => {
    let touched = 0;
    await fc.assert(
      fc.asyncProperty(smallSizes, damages, fc.nat(), fc.nat(), fc.boolean(), async (size, how, one, two, known) => {
        fc.pre(size > 0);
        const scene = await smallScene(size);
        const bad = damaged(scene, how);
        const [start = 0, last = 0] = [one % size, two % size].sort((x, y) => x - y);
        const row = known ? scene.row : { ...scene.row, headers: null };
        if (await expectRangeJudged(scene, bad, row, start, last + 1)) touched++;
      }),
      { numRuns: 1000 },
    );
    expect(touched).toBeGreaterThan(300);
  });
});

describe('damage between the parts of an object', () => {
  const SIZE = 2 * PART + 2 * CHUNK + 5;
  const scenes = { parts: sceneOf(SIZE, (parts) => parts), chunks: sceneOf(SIZE, chunksOf) };
  const grain = fc.constantFrom('parts', 'parts', 'chunks' as const);

  it('fails a whole read', async () => {
    await fc.assert(
      fc.asyncProperty(grain, damages, async (units, how) => {
        const scene = await scenes[units];
        const bad = damaged(scene, how);
        fc.pre(!bad.equals(Buffer.concat(scene.units)));
        await expectWholeRefused(scene, bad, [3_000_001]);
        // Without the row's headers only `heads`, at the end, detects an older sealing of one part.
        const { error } = await outcome(openObject(inPieces(bad), KEY, { ...scene.row, headers: null }));
        expect(error).toMatchObject({ code: 'integrity' });
      }),
      { numRuns: 60 },
    );
  });

  it('fails every range that fetches it, and no other', async () => {
    let touched = 0;
    await fc.assert(
      fc.asyncProperty(grain, damages, fc.nat(), fc.nat({ max: 9 * CHUNK }), async (units, how, at, length) => {
        const scene = await scenes[units];
        const bad = damaged(scene, how);
        const start = at % 3 === 0 ? PART - 2 * CHUNK + (at % (4 * CHUNK)) : at % SIZE;
        const end = Math.min(start + length + 1, SIZE);
        if (await expectRangeJudged(scene, bad, scene.row, start, end)) touched++;
      }),
      { numRuns: 100 },
    );
    expect(touched).toBeGreaterThan(10);
  });

  it.each([[[1, 0, 2]], [[0, 0, 2]], [[1, 1, 2]]])(
    'fails by commitments alone, with parts in order %j',
    async (order) => {
      const scene = await scenes.parts;
      const parts = order.map((at) => pick(scene.units, at));
      const row = bench.rowOf(AUDIO, SIZE, parts);
      const bad = Buffer.concat(parts);
      expectRefused(await outcome(openObject(inPieces(bad), KEY, row)), scene.plaintext);
      expectRefused(await outcome(openReader(row, KEY, storeOf(bad).fetch).range(0, SIZE)), scene.plaintext);
    },
  );

  it.each([0, 1, 2])('fails with an older sealing of part %i', async (part) => {
    const scene = await scenes.parts;
    for (const [donor, units] of scene.donors.entries()) {
      const bad = Buffer.concat(scene.units.map((unit, at) => (at === part ? pick(units, at) : unit)));
      await expectWholeRefused(scene, bad, []);
      const start = part * PART;
      const touched = await expectRangeJudged(scene, bad, scene.row, start, start + 1);
      expect(touched, `donor ${donor}`).toBe(true);
      // The row's header fails it before a byte of the older sealing is returned.
      const range = await outcome(openReader(scene.row, KEY, storeOf(bad).fetch).range(start, start + CHUNK));
      expect(range.bytes.length).toBe(0);
    }
  });
});
