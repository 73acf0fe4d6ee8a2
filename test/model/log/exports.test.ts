// The check of the log against the exports of an independent program: nothing in good logs, and the planted faults.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { createLogCheck } from '../../../src/model/log/check.ts';
import { readEntries } from '../../../src/model/log/entries.ts';
import { FINDING_CODES } from '../../../src/model/log/finding.ts';
import { proofCrypto } from '../../../src/vault/core/proofs/proof-crypto.ts';
import { needs } from '../../support/needs.ts';
import { PLANTED } from '../../support/planted-logs.ts';

type Case = {
  readonly name: string;
  readonly args: readonly string[];
  readonly codes: readonly (readonly [code: string, index: number])[];
  readonly all_notices?: readonly string[];
};

const python = needs('python-cryptography');
const folder = mkdtempSync(join(tmpdir(), 'callvault-cases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeCases(): readonly Case[] {
  if (!python.present) return [];
  const made = spawnSync('/usr/bin/python3', ['test/vectors/log_export.py', folder], { encoding: 'utf8' });
  expect(made).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[];
}

/** Notices and codes about checkpoints, receipts and tiles, which are no part of this check. */
const OUTSIDE_NOTICES = /^(unsealed|before_adoption|no_adoption)$/;
const OUTSIDE = /^(fork|behind|signature|receipt|hash|tile_differs)$/;

describe.skipIf(!python.present)(`the check of the log ${python.reason}`, () => {
  const cases = makeCases().filter(({ name }) => !name.startsWith('proofs '));

  it.each(cases)('agrees with the independent program about: $name', ({ name, args, codes, all_notices: all }) => {
    const given = args[args.indexOf('--deployment') + 1] ?? '';
    const deployment = args.includes('--deployment') ? checkOf(basename(given)) : null;
    const check = checkOf(name, deployment === null ? {} : { deployment: deployment.operators });
    const { findings, notices } = check.checked();
    const found = [...(deployment?.checked().findings ?? []), ...findings];
    const wanted = codes.filter(([code]) => !OUTSIDE.test(code));
    expect(found.map(({ code, seq }) => [code, seq])).toEqual(wanted);
    const noted = notices.map(({ code }) => code).sort();
    if (all !== undefined) expect(noted).toEqual(all.filter((code) => !OUTSIDE_NOTICES.test(code)));
  });

  it('has something planted for every code it can find', () => {
    // policies.test.ts plants the others.
    const others = FINDING_CODES.filter((code) => !code.startsWith('policy_') && !OUTSIDE.test(code));
    const planted = [
      ...cases.flatMap(({ codes }) => codes.map(([code]) => code)),
      ...PLANTED.map(([, , code]) => code),
    ];
    expect(others.filter((code) => !planted.includes(code))).toEqual([]);
  });
});

/** The check of an export, after all its events. */
function checkOf(name: string, besides?: Parameters<typeof createLogCheck>[3]) {
  const leaves = leavesIn(join(folder, name));
  const log = (JSON.parse(Buffer.from(leaves[0]?.leaf ?? '').toString()) as { log: string }).log;
  const check = createLogCheck(log, 'whole', { ...proofCrypto, url: 'https://vault.example' }, besides);
  for (const { seq, leaf } of leaves) check.add({ seq, leaf, hash: leafHash(leaf) }, leafHash(leaf));
  return check;
}

/** The leaves of an export's bundles, in order, with their indexes: a bundle may be missing. */
function leavesIn(path: string): { readonly seq: number; readonly leaf: Uint8Array }[] {
  const base = join(path, 'tile', 'entries');
  return readdirSync(base)
    .sort()
    .flatMap((name) => {
      const file = join(base, name);
      const bundle = statSync(file).isDirectory() ? join(file, readdirSync(file)[0] ?? '') : file;
      const leaves = readEntries(readFileSync(bundle)) ?? expect.fail(`${bundle} is no bundle`);
      return leaves.map((leaf, n) => ({ seq: Number.parseInt(name, 10) * 256 + n, leaf }));
    });
}
