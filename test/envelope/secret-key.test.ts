// Keys in memory: lent, zeroed after the last loan, never printed.
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { objectKey } from '../../src/envelope/object.ts';
import { openObject } from '../../src/envelope/open.ts';
import { sealObject } from '../../src/envelope/seal.ts';
import { SecretKey, withDerived } from '../../src/envelope/secret-key.ts';
import { PART } from '../../src/envelope/sizes.ts';
import { AUDIO, codeOf, inPieces, keyOf, noiseOf, outcome, sealed } from './bench.ts';

const SHOWN = 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk';
const SPELLINGS = [SHOWN, Buffer.from(SHOWN).toString('hex'), Buffer.from(SHOWN).toString('base64'), '107', '6b'];

const zeroed = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
/** The memory of a key; only a test keeps it. */
const memoryOf = (key: SecretKey): Buffer => key.use((bytes) => bytes);

describe('a key', () => {
  it('takes ownership: zeroes the given bytes and shares no memory', () => {
    const given = Buffer.from(SHOWN);
    const key = new SecretKey(given);
    expect(zeroed(given)).toBe(true);
    expect(memoryOf(key).toString()).toBe(SHOWN);
    expect(memoryOf(key).buffer.byteLength).toBe(SHOWN.length);
  });

  it('is lent for one call and passes on its result or error', () => {
    const key = keyOf('a');
    expect(key.use((bytes) => bytes.length)).toBe(32);
    expect(() =>
      key.use(() => {
        throw new RangeError('mine');
      }),
    ).toThrow('mine');
    key.zero();
    expect(codeOf(() => key.use(() => 1))).toBe('key_zeroed');
  });

  it('is overwritten at once without a borrower', () => {
    const key = keyOf('a');
    const memory = memoryOf(key);
    key.zero();
    expect(zeroed(memory)).toBe(true);
    key.zero();
  });

  it('throws key_zeroed after zero, which differs from tampering', () => {
    const key = keyOf('a');
    key.zero();
    let called = false;
    const code = codeOf(() =>
      key.use(() => {
        called = true;
      }),
    );
    expect(code).toBe('key_zeroed');
    expect(called).toBe(false);
  });

  it('delays zeroing for a borrower in a call', () => {
    const key = keyOf('a');
    const memory = memoryOf(key);
    key.use((bytes) => {
      key.zero();
      expect(zeroed(bytes)).toBe(false);
      expect(codeOf(() => key.use(() => 1))).toBe('key_zeroed');
    });
    expect(zeroed(memory)).toBe(true);
  });

  it('delays zeroing for the last of several promises, one of which fails', async () => {
    const key = keyOf('a');
    const memory = memoryOf(key);
    const ends: { first?: () => void; second?: (error: Error) => void } = {};
    const first = key.use(() => new Promise<void>((resolve) => (ends.first = resolve)));
    const second = key.use(() => new Promise<void>((_resolve, reject) => (ends.second = reject)));
    key.zero();
    expect(zeroed(memory)).toBe(false);
    ends.first?.();
    await first;
    expect(zeroed(memory)).toBe(false);
    ends.second?.(new Error('mine'));
    await expect(second).rejects.toThrow('mine');
    expect(zeroed(memory)).toBe(true);
  });

  it('is overwritten after a borrower that threw', () => {
    const key = keyOf('a');
    const memory = memoryOf(key);
    const use = () =>
      key.use(() => {
        key.zero();
        throw new Error('mine');
      });
    expect(use).toThrow('mine');
    expect(zeroed(memory)).toBe(true);
  });

  it('derives each key once per use and length, and overwrites it with itself', () => {
    const key = keyOf('a');
    const lent = (use: string, length: number) => withDerived(key, [use], length, (derived) => derived);
    const kept = lent('use', 64);
    expect(kept).toHaveLength(64);
    expect(lent('use', 64)).toBe(kept);
    const others = [lent('use', 32), lent('another', 64)];
    for (const other of others) expect(other).not.toBe(kept);
    key.zero();
    for (const derived of [kept, ...others]) expect(zeroed(derived)).toBe(true);
    expect(codeOf(() => lent('use', 64))).toBe('key_zeroed');
  });

  it('overwrites a lent derived key after the loan', () => {
    const key = keyOf('a');
    const kept = withDerived(key, ['use'], 32, (derived) => {
      key.zero();
      expect(zeroed(derived)).toBe(false);
      return derived;
    });
    expect(zeroed(kept)).toBe(true);
  });

  it('of an object outlives its data key', () => {
    const dataKey = keyOf('a');
    const key = objectKey(dataKey, 'audio');
    dataKey.zero();
    expect(key.use((bytes) => bytes.length)).toBe(32);
    expect(codeOf(() => objectKey(dataKey, 'audio'))).toBe('key_zeroed');
  });
});

