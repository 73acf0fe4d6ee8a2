// A WAV of any length, the same for the same seed.

/** A WAV of 8 kHz, 16 bits, one channel: 16,000 bytes a second. `claimed` is what its header says of its samples. */
export function wav(samples: number, seed = 1, claimed = samples): Buffer {
  const bytes = Buffer.alloc(44 + samples);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE((36 + claimed) % 2 ** 32, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(16_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(claimed, 40);
  for (let at = 44, x = seed; at < bytes.length; at++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = x >>> 16;
  }
  return bytes;
}
