// WAVs of any length, the same for the same seed.

type Sound = {
  readonly coding: 'pcm16' | 'mulaw';
  readonly channels: number;
  /** Samples a second of each channel; 8,000 unless given. */
  readonly rate?: number;
  /** Bytes of sound, as the header says. */
  readonly size: number;
};

/** The 44 bytes before the sound. */
export function wavHeader({ coding, channels, rate = 8000, size }: Sound): Buffer {
  const sample = coding === 'pcm16' ? 2 : 1;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE((36 + size) % 2 ** 32, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(coding === 'pcm16' ? 1 : 7, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * sample, 28);
  header.writeUInt16LE(channels * sample, 32);
  header.writeUInt16LE(sample * 8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(size, 40);
  return header;
}

/** A WAV of 8 kHz, 16 bits, one channel: 16,000 bytes a second. `claimed` is the size of the samples in its header. */
export function wav(samples: number, seed = 1, claimed = samples): Buffer {
  const sound = Buffer.alloc(samples);
  for (let at = 0, x = seed; at < samples; at++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    sound[at] = x >>> 16;
  }
  return Buffer.concat([wavHeader({ coding: 'pcm16', channels: 1, size: claimed }), sound]);
}
