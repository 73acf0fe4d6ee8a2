// Damaged media files, made of real ones: the same for the same seed.

const SIZE = 524_288;
/** The bytes that identify a file's type; of a WAV with its format. */
const HEAD = 128;

/** Numbers from 0 to 2^32, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + 0x9e37_79b9) >>> 0;
    return (x ^ (x >>> 13)) >>> 0;
  };
}

/** A file of half a mebibyte made of one or more real ones: bytes changed, parts doubled, moved and left out. */
export function damagedFile(real: readonly Buffer[], random: () => number): Buffer {
  const first = real[random() % real.length] as Buffer;
  const pieces: Buffer[] = [first.subarray(0, HEAD)];
  for (let size = HEAD; size < SIZE; ) {
    const from = real[random() % real.length] as Buffer;
    const begin = random() % from.length;
    const piece = random() % 4 === 0 ? from.subarray(16) : from.subarray(begin, begin + (random() % 2_000));
    const times = random() % 8 === 0 ? random() % 200 : 1;
    for (let n = 0; n < times; n++) pieces.push(piece);
    size += piece.length * times;
  }
  const file = Buffer.concat(pieces).subarray(0, SIZE);
  for (let n = random() % 400; n > 0; n--) file[HEAD + (random() % (file.length - HEAD))] = random();
  return file;
}
