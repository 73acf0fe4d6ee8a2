// The vectors of the log and the published proofs, checked in Python by the steps of RFC 9162's verifiers; and with one value changed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { runProgram } from '../support/run-program.ts';
import { TOP } from './documents.ts';

const VECTORS = join(TOP, 'test/vectors');
const [TLOG, PUBLISHED] = [join(VECTORS, 'tlog.json'), join(VECTORS, 'transparency-dev-merkle.json')];

type Json = Record<string, never>;
const read = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;
type Report = { readonly right: Readonly<Record<string, number>>; readonly wrong: Readonly<Record<string, number>> };

/** Values of tlog.json, as a path, and what is wrong once the value is another one. */
const CHANGES: readonly (readonly [path: string, wrong: string])[] = [
  ['signer.seed', 'signers'],
  ['leaves.5', 'leaves'],
  ['leaf_hashes.40', 'leaf_hashes'],
  ['roots.0', 'roots'],
  ['roots.33', 'roots'],
  ['roots.1000', 'roots'],
  ['inclusion.100.proof.0', 'inclusion'],
  ['inclusion.100.index', 'inclusion'],
  ['consistency.100.proof.0', 'consistency'],
  ['consistency.100.from', 'consistency'],
  ['checkpoints.256', 'checkpoints'],
  ['checkpoint_of_two_signers', 'two_signers'],
  ['tlog_proof', 'tlog_proofs'],
  ['tlog_proof_with_leaf', 'tlog_proofs'],
  ['tiles.0.sha256', 'tiles'],
  ['tiles.3.sha256', 'tiles'],
  ['tiles.4.sha256', 'tiles'],
  ['tile_paths.1234067', 'tile_paths'],
  ['segment.path', 'segments'],
  ['segment.sha256', 'segments'],
  ['change.proposed', 'changes'],
  ['change.signed.client', 'changes'],
  ['change.signed.signature', 'changes'],
  ['sample.seed', 'samples'],
  ['sample_with_nonce.nonce', 'samples'],
];

/** Another value: a number less by one, or a text with another letter or digit in its second half. */
function other(value: unknown): unknown {
  if (typeof value === 'number') return value - 1;
  const text = String(value);
  const half = Math.floor(text.length / 2);
  const at = half + text.slice(half).search(/[0-8a-yA-Y]/);
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) + 1) + text.slice(at + 1);
}

function changed(path: string): unknown {
  const document = read(TLOG);
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, document);
  parent[last] = other(parent[last]);
  return document;
}

const python = needs('python-cryptography');
describe.skipIf(!python.present)(`check_tlog.py ${python.reason}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'callvault-tlog-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const check = async (tlog: string, published = PUBLISHED) => {
    const ran = await runProgram('/usr/bin/python3', [join(VECTORS, 'check_tlog.py'), tlog, published]);
    return { ...ran, report: ran.out === '' ? null : (JSON.parse(ran.out) as Report) };
  };
  const written = (document: unknown): string => {
    const file = join(folder, 'changed.json');
    writeFileSync(file, JSON.stringify(document));
    return file;
  };

  it('finds every part of the vectors right, and every published case', async () => {
    const [vectors, published] = [read(TLOG), read(PUBLISHED)];
    const sizeOf = (value: object | undefined) => Object.keys(value ?? {}).length;
    const { code, err, report } = await check(TLOG);
    expect([code, err, report?.wrong]).toEqual([0, '', {}]);
    expect(report?.right).toEqual({
      ...{ leaves: sizeOf(vectors['leaves']), leaf_hashes: 1_000, roots: 38, signers: 2 },
      ...{ inclusion: sizeOf(vectors['inclusion']), consistency: sizeOf(vectors['consistency']) },
      ...{ checkpoints: 5, two_signers: 2, tlog_proofs: 2, tiles: 5, tile_paths: 4, segments: 1 },
      ...{ changes: 1, samples: 2, published_inclusion: 98, published_consistency: 98 },
    });
    expect([sizeOf(published['inclusion']), sizeOf(published['consistency'])]).toEqual([98, 98]);
    expect(sizeOf(vectors['roots'])).toBe(38);
  });

  it.each(CHANGES)('finds another value of %s', async (path, wrong) => {
    const { code, err, report } = await check(written(changed(path)));
    expect([code, err]).toEqual([1, '']);
    expect(Object.keys(report?.wrong ?? {})).toContain(wrong);
  });

  it('finds a published case that says the opposite', async () => {
    for (const [kind, wrong] of [
      ['inclusion', 'published_inclusion'],
      ['consistency', 'published_consistency'],
    ] as const) {
      const cases = read(PUBLISHED) as unknown as Record<string, { wantErr: boolean }[]>;
      const [first] = cases[kind] ?? [];
      if (first !== undefined) first.wantErr = !first.wantErr;
      expect((await check(TLOG, written(cases))).report?.wrong).toEqual({ [wrong]: 1 });
    }
  });
});
