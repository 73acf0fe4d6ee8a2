// The decoder pool: a failing decoder costs only the peaks of its recording.
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type DecoderPool, decoderPool, type PoolOptions } from '../../src/adapters/media/decoder-pool.ts';
import { pieceQueue } from '../../src/adapters/media/piece-queue.ts';
import { mediaProbes } from '../../src/adapters/media/probes.ts';
import { probeFile } from '../support/decoded-sound.ts';
import { mediaFile } from '../support/media-files.ts';
import { until } from '../support/until.ts';

const MIB = 1_048_576;
const MP3 = { name: 'mp3' } as const;
const BROKEN = new URL('../support/broken-decoder.ts', import.meta.url);
/** Long timeouts, for a busy machine. */
const TIMES = { startMs: 120_000, baseMs: 120_000, perMibMs: 120_000 };

let pool: DecoderPool;
afterEach(() => pool.close());

function begin(options: Partial<PoolOptions> = {}): void {
  pool = decoderPool({ worker: BROKEN, times: TIMES, ...options });
}

function recording(deed: string, size = 100): { decoding: NonNullable<ReturnType<DecoderPool['begin']>> } {
  const decoding = pool.begin(MP3);
  if (decoding === null) throw new Error('the decoder is not installed');
  if (size > 0) decoding.push(Buffer.alloc(size, `${deed} `));
  return { decoding };
}

/** The result for a whole recording. */
async function outcome(deed: string, size?: number): Promise<string | null> {
  return (await recording(deed, size).decoding.finish())?.toString() ?? null;
}

const threads = (): number => readdirSync('/proc/self/task').length;

describe('a decoder', () => {
  it.each(['throw', 'reject', 'exit', 'memory'])(
    'that does "%s" loses its recording; the next one has peaks',
    async (deed) => {
      begin();
      expect(await outcome(deed)).toBeNull();
      expect(await outcome('decode')).toBe('decode 100');
    },
  );

  it.each(['hang', 'silent'])('that does "%s" is terminated at its deadline; the next one has peaks', async (deed) => {
    begin({ threads: 1, times: { ...TIMES, baseMs: 500, perMibMs: 1_000 } });
    const before = performance.now();
    expect(await outcome(deed, MIB / 2)).toBeNull();
    expect(performance.now() - before).toBeGreaterThan(500);
    await pool.close();
    begin({ threads: 1 });
    expect(await outcome('decode')).toBe('decode 100');
  });

  it('that hangs during an upload is terminated, too, and frees its thread', async () => {
    begin({ threads: 1, times: { ...TIMES, baseMs: 500, perMibMs: 0 } });
    const before = threads();
    const { decoding } = recording('hang', MIB);
    expect(threads()).toBeGreaterThan(before);
    await until('its thread has ended', () => threads() === before);
    decoding.push(Buffer.alloc(3.5 * MIB));
    expect(await decoding.finish()).toBeNull();
  });

  it('has a deadline for loading', async () => {
    begin({ times: { ...TIMES, startMs: 1, baseMs: 0 } });
    expect(await outcome('decode')).toBeNull();
    await pool.close();
    begin();
    expect(await outcome('decode')).toBe('decode 100');
  });

  it('prints nothing of the recording', async () => {
    begin();
    const printed: unknown[] = [];
    const [out, err] = [process.stdout.write, process.stderr.write];
    process.stdout.write = process.stderr.write = (text: unknown) => printed.push(text) > 0;
    try {
      expect(await outcome('print')).toBe('print 100');
    } finally {
      [process.stdout.write, process.stderr.write] = [out, err];
    }
    expect(printed.join('')).not.toContain('secret');
  });

  it('ends with its recording, and with the pool', async () => {
    begin({ threads: 3 });
    await outcome('decode');
    await pool.close();
    begin({ threads: 3 });
    const before = threads();
    await Promise.all([outcome('decode'), outcome('throw'), outcome('decode')]);
    recording('decode', MIB);
    await until('it has a thread', () => threads() > before);
    await pool.close();
    expect(threads()).toBe(before);
    expect(pool.begin(MP3)).toBeNull();
  });
});