describe('a key that ends during a read or an upload', () => {
  it('aborts it with key_zeroed at the next part', async () => {
    const dataKey = keyOf('a');
    const made = await sealed(noiseOf(PART + 1), AUDIO, { dataKey });
    const key = objectKey(dataKey, AUDIO.name);
    async function* zeroing(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(made.bytes, [1_000_000])) {
        yield piece;
        key.zero();
      }
    }
    const { bytes, error } = await outcome(openObject(zeroing(), key, made.row));
    expect(error).toMatchObject({ code: 'key_zeroed' });
    expect(bytes.equals(noiseOf(PART))).toBe(true);

    const parts = async (): Promise<void> => {
      const other = keyOf('b');
      for await (const _part of sealObject(inPieces(noiseOf(PART + 1)), other, AUDIO)) other.zero();
    };
    await expect(parts()).rejects.toMatchObject({ code: 'key_zeroed' });
  });
});

describe('a key is never printed', () => {
  const key = new SecretKey(Buffer.from(SHOWN));
  const holder = { deep: { list: [key] } };

  it.each<[string, () => unknown]>([
    ['toString', () => key.toString()],
    ['String', () => String(key)],
    ['a template', () => `${key}`],
    ['JSON', () => JSON.stringify(key)],
    ['JSON of what holds it', () => JSON.stringify(holder)],
    ['format %s', () => format('%s', key)],
    ['format %j', () => format('%j', key)],
    ['format %d', () => format('%d', key)],
  ])('by %s, which throws', (_name, show) => {
    expect(codeOf(show)).toBe('internal');
  });

  it.each<[string, () => string]>([
    ['inspect', () => inspect(key)],
    ['inspect of what holds it', () => inspect(holder, { depth: 9, showHidden: true, getters: true })],
    ['inspect without custom inspection', () => inspect(key, { customInspect: false, showHidden: true, depth: 9 })],
    ['format %o', () => format('%o', key)],
    ['format %O', () => format('%O', holder)],
    ['its own properties', () => JSON.stringify(Reflect.ownKeys(key))],
    ['a copy', () => JSON.stringify({ ...key })],
    ['a structured clone', () => inspect(structuredClone(key), { showHidden: true })],
  ])('by %s', (_name, show) => {
    const shown = show();
    for (const spelling of SPELLINGS) expect(shown).not.toContain(spelling);
  });

  it('by the console', () => {
    let written = '';
    const stream = new Writable({
      write: (text, _encoding, done) => {
        written += String(text);
        done();
      },
    });
    const console = new Console(stream, stream);
    console.log(key);
    console.dir(holder, { depth: 9, showHidden: true });
    console.error('key: %o', key);
    console.table([holder]);
    expect(written).toContain('[SecretKey]');
    for (const spelling of SPELLINGS) expect(written).not.toContain(spelling);
  });

  it('by the error that it throws', () => {
    const ended = new SecretKey(Buffer.from(SHOWN));
    ended.zero();
    let shown = '';
    try {
      ended.use(() => 1);
    } catch (error) {
      shown = inspect(error, { showHidden: true, depth: 9 });
    }
    expect(shown).toContain('key_zeroed');
    expect(shown).not.toContain(SHOWN);
  });
});
