// Search for runs of plaintext in stored bytes.

const BLOCK = 32;

/**
 * Returns a function that finds the first run of 64 bytes of any of `originals` in some bytes and returns its position
 * (give or take a block), or null. Every such run contains one whole block of 32 that begins at a multiple of 32.
 */
export function plaintextFinder(originals: readonly Buffer[]): (bytes: Buffer) => number | null {
  const blocks = new Set<string>();
  // First byte of every block, so that most positions are skipped at once.
  const beginnings = new Uint8Array(1 << 24);
  for (const original of originals) {
    for (let start = 0; start + BLOCK <= original.length; start += BLOCK) {
      const block = original.toString('latin1', start, start + BLOCK);
      // Blocks of one repeated byte are left out: silence is such a block, and databases have runs of zeros too.
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
