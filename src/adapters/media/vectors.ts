// SIMD loops for minimum and maximum, sixteen bytes at a time, in WebAssembly assembled here.

/** The loops over bytes and over words, and their memory. */
export type Vectors = {
  readonly memory: ArrayBuffer;
  readonly bytes: Look;
  readonly words: Look;
};

/**
 * Finds the minimum and maximum from address `from` to sixteen bytes after `last`, which must not be before it. Lanes
 * `frame` apart belong to one channel, so `frame` divides sixteen. The results are at 0 and 16, one after another.
 * Bytes are compared unsigned after the bits `all` are inverted, and `upper` too where the highest bit is set then;
 * words are compared as signed 16-bit numbers and ignore `all` and `upper`.
 */
type Look = (from: number, last: number, frame: number, all: number, upper: number) => void;

/** Start of the sample area, after the results. */
export const SAMPLES_AT = 32;

type Code = readonly number[];

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const int = (value: number): Code => [0x41, value];
const vector = (instruction: number, ...more: number[]): Code => [0xfd, ...leb(instruction), ...more];
const constant = (byteAt: (lane: number) => number): Code =>
  vector(0x0c, ...Array.from({ length: 16 }, (_, n) => byteAt(n)));

// Names and numbers are those of the specification: WebAssembly 2.0, section 5.4.
const END = 0x0b;
const SELECT = 0x1b;
const I32 = { LT_U: 0x49, GE_U: 0x4f, ADD: 0x6a, SHR_U: 0x76 } as const;
const V128 = { LOAD: vector(0x00, 0, 0), AND: vector(0x4e), XOR: vector(0x51) } as const;
const I8X16 = { SWIZZLE: vector(0x0e), SPLAT: vector(0x0f), LT_S: vector(0x25), ADD: vector(0x6e) } as const;
const store = (address: number): Code => vector(0x0b, 0, address);

/** `loop: always; if (condition) { rest; br loop }` */
const loop = (always: Code, condition: Code, rest: Code): Code => [
  ...[0x03, 0x40, ...always, ...condition],
  ...[0x04, 0x40, ...rest, 0x0c, 1, END, END],
];

/** The instructions for minimum and maximum of lanes, with their initial values. */
type Lanes = { readonly min: Code; readonly max: Code; readonly least: Code; readonly greatest: Code };

/** i8x16.min_u, i8x16.max_u */
const BYTES: Lanes = {
  ...{ min: vector(0x77), max: vector(0x79) },
  least: constant(() => 0),
  greatest: constant(() => 0xff),
};
/** i16x8.min_s, i16x8.max_s */
const WORDS: Lanes = {
  ...{ min: vector(0x96), max: vector(0x98) },
  least: constant((lane) => (lane % 2 === 0 ? 0 : 0x80)),
  greatest: constant((lane) => (lane % 2 === 0 ? 0xff : 0x7f)),
};

/** The parameters, then one more int and five vectors. */
const [FROM, LAST, FRAME, ALL, UPPER, SHIFT] = [0, 1, 2, 3, 4, 5] as const;
const [LOW, HIGH, NOW, EACH_ALL, EACH_UPPER] = [6, 7, 8, 9, 10] as const;
const LOCALS: Code = [2, 1, 0x7f, 5, 0x7b];

/** Converts the bytes on the stack to their ranks. */
const RANKED: Code = [
  ...[...get(EACH_ALL), ...V128.XOR, ...set(NOW), ...get(NOW)],
  ...[...get(NOW), ...constant(() => 0), ...I8X16.LT_S, ...get(EACH_UPPER), ...V128.AND, ...V128.XOR],
];

function look({ min, max, least, greatest }: Lanes, ranked: Code): Code {
  const next = [...get(FROM), ...int(16), I32.ADD];
  // The last sixteen bytes may overlap the previous ones: that changes neither minimum nor maximum.
  const forward = [...next, ...get(LAST), ...next, ...get(LAST), I32.LT_U, SELECT, ...set(FROM)];
  const shifted = [...constant((lane) => lane), ...get(SHIFT), ...I8X16.SPLAT, ...I8X16.ADD];
  const others = [...shifted, ...constant(() => 15), ...V128.AND, ...I8X16.SWIZZLE];
  return [
    ...[...greatest, ...set(LOW), ...least, ...set(HIGH)],
    ...[...get(ALL), ...I8X16.SPLAT, ...set(EACH_ALL), ...get(UPPER), ...I8X16.SPLAT, ...set(EACH_UPPER)],
    ...loop(
      [
        ...[...get(FROM), ...V128.LOAD, ...ranked, ...set(NOW)],
        ...[...get(LOW), ...get(NOW), ...min, ...set(LOW)],
        ...[...get(HIGH), ...get(NOW), ...max, ...set(HIGH)],
      ],
      [...get(FROM), ...get(LAST), I32.LT_U],
      forward,
    ),
    // Folds the lanes in halves until those of one frame remain.
    ...[...int(8), ...set(SHIFT)],
    ...loop(
      [],
      [...get(SHIFT), ...get(FRAME), I32.GE_U],
      [
        ...[...get(LOW), ...get(LOW), ...others, ...min, ...set(LOW)],
        ...[...get(HIGH), ...get(HIGH), ...others, ...max, ...set(HIGH)],
        ...[...get(SHIFT), ...int(1), I32.SHR_U, ...set(SHIFT)],
      ],
    ),
    ...[...int(0), ...get(LOW), ...store(0), ...int(0), ...get(HIGH), ...store(16)],
  ];
}

/** A number in LEB128, the encoding of lengths and vector instructions. */
function leb(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

const sized = (code: Code): Code => [...leb(code.length), ...code];
const named = (name: string, kind: number, index: number): Code => [...sized([...Buffer.from(name)]), kind, index];

function module(): Uint8Array<ArrayBuffer> {
  const body = (code: Code): Code => sized([...LOCALS, ...code, END]);
  const sections: readonly (readonly [number, Code])[] = [
    // One type with five ints and no result; two functions of it; one page of memory, 64 KiB.
    [1, [1, 0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0]],
    [3, [2, 0, 0]],
    [5, [1, 0, 1]],
    [7, [3, ...named('memory', 2, 0), ...named('bytes', 0, 0), ...named('words', 0, 1)]],
    [10, [2, ...body(look(BYTES, RANKED)), ...body(look(WORDS, []))]],
  ];
  const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([...magic, ...sections.flatMap(([id, content]) => [id, ...sized(content)])]);
}

/** Instantiates the loops with their own memory; null where the engine has no WebAssembly: `--jitless`, or an old processor. */
export function beginVectors(): Vectors | null {
  try {
    const { memory, bytes, words } = new WebAssembly.Instance(new WebAssembly.Module(module())).exports;
    return { memory: (memory as WebAssembly.Memory).buffer, bytes: bytes as Look, words: words as Look };
  } catch {
    return null;
  }
}
