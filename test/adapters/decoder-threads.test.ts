// Threads of the decoder pool: one recording after another, and nothing of one in the next.
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type DecoderPool, decoderPool, type PoolOptions } from '../../src/adapters/media/decoder-pool.ts';
import { mediaProbes } from '../../src/adapters/media/probes.ts';
import { probeFile } from '../support/decoded-sound.ts';
import { mediaFile } from '../support/media-files.ts';
import { until } from '../support/until.ts';

const BROKEN = new URL('../support/broken-decoder.ts', import.meta.url);
/** Long timeouts, for a busy machine. */
const TIMES = { startMs: 120_000, baseMs: 120_000, perMibMs: 120_000 };

let pool: DecoderPool;
afterEach(() => pool.close());

function begin(options: Partial<PoolOptions> = {}): void {
  pool = decoderPool({ worker: BROKEN, times: TIMES, ...options });
}

/** The result for a recording that makes the decoder do this. */
async function outcome(deed: string, size = 100): Promise<string | null> {
  const decoding = pool.begin({ name: 'mp3' });
  if (decoding === null) throw new Error('the decoder is not installed');
  decoding.push(Buffer.alloc(size, `${deed} `));
  return (await decoding.finish())?.toString() ?? null;
}

const threads = (): number => readdirSync('/proc/self/task').length;

describe('a thread', () => {
  it('decodes the next recording too, and ends when it has rested', async () => {
    begin({ threads: 1, restMs: 60_000 });
    const before = threads();
    expect(await outcome('decode')).toBe('decode 100');
    const one = threads();
    expect(one).toBeGreaterThan(before);
    expect(await outcome('decode', 70_000)).toBe('decode 70000');
    expect(threads()).toBe(one);
    await pool.close();
    begin({ threads: 1, restMs: 1 });
    expect(await outcome('decode')).toBe('decode 100');
    await until('it has ended', () => threads() === before);
    expect(await outcome('decode')).toBe('decode 100');
  });

  it('that failed decodes no other recording', async () => {
    begin({ threads: 1, restMs: 60_000 });
    const before = threads();
    expect(await outcome('throw')).toBeNull();
    await until('it has ended', () => threads() === before);
  });

  it('finds the same peaks in each recording, whatever it decoded before', async () => {
    pool = decoderPool({ threads: 1, times: TIMES, restMs: 60_000 });
    const probes = mediaProbes(pool);
    const typeOf = (name: string): string => (name.endsWith('.ogg') ? 'audio/ogg' : 'audio/mpeg');
    const peaks = async (name: string) => (await probeFile(probes, typeOf(name), mediaFile(name))).peaks;
    const [mp3, opus] = [await peaks('xing.mp3'), await peaks('opus.ogg')];
    expect(mp3?.length).toBeGreaterThan(20);
    expect(opus?.length).toBeGreaterThan(20);
    for (const name of ['xing.mp3', 'opus.ogg', 'opus.ogg', 'xing.mp3'])
      expect(await peaks(name)).toEqual(name === 'opus.ogg' ? opus : mp3);
  });
});
