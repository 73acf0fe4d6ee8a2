// The check of the log against the exports of an independent program: nothing in good logs, and the planted faults.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { createLogCheck } from '../../../src/model/log/check.ts';
import { readEntries } from '../../../src/model/log/entries.ts';
import { proofCrypto } from '../../../src/vault/core/proofs/proof-crypto.ts';
import { needs } from '../../support/needs.ts';

type Case = { readonly name: string; readonly codes: readonly (readonly [code: string, index: number])[] };

const python = needs('python-cryptography');
const folder = mkdtempSync(join(tmpdir(), 'callvault-cases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeCases(): readonly Case[] {
  if (!python.present) return [];
  const made = spawnSync('/usr/bin/python3', ['test/vectors/log_export.py', folder], { encoding: 'utf8' });
  expect(made).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[];
}

/** Faults that the page calls by one code, and this check by several; and those with another name here. */
const HERE: Readonly<Record<string, string>> = {
  credential_of_another: 'credential_person',
  credential_ended: 'credential_ended',
  credential_expired: 'credential_expired',
  credential_not_named: 'credential_missing',
  session_late_end: 'session_overrun',
  session_late_second: 'session_overrun',
  session_of_another_request: 'request_unknown',
  session_unapproved: 'approvals_missing',
  extension_early: 'extension_time',
  extension_late: 'extension_time',
  erased_twice: 'erase_repeated',
  approval_own_service: 'approval_role',
};

/** What this check does not find yet. A case that it finds must not be here. */
const LATER = [
  ...['form_not_canonical', 'form_request_without_minutes', 'form_too_long', 'place_an_event_is_gone'],
  ...[
    'actor_off',
    'actor_unknown',
    'credential_link_of_another',
    'credential_passkey_of_another',
    'approval_age',
    'approvals_missing',
  ],
  ...['session_by_a_change_of_another_kind', 'session_uses', 'session_overrun', 'session_unended'],
  ...['erase_reason', 'erase_held', 'erase_early', 'approval_role_change'],
  ...['unknown', 'by_command', 'alone', 'lifted'].map((how) => `change_missing_${how}`),
  ...['approver', 'proposer', 'missing', 'by_command'].map((whose) => `change_signature_${whose}`),
  ...['change_same_person', 'change_differs', 'actor_unknown by an operator', 'gap'],
];
/** Codes about checkpoints, receipts and tiles, which are no part of this check. */
const OUTSIDE = /^(fork|behind|signature|receipt|hash|tile_differs)$/;

describe.skipIf(!python.present)(`the check of the log ${python.reason}`, () => {
  const cases = makeCases().filter(({ name }) => !name.startsWith('proofs '));

  it.each(cases)('agrees with the independent program about: $name', ({ name, codes }) => {
    const leaves = leavesIn(join(folder, name));
    const log = (JSON.parse(Buffer.from(leaves[0] ?? '').toString()) as { log: string }).log;
    const check = createLogCheck(log, 'whole', { ...proofCrypto, url: 'https://vault.example' });
    for (const [seq, leaf] of leaves.entries()) check.add({ seq, leaf, hash: leafHash(leaf) }, leafHash(leaf));
    const found = check.checked().findings.map(({ code, seq }) => [code, seq]);
    const wanted = codes.filter(([code]) => !OUTSIDE.test(code)).map(([code, index]) => [HERE[name] ?? code, index]);
    if (LATER.includes(name)) expect(found).not.toEqual(wanted);
    else expect(found).toEqual(wanted);
  });

  it('knows every case that it does not find', () => {
    const names = new Set(cases.map(({ name }) => name));
    expect([...LATER, ...Object.keys(HERE)].filter((name) => !names.has(name))).toEqual([]);
  });
});

/** The leaves of an export's bundles, in order. */
function leavesIn(path: string): Uint8Array[] {
  const base = join(path, 'tile', 'entries');
  return readdirSync(base)
    .sort()
    .flatMap((name) => {
      const file = join(base, name);
      const bundle = statSync(file).isDirectory() ? join(file, readdirSync(file)[0] ?? '') : file;
      return readEntries(readFileSync(bundle)) ?? expect.fail(`${bundle} is no bundle`);
    });
}
