// docs/verify_log.py over exports that test/vectors/log_export.py makes: good logs, and one with each fault.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, eventSpec, type Member, membersOf, subjectsOf } from '../../src/model/log/event-catalogue.ts';
import { needs } from '../support/needs.ts';

const python = needs('python-cryptography');

type Case = {
  readonly name: string;
  readonly args: readonly string[];
  readonly codes: readonly (readonly [code: string, index: number])[];
  readonly notices: readonly string[];
  readonly only?: readonly string[];
  /** These and no others, sorted. */
  readonly all_notices?: readonly string[];
};
type Report = {
  readonly findings: number;
  readonly logs: readonly {
    readonly findings: readonly { readonly code: string; readonly index: number; readonly sentence: string }[];
    readonly notices: readonly { readonly code: string }[];
    readonly recording?: { readonly lines: readonly string[] };
  }[];
};

/** What the design's table names and the page says that this program finds; policies and rows of the database aside. */
const CODES = [
  ...['form', 'gap', 'place', 'time', 'hash', 'fork', 'behind', 'signature', 'receipt', 'tile_differs'],
  ...['actor_unknown', 'actor_off', 'credential', 'credential_proof'],
  ...['request_unknown', 'recording_unknown', 'deposit_unknown', 'repeated'],
  ...['own', 'role', 'age', 'closed', 'wider', 'proof'].map((code) => `approval_${code}`),
  'approvals_missing',
  ...[
    'unapproved',
    'person',
    'recording',
    'late',
    'revoked',
    'uses',
    'overrun',
    'unended',
    'unopened',
    'forbidden',
  ].map((code) => `session_${code}`),
  ...['unapproved', 'person', 'repeated', 'early', 'late', 'end'].map((code) => `extension_${code}`),
  ...['unassigned', 'person', 'unheard', 'closed', 'late'].map((code) => `finish_${code}`),
  ...['erase_reason', 'erase_held', 'erase_early', 'erase_end', 'after_erase'],
  ...['list_counts', 'missing_unlisted', 'missing_stored', 'ingest_key_order'],
  ...['change_missing', 'change_signature', 'change_same_person', 'change_differs'],
  ...['clock_not_by_two', 'age_untrusted'],
];

function makeExports(): { readonly folder: string; readonly cases: readonly Case[] } {
  if (!python.present) return { folder: '', cases: [] };
  const folder = mkdtempSync(join(tmpdir(), 'callvault-exports-'));
  const made = spawnSync('/usr/bin/python3', ['test/vectors/log_export.py', folder], { encoding: 'utf8' });
  expect(made).toMatchObject({ status: 0, stderr: '' });
  return { folder, cases: JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[] };
}

const { folder, cases } = makeExports();
const ownCases = cases.filter(({ name }) => !name.startsWith('proofs '));
const named = (name: string): Case => cases.find((one) => one.name === name) as Case;

function run(args: readonly string[]) {
  return spawnSync('/usr/bin/python3', ['docs/verify_log.py', ...args], { encoding: 'utf8' });
}

/** The reports on these exports, from one process; each leaves with what its findings say. */
function check(checked: readonly Case[]): Report[] {
  const input = JSON.stringify(checked.map(({ name, args }) => [join(folder, name), '--json', ...args]));
  const ended = spawnSync('/usr/bin/python3', ['test/docs/verify-exports.py'], { input, encoding: 'utf8' });
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  const results = JSON.parse(ended.stdout) as { readonly status: number; readonly printed: string }[];
  const reports = results.map(({ printed }) => JSON.parse(printed) as Report);
  expect(results.map(({ status }) => status)).toEqual(reports.map((report) => (report.findings === 0 ? 0 : 1)));
  return reports;
}

const findings = (report: Report) => report.logs.flatMap((log) => log.findings);

const KINDS: Readonly<Record<string, string>> = {
  ...{ number: '#', seconds: '#', milliseconds: '#', time: '@', sha256: '%', base64: '&', ids: '+' },
};

/** An entry of the table of events as the program has it. */
function entryOf(action: (typeof AUDIT_ACTIONS)[number]) {
  const kindOf = ({ kind }: Member): string => (typeof kind === 'string' ? (KINDS[kind] ?? '') : '');
  const members = membersOf(action).filter(({ name }) => !name.endsWith('#'));
  const named = members.map((one) => [one.name, [kindOf(one), one.optional]]);
  return [eventSpec(action).log.slice(0, 1), subjectsOf(action), Object.fromEntries(named)];
}

