// Sealed files: the frozen vectors and RFC 9180's own, round trips, an independent reader, and every kind of damage.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { info } from '../../src/bytes/derivation.ts';
import { sha256 } from '../../src/bytes/digest.ts';
import { byteCursor } from '../../src/envelope/byte-cursor.ts';
import { decapsulate, encapsulate, ingestPublicKey } from '../../src/envelope/hpke.ts';
import { sealParts } from '../../src/envelope/seal.ts';
import { openSealedHeader, readSealedHeader, type SealedFileMeta, sealFile } from '../../src/envelope/sealed-file.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { CHUNK, PART } from '../../src/envelope/sizes.ts';
import { hasCode } from '../../src/errors.ts';
import { needs } from '../support/needs.ts';
import { inPieces, noiseOf } from './bench.ts';
import { hex, keyFrom, patternOf } from './frozen-vectors.ts';

type Piece = { readonly hex: string } | { readonly of: string; readonly from: number; readonly to: number };
type SealedCase = {
  readonly name: string;
  readonly size: number;
  readonly header: string;
  readonly meta: string;
  readonly salts: readonly string[];
  readonly content_key: string;
  readonly length: number;
  readonly sha256: string;
};
type Vectors = {
  readonly tenant: string;
  readonly key: string;
  readonly id: string;
  readonly seed: string;
  readonly public: string;
  readonly info: { readonly hpke: string };
  readonly cases: readonly SealedCase[];
  readonly files: Readonly<Record<string, string>>;
  readonly damage: readonly { readonly name: string; readonly bytes: readonly Piece[] }[];
};
const VECTORS = new URL('../vectors/', import.meta.url).pathname;
const vectors = JSON.parse(readFileSync(`${VECTORS}sealed-files.json`, 'utf8')) as Vectors;
const OF = { tenant: vectors.tenant, key: vectors.key, id: vectors.id };
const seed = (): SecretKey => new SecretKey(hex(vectors.seed));
const PUBLIC = hex(vectors.public);

const python = needs('python-cryptography');

function run(...args: readonly string[]): string {
  return execFileSync('/usr/bin/python3', [`${VECTORS}sealed_files.py`, ...args], { encoding: 'utf8' });
}

function metaOf(plaintext: Uint8Array, more: Partial<SealedFileMeta> = {}): SealedFileMeta {
  const facts = { source: 'pbx-1', call_id: 'c-1', from: '+8613800138000', queue: '售后' };
  const digest = sha256(plaintext).toString('hex');
  return { object: 'audio', type: 'audio/wav', size: plaintext.length, sha256: digest, facts, ...more };
}

async function sealedFile(plaintext: Uint8Array, meta = metaOf(plaintext), of = OF): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of sealFile({ ...of, publicKey: PUBLIC }, meta, inPieces(plaintext, [40_000, 1])))
    pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function flipped(file: Buffer, at: number, by: number): Buffer {
  const bytes = Buffer.from(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ by, at);
  return bytes;
}

type Opened = { readonly meta: SealedFileMeta | null; readonly content: Buffer; readonly error: unknown };

async function opened(file: Uint8Array, steps: readonly number[] = [50_000, 7]): Promise<Opened> {
  const cursor = byteCursor(inPieces(file, steps));
  const got: Buffer[] = [];
  let meta: SealedFileMeta | null = null;
  try {
    const header = await readSealedHeader(cursor);
    const open = await openSealedHeader(seed(), header);
    meta = open.meta;
    for await (const chunks of open.parts(cursor)) got.push(...chunks.map((chunk) => Buffer.from(chunk)));
    open.end();
    return { meta, content: Buffer.concat(got), error: undefined };
  } catch (error) {
    return { meta, content: Buffer.concat(got), error };
  }
}

const REJECTIONS = ['integrity', 'malformed', 'format_unknown', 'body_too_large'] as const;

