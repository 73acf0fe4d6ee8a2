// What answers of a vault, of a proxy and of an attacker mean for a sealed file.
import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../src/relay/answers.ts';
import { backoffMs } from '../../src/relay/backoff.ts';
import {
  confirmationCheck,
  readRejectedName,
  readSealedName,
  rejectedName,
  sealedName,
} from '../../src/relay/names.ts';

const id = randomUUID();
const digest = createHash('sha256').update('call').digest('hex');
const name = { id, check: confirmationCheck(id, 4, digest) };
const problem = (status: number, code: string) => ({ status, json: { code }, retryAfterMs: null });

describe('an answer', () => {
  it('stores a file only with its size and digest', () => {
    const stored = (size: unknown, sha256: unknown) =>
      meaningOf(name, { status: 201, json: { size, sha256 }, retryAfterMs: null }).kind;
    expect(stored(4, digest)).toBe('stored');
    expect(stored(4, digest.toUpperCase())).toBe('stored');
    for (const [size, sha256] of [
      [5, digest],
      [4, digest.replace(/^./, 'g')],
      [4, 'a'.repeat(64)],
      ['4', digest],
      [4, null],
    ])
      expect(stored(size, sha256)).toBe('later');
    expect(meaningOf(name, { status: 200, json: null, retryAfterMs: null })).toMatchObject({
      code: 'confirmation_differs',
      all: false,
    });
    // The confirmation of another file with the same bytes.
    const other = { id: randomUUID(), check: name.check };
    expect(meaningOf(other, { status: 201, json: { size: 4, sha256: digest }, retryAfterMs: null }).kind).toBe('later');
  });

  it.each(['call_differs', 'call_key_taken', 'metadata_invalid', 'media_type_unsupported', 'erased', 'malformed'])(
    'of the vault rejects a file by %s',
    (code) => expect(meaningOf(name, problem(422, code))).toEqual({ kind: 'rejected', code, call: null }),
  );

  it.each([
    ['a proxy that limits bodies', { status: 413, json: null, retryAfterMs: null }],
    ['a proxy without the path', { status: 404, json: { message: 'not found' }, retryAfterMs: null }],
    ['an unknown problem', problem(422, 'new_problem')],
    ['a definite problem of a server that fails', problem(500, 'malformed')],
    ['a credential that ended', problem(401, 'unauthenticated')],
    ['an unknown key', problem(409, 'ingest_key_unknown')],
    ['an outage', problem(503, 'store_unavailable')],
    ['a redirect', { status: 302, json: null, retryAfterMs: null }],
    ['none', null],
  ])('of %s lets the file wait', (_name, answer) => {
    expect(meaningOf(name, answer).kind).toBe('later');
  });

  it('about one file does not delay the others', () => {
    expect(meaningOf(name, problem(409, 'ingest_key_unknown'))).toMatchObject({ all: false });
    expect(meaningOf(name, problem(503, 'store_unavailable'))).toMatchObject({ all: true });
    expect(meaningOf(name, null)).toMatchObject({ all: true, code: 'unreachable' });
  });
});

describe('names', () => {
  it('hold what a restart must know', () => {
    expect(readSealedName(sealedName(name))).toEqual(name);
    expect(readRejectedName(rejectedName(name, 'call_differs'))).toEqual({ ...name, code: 'call_differs' });
    expect(readRejectedName(rejectedName(name, 'x/../y'))).toEqual({ ...name, code: 'rejected' });
    expect(readSealedName(`x${sealedName(name)}`)).toBeNull();
  });

  it('differ for two files with equal bytes', () => {
    expect(confirmationCheck(randomUUID(), 4, digest)).not.toBe(name.check);
  });
});

describe('the wait between attempts', () => {
  it('doubles from one second to five minutes, with up to half of it left to chance', () => {
    expect([0, 1, 5, 8, 9, 50].map((failures) => backoffMs(failures, null, () => 0))).toEqual([
      1_000, 2_000, 32_000, 256_000, 300_000, 300_000,
    ]);
    expect(backoffMs(3, null, () => 1)).toBe(4_000);
  });

  it('is at least what the vault asks for, and never more than five minutes', () => {
    expect(backoffMs(0, 60_000, () => 0)).toBe(60_000);
    expect(backoffMs(9, 60_000, () => 0)).toBe(300_000);
    expect(backoffMs(0, 86_400_000, () => 0)).toBe(300_000);
  });
});