describe.skipIf(!python.present)(`docs/verify_log.py ${python.reason}`.trim(), () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds exactly what is wrong', () => {
    const reports = check(ownCases);
    const found = reports.map((report, n) => [
      ownCases[n]?.name,
      findings(report).map(({ code, index }) => [code, index]),
    ]);
    expect(found).toEqual(ownCases.map(({ name, codes }) => [name, codes]));
    for (const [n, { name, notices, all_notices: all }] of ownCases.entries()) {
      const noted = reports[n]?.logs.flatMap((log) => log.notices.map(({ code }) => code)) ?? [];
      expect([name, noted]).toEqual([name, expect.arrayContaining([...notices])]);
      if (all !== undefined) expect([name, noted.toSorted()]).toEqual([name, all]);
    }
  });

  it('has the table of events as the page has it', () => {
    const print =
      'import json, sys; sys.path.insert(0, "docs"); import verify_log; print(json.dumps(verify_log.EVENTS))';
    const { stdout } = spawnSync('/usr/bin/python3', ['-B', '-c', print], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(AUDIT_ACTIONS.map((action) => [action, entryOf(action)])));
  });

  it('has an export with a fault of each code', () => {
    const planted = new Set(ownCases.flatMap(({ codes }) => codes.map(([code]) => code)));
    expect([...planted].sort()).toEqual([...CODES].sort());
  });

  it('reads proofs by passkey as the vectors say', () => {
    const proofs = cases.filter(({ name }) => name.startsWith('proofs '));
    expect(proofs.length).toBeGreaterThan(50);
    const found = check(proofs).map((report, n) => [
      proofs[n]?.name,
      findings(report)
        .filter(({ code }) => proofs[n]?.only?.includes(code))
        .map(({ code, index }) => [code, index]),
    ]);
    expect(found).toEqual(proofs.map(({ name, codes }) => [name, codes]));
  });

  it('prints sentences: the log, the newest checkpoint and its key, findings, notices, and a last line', () => {
    const good = named('good');
    const { status, stdout } = run([join(folder, 'good'), ...good.args]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Log vault\.example\/ten_\S+: \d+ events, from 2026-11-28T09:00:01\.000Z to /);
    expect(stdout).toMatch(
      /The newest checkpoint that holds has \d+ events and root \S+=, signed by key [0-9a-f]{8}\./,
    );
    expect(stdout).toMatch(/\n0 findings\.\n$/);
    const wrong = named('session_person');
    const shown = run([join(folder, 'session_person'), ...wrong.args]);
    expect(shown.status).toBe(1);
    expect(shown.stdout).toMatch(/\nsession_person \d+ ses_\S+: the grant is usr_\S+'s\n[\s\S]*\n1 finding\.\n$/);
  });

  it('lists who heard a recording, when, and on whose approval', () => {
    const good = named('good');
    const recording = readFileSync(join(folder, 'good', 'recording.txt'), 'utf8');
    const [report] = check([{ ...good, args: [...good.args, '--recording', recording] }]);
    const lines = report?.logs[0]?.recording?.lines.join('\n') ?? '';
    expect(lines).toMatch(/event \d+: created by svc_/);
    expect(lines).toMatch(
      /event \d+: usr_\S+ began to listen for complaint \(ses_\S+\)\n {4}asked by usr_\S+ in event \d+/,
    );
    expect(lines).toMatch(
      / {4}approved by usr_\S+ in event \d+\n {4}ended in event \d+ at \S+ \(closed; 60 s were sent\)/,
    );
  });

  it('leaves with 2 for a wrong call or an export that it cannot read', () => {
    const [, key = ''] = named('good').args;
    expect(run([join(folder, 'good')]).status).toBe(2);
    expect(run([join(folder, 'good'), '--key', 'nonsense']).stderr).toContain('is not a verifier key');
    expect(run([join(folder, 'none'), '--key', key]).stderr).toContain('cannot be read');
    const other = named('good with the deployment').args.at(-1) ?? '';
    const wrong = run([join(folder, 'good'), '--key', other]);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('no --key is for the log')]);
    writeFileSync(join(folder, 'broken'), 'no note\n');
    const broken = run([join(folder, 'good'), '--key', key, '--kept', join(folder, 'broken')]);
    expect([broken.status, broken.stderr]).toEqual([2, expect.stringContaining('is not a checkpoint')]);
  });
});