describe('the encapsulation', () => {
  it('gives the values of RFC 9180 A.7.1', async () => {
    const ikm = new SecretKey(hex('683ae0da1d22181e74ed2e503ebf82840deb1d5e872cade20f4b458d99783e31'));
    expect((await ingestPublicKey(ikm)).toString('hex')).toBe(
      '194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664',
    );
    const enc = hex('e5e8f9bfff6c2f29791fc351d2c25ce1299aa5eaca78a757c0b4fb4bcd830918');
    const exporter = await decapsulate(ikm, enc, hex('4f6465206f6e2061204772656369616e2055726e'));
    const exported = async (context: string) =>
      (await exporter(hex(context), 32)).use((bytes) => bytes.toString('hex'));
    expect(await exported('')).toBe('7a36221bd56d50fb51ee65edfd98d06a23c4dc87085aa5866cb7087244bd2a36');
    expect(await exported('00')).toBe('d5535b87099c6c3ce80dc112a2671c6ec8e811a2f284f948cec6dd1708ee33f0');
    expect(await exported('54657374436f6e74657874')).toBe(
      'ffaabc85a776136ca0c378e5d084c9140ab552b78f039d2e8775f26efff4c70e',
    );
  });

  it('is another one for each file, and rejects keys with which every sender shares the secret', async () => {
    const first = await encapsulate(PUBLIC, info('x'));
    const second = await encapsulate(PUBLIC, info('x'));
    expect(first.kem.equals(second.kem)).toBe(false);
    const low = [Buffer.alloc(32), Buffer.concat([Buffer.of(1), Buffer.alloc(31)])];
    for (const key of low) {
      await expect(encapsulate(key, info('x'))).rejects.toMatchObject({ code: 'integrity' });
      await expect(decapsulate(seed(), key, info('x'))).rejects.toMatchObject({ code: 'integrity' });
    }
    await expect(encapsulate(Buffer.alloc(31, 9), info('x'))).rejects.toMatchObject({ code: 'integrity' });
  });

  it.runIf(python.present)(`is made by the independent program as it is here ${python.reason}`, () => {
    expect(run('--rfc9180')).toBe('1 passed, 0 failed\n');
    expect(run('--check', `${VECTORS}sealed-files.json`)).toContain('the same');
  });
});

describe('the frozen sealed files', () => {
  it('are sealed to the public key of their seed', async () => {
    expect((await ingestPublicKey(seed())).toString('hex')).toBe(vectors.public);
    expect(info('callvault/sealed@v1', OF.tenant, OF.key, OF.id).toString('hex')).toBe(vectors.info.hpke);
  });

  it.each(vectors.cases)('open: $name', async ({ size, header, meta }) => {
    const bytes = hex(header);
    const open = await openSealedHeader(seed(), await readSealedHeader(byteCursor(inPieces(bytes))));
    expect(open.meta).toEqual(JSON.parse(meta));
    expect(open.meta.size).toBe(size);
    expect(open.meta.sha256).toBe(sha256(patternOf(size)).toString('hex'));
    expect(open.length).toBe(vectors.cases.find((one) => one.size === size)?.length);
  });

  it.each(vectors.cases)('have the same parts here: $name', async (one) => {
    const context = (part: number): Buffer => {
      const number = Buffer.alloc(4);
      number.writeUInt32BE(part);
      return Buffer.concat([info('callvault/sealed-part@v1', OF.tenant, OF.key, OF.id), number]);
    };
    const salt = (part: number): Buffer => hex(one.salts[part] ?? '');
    const whole = createHash('sha256').update(hex(one.header));
    for await (const part of sealParts(inPieces(patternOf(one.size)), keyFrom(one.content_key), context, { salt }))
      whole.update(part.sealed);
    expect(whole.digest('hex')).toBe(one.sha256);
  });

  it.each(Object.entries(vectors.files))('open whole: %s', async (_name, file) => {
    const { content, error } = await opened(hex(file));
    expect(error).toBeUndefined();
    expect(content.equals(patternOf(2 * CHUNK + 100))).toBe(true);
  });

  it.each(vectors.damage)('are rejected: $name', async ({ bytes }) => {
    const file = Buffer.concat(
      bytes.map((one) => ('hex' in one ? hex(one.hex) : hex(vectors.files[one.of] ?? '').subarray(one.from, one.to))),
    );
    const { content, error } = await opened(file);
    expect(hasCode(error, ...REJECTIONS)).toBe(true);
    expect(content.equals(patternOf(2 * CHUNK + 100).subarray(0, content.length))).toBe(true);
  });
});

