// Looking for runs of plaintext in what is stored.

const BLOCK = 32;

/**
 * A function that says where in some bytes the first run of 64 bytes of one of `originals` begins, give or take a
 * block, or null: any such run holds one whole block of 32 that begins at a multiple of 32.
 */
export function plaintextFinder(originals: readonly Buffer[]): (bytes: Buffer) => number | null {
  const blocks = new Set<string>();
  // One byte for each way a block can begin, so that nearly every place is passed over at once.
  const beginnings = new Uint8Array(1 << 24);
  for (const original of originals) {
    for (let start = 0; start + BLOCK <= original.length; start += BLOCK) {
      const block = original.toString('latin1', start, start + BLOCK);
      // Silence is the same byte over and over: a database has runs of zeros of its own.
      if (new Set(block).size <= 4) continue;
      blocks.add(block);
      beginnings[original.readUIntBE(start, 3)] = 1;
    }
  }
  return (bytes) => {
    for (let start = 0; start + BLOCK <= bytes.length; start++) {
      if (beginnings[bytes.readUIntBE(start, 3)] !== 1) continue;
      if (blocks.has(bytes.toString('latin1', start, start + BLOCK))) return start;
    }
    return null;
  };
}