describe('a recording', () => {
  it('of many pieces is decoded completely and in order', async () => {
    begin();
    const { decoding } = recording('decode', 0);
    for (let n = 0; n < 3_000; n++) {
      decoding.push(Buffer.alloc(1_000, 'decode '));
      await decoding.room();
    }
    expect((await decoding.finish())?.toString()).toBe('decode 3000000');
  });

  it('has no peaks when more than 4 MiB of it wait, and ends without a thread', async () => {
    begin({ threads: 1 });
    const { decoding: first } = recording('silent', MIB);
    const { decoding } = recording('decode', 4 * MIB);
    decoding.push(Buffer.alloc(1));
    expect(await decoding.finish()).toBeNull();
    first.close();
    expect(await first.finish()).toBeNull();
  });

  it('has no peaks when all recordings together exceed 24 MiB; earlier ones keep theirs', async () => {
    begin({ threads: 1 });
    const waiting = Array.from({ length: 6 }, () => recording('decode', 4 * MIB).decoding);
    expect(await outcome('decode', 100)).toBeNull();
    for (const decoding of waiting) expect((await decoding.finish())?.toString()).toBe(`decode ${4 * MIB}`);
    expect(await outcome('decode', 100)).toBe('decode 100');
  });

  it('waits for a free thread, until its deadline', async () => {
    begin({ threads: 1 });
    const { decoding: first } = recording('silent', MIB);
    const { decoding: second } = recording('decode', 200);
    const ended = second.finish();
    first.close();
    expect((await ended)?.toString()).toBe('decode 200');
    await pool.close();
    begin({ threads: 1, times: { startMs: 100, baseMs: 100, perMibMs: 0 } });
    expect(await Promise.all([outcome('silent', MIB), outcome('decode', 200)])).toEqual([null, null]);
  });

  it('waits for room as long as its sender allows in total, and then no more', async () => {
    begin({ threads: 1, times: { startMs: 60_000, baseMs: 60_000, perMibMs: 60_000 } });
    const { decoding } = recording('silent', 3 * MIB);
    const began = performance.now();
    await decoding.room(300);
    expect(performance.now() - began).toBeGreaterThan(250);
    let free = false;
    const immediate = decoding.room(300).then(() => {
      free = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(free).toBe(true);
    await immediate;
    decoding.close();
  });

  it('that stalls gives its thread to a waiting one, and keeps it if none waits', async () => {
    begin({ threads: 1, idleMs: 50 });
    const { decoding: slow } = recording('decode', MIB);
    await slow.room();
    expect(await outcome('decode', 300)).toBe('decode 300');
    expect(await slow.finish()).toBeNull();
    const { decoding: alone } = recording('decode', MIB);
    alone.push(Buffer.alloc(500));
    expect((await alone.finish())?.toString()).toBe(`decode ${MIB + 500}`);
  });

  it('that arrives slowly occupies no thread for its first bytes', async () => {
    begin({ threads: 1 });
    const slow = Array.from({ length: 20 }, () => recording('decode', MIB / 2).decoding);
    expect(await outcome('decode', 300)).toBe('decode 300');
    for (const decoding of slow) expect((await decoding.finish())?.toString()).toBe(`decode ${MIB / 2}`);
  });

  it('without a byte has no peaks', async () => {
    begin();
    expect(await recording('decode', 0).decoding.finish()).toBeNull();
  });
});

describe('a decoder that is not installed', () => {
  it('leaves recordings without peaks, and their length', async () => {
    const missing = { name: 'absent' } as never;
    begin();
    expect(pool.begin(missing)).toBeNull();
    expect(await pool.loads(missing)).toBe(false);
    const probes = mediaProbes({ ...pool, begin: () => pool.begin(missing) });
    const facts = await probeFile(probes, 'audio/mpeg', mediaFile('vbr.mp3'));
    expect(facts.durationMs).toBeGreaterThan(2_000);
    expect(facts.peaks).toBeNull();
  });
});

describe('bytes that wait', () => {
  it('are overwritten when they are discarded', () => {
    const queue = pieceQueue();
    queue.add(Buffer.alloc(200_000, 'voice'));
    const first = queue.take(false);
    expect(first?.byteLength).toBe(65_536);
    const buffers: Uint8Array[] = [];
    const fill = Uint8Array.prototype.fill;
    Uint8Array.prototype.fill = function (this: Uint8Array, ...given) {
      buffers.push(this);
      return fill.apply(this, given);
    };
    try {
      queue.clear();
    } finally {
      Uint8Array.prototype.fill = fill;
    }
    expect(buffers).toHaveLength(3);
    expect(buffers.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    expect(queue.take(true)).toBeNull();
  });
});

describe('the real worker', () => {
  it('ends on bytes that it cannot decode completely; the next one has peaks', async () => {
    pool = decoderPool({ times: TIMES });
    const head = { channels: 1, preSkip: 0, gain: 1 } as const;
    const junk = pool.begin({ name: 'opus', head });
    junk?.push(Buffer.alloc(200_000));
    expect(await junk?.finish()).toBeNull();
    expect(await Promise.all([pool.loads(MP3), pool.loads({ name: 'opus', head })])).toEqual([true, true]);
  });
});