describe('a sealed file', () => {
  const sizes = fc.oneof(fc.constantFrom(0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK), fc.nat({ max: 5 * CHUNK }));

  it('returns the bytes that were sealed, whatever their length and pieces', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1 }), async (size, steps) => {
        const plaintext = noiseOf(size);
        const { meta, content, error } = await opened(await sealedFile(plaintext), steps);
        expect(error).toBeUndefined();
        expect(meta).toEqual(metaOf(plaintext));
        expect(content.equals(plaintext)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('has parts of 8 MiB', async () => {
    const plaintext = noiseOf(PART + 3);
    const file = await sealedFile(plaintext);
    const { content, error } = await opened(file, [1 << 20]);
    expect(error).toBeUndefined();
    expect(sha256(content).equals(sha256(plaintext))).toBe(true);
  });

  it.runIf(python.present)(`is read by the independent program ${python.reason}`, async () => {
    const plaintext = noiseOf(PART + 3);
    const file = await sealedFile(plaintext);
    const folder = mkdtempSync(join(tmpdir(), 'sealed-file-'));
    try {
      writeFileSync(join(folder, 'file'), file);
      const read = JSON.parse(run('--open', vectors.seed, join(folder, 'file'))) as { meta: unknown; sha256: string };
      expect(read).toEqual({ meta: metaOf(plaintext), sha256: createHash('sha256').update(plaintext).digest('hex') });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is rejected after any cut, flip, repeat or exchange of its bytes, and gives out only what was sealed', async () => {
    const plaintext = noiseOf(3 * CHUNK + 50);
    const file = await sealedFile(plaintext);
    const donors = [
      await sealedFile(plaintext),
      await sealedFile(plaintext, metaOf(plaintext), { ...OF, id: '0190f2e4-6c5d-7e8f-9a0b-000000000000' }),
    ];
    const at = fc.nat({ max: file.length - 1 });
    const damage = fc.oneof(
      fc.record({ op: fc.constant('flip' as const), at, by: fc.integer({ min: 1, max: 255 }) }),
      fc.record({
        op: fc.constantFrom('cut' as const, 'drop' as const, 'repeat' as const),
        at,
        by: fc.nat({ max: 20_000 }),
      }),
      fc.record({ op: fc.constant('donor' as const), at, by: fc.nat({ max: 1 }) }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async ({ op, at: from, by }) => {
        const made = (
          {
            flip: () => flipped(file, from, by),
            cut: () => file.subarray(0, from),
            drop: () => Buffer.concat([file.subarray(0, from), file.subarray(from + by + 1)]),
            repeat: () => Buffer.concat([file.subarray(0, from + by + 1), file.subarray(from)]),
            donor: () => Buffer.concat([file.subarray(0, from + 1), (donors[by] as Buffer).subarray(from + 1)]),
          } as const
        )[op]();
        if (made.equals(file) || donors.some((donor) => donor.equals(made))) return;
        const { content, error } = await opened(made);
        expect(hasCode(error, ...REJECTIONS)).toBe(true);
        expect(content.equals(plaintext.subarray(0, content.length))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not open with another seed', async () => {
    const file = await sealedFile(noiseOf(10));
    const header = await readSealedHeader(byteCursor(inPieces(file)));
    await expect(openSealedHeader(new SecretKey(sha256('another')), header)).rejects.toMatchObject({
      code: 'integrity',
    });
  });

  it('does not open with a seed that was overwritten, also after it opened others', async () => {
    const file = await sealedFile(noiseOf(10));
    const header = await readSealedHeader(byteCursor(inPieces(file)));
    const ended = seed();
    (await openSealedHeader(ended, header)).end();
    ended.zero();
    await expect(openSealedHeader(ended, header)).rejects.toMatchObject({ code: 'key_zeroed' });
  });

  it('is not finished where the content has another size than its metadata', async () => {
    const made = sealedFile(noiseOf(100), metaOf(noiseOf(99)));
    await expect(made).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each([
    ['an unknown object', { object: 'peaks' }],
    ['a name with a language that is not canonical', { object: 'transcript/ZH' }],
    ['a type with a line break', { type: 'audio/wav\n' }],
    ['a digest of another form', { sha256: 'A'.repeat(64) }],
    ['a size that is no number of bytes', { size: -1 }],
    ['facts longer than a header', { facts: { notes: 'x'.repeat(60_000) } }],
  ])('is not sealed with %s', async (_what, wrong) => {
    await expect(sealedFile(noiseOf(1), metaOf(noiseOf(1), wrong))).rejects.toMatchObject({ code: 'malformed' });
  });

  it('shows neither content nor metadata', async () => {
    const canary = Buffer.from('canary-content');
    const file = await sealedFile(canary);
    for (const seen of ['canary', '13800138000', 'pbx-1', '售后', 'audio'])
      expect(file.includes(Buffer.from(seen))).toBe(false);
  });
});
