// callvault log verify beside docs/verify_log.py, over the exports that test/vectors/log_export.py makes.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyFolders } from '../../src/cli/log/verify.ts';
import { needs } from '../support/needs.ts';
import { runCallvault } from '../support/run-callvault.ts';

const python = needs('python-cryptography');

type Case = { readonly name: string; readonly args: readonly string[] };
type Report = {
  readonly findings: number;
  readonly logs: readonly (Readonly<Record<string, unknown>> & {
    readonly findings: readonly { readonly code: string; readonly index: number; readonly id: string }[];
    readonly notices: readonly { readonly code: string; readonly count: number; readonly index: number }[];
    readonly recording?: { readonly lines: readonly string[] };
  })[];
};

/** Codes about what is outside the events. */
const OUTSIDE = ['fork', 'behind', 'signature', 'receipt', 'hash', 'tile_differs', 'gap'];
/** The page knows actions that are planned, and the other program takes the address of each proof. */
const UNLIKE = ['unknown_action', 'no_address'];
/** Of logs without a beginning, the one knows less than the other. */
const PROOFS = ['approval_proof', 'credential_proof'];

function makeExports(): { readonly folder: string; readonly cases: readonly Case[] } {
  if (!python.present) return { folder: '', cases: [] };
  const folder = mkdtempSync(join(tmpdir(), 'callvault-verified-'));
  const made = spawnSync('/usr/bin/python3', ['test/vectors/log_export.py', folder], { encoding: 'utf8' });
  expect(made).toMatchObject({ status: 0, stderr: '' });
  return { folder, cases: JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[] };
}

const { folder, cases } = makeExports();
const named = (name: string): Case => cases.find((one) => one.name === name) ?? expect.fail(`there is no case ${name}`);
const keyOf = (name: string): string => named(name).args[1] ?? '';

/** The only file of a level in a short log. */
function partial(exported: string, level: string): string {
  const folderOfLevel = join(exported, 'tile', level, '000.p');
  const [width = ''] = readdirSync(folderOfLevel);
  return join(folderOfLevel, width);
}

/** The options in the arguments of a case. */
function optionsIn(args: readonly string[]) {
  const valuesOf = (option: string) => args.flatMap((arg, n) => (args[n - 1] === option ? [arg] : []));
  const one = (option: string) => valuesOf(`--${option}`)[0];
  const given = Object.entries({
    receipts: one('receipts'),
    deployment: one('deployment'),
    url: one('url'),
    recording: one('recording'),
  });
  const more = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  return { key: valuesOf('--key'), kept: valuesOf('--kept'), ...more };
}

const verify = async ({ name, args }: Case) =>
  JSON.parse(JSON.stringify(await verifyFolders(join(folder, name), optionsIn(args)))) as Report;

/** What the independent program reports on these. */
function independent(checked: readonly Case[]): Report[] {
  const input = JSON.stringify(checked.map(({ name, args }) => [join(folder, name), '--json', ...args]));
  const ended = spawnSync('/usr/bin/python3', ['test/docs/verify-exports.py'], { input, encoding: 'utf8' });
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  const results = JSON.parse(ended.stdout) as { readonly printed: string }[];
  return results.map(({ printed }) => JSON.parse(printed) as Report);
}

/** What both programs must say of a log, besides their sentences. `codes`: those that count, of all unless given. */
const reported = (codes?: readonly string[]) => {
  return ({ findings, notices, recording, ...about }: Report['logs'][number]) => ({
    ...about,
    findings: findings
      .filter(({ code }) => codes?.includes(code) ?? true)
      .map(({ code, index }) => [code, index])
      .sort(),
    notices: notices
      .filter(({ code }) => !UNLIKE.includes(code))
      .map(({ code, count, index }) => [code, count, index])
      .sort(),
    recording,
  });
};

describe.skipIf(!python.present)(`callvault log verify ${python.reason}`, () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('reports the same as the independent program, in the same form', async () => {
    const wanted = independent(cases);
    const codes = new Set<string>();
    for (const [n, one] of cases.entries()) {
      const found = await verify(one);
      const as = reported(one.name.startsWith('proofs ') ? [...OUTSIDE, ...PROOFS] : undefined);
      expect([one.name, found.logs.map(as)]).toEqual([one.name, wanted[n]?.logs.map(as)]);
      for (const { code } of found.logs.flatMap(({ findings }) => findings)) codes.add(code);
    }
    expect([...codes]).toEqual(expect.arrayContaining(OUTSIDE));
  });

  it('lists who heard a recording in the same words', async () => {
    const recording = readFileSync(join(folder, 'good', 'recording.txt'), 'utf8');
    for (const name of ['good', 'session_unended', 'extension_early', 'erase_held']) {
      const one = { name, args: [...named(name).args, '--recording', recording] };
      const [wanted] = independent([one]);
      expect((await verify(one)).logs[0]?.recording).toEqual(wanted?.logs[0]?.recording);
    }
  });

  it('needs nothing but the folder, and ends with 0, 1 or 2', async () => {
    const run = (...args: string[]) => runCallvault({}, 'log', 'verify', ...args);
    const good = await run(join(folder, 'good'), '--key', keyOf('good'));
    expect(good).toMatchObject({ code: 0, err: '' });
    expect(good.out).toMatch(/^Log vault\.example\/ten_\S+: \d+ events, from 2026-11-28T09:00:01\.000Z to /);
    expect(good.out).toMatch(/\n0 findings\.\n$/);
    const fork = await run(join(folder, 'fork by a published checkpoint'), '--key', keyOf('good'));
    expect(fork.code).toBe(1);
    expect(fork.out).toMatch(/\nfork 20 checkpoints\/20: This checkpoint is of another history[\s\S]*\n1 finding\.\n$/);
    const json = await run(join(folder, 'hash'), '--key', keyOf('hash'), '--json');
    expect(JSON.parse(json.out)).toMatchObject({ findings: 1, logs: [{ findings: [{ code: 'hash', index: 7 }] }] });
    // The event beside its finding: when, who, what, and what it is about.
    const wrong = await run(join(folder, 'session_person'), '--key', keyOf('session_person'));
    expect(wrong.out).toMatch(
      /\nsession_person \d+ \S+: [A-Z][^\n]+\n {2}2026-\S+Z person usr_\S+ \(\S+\): session\.opened session ses_\S+, .*grant grt_/,
    );
    expect(fork.out).not.toMatch(/This checkpoint is of another history[^\n]*\n {2}/);
    for (const [args, said] of [
      [[join(folder, 'good')], '--key'],
      [[join(folder, 'good'), '--key', 'nonsense'], 'is not a verifier key'],
      [[join(folder, 'none'), '--key', keyOf('good')], 'cannot be read (ENOENT)'],
      [[join(folder, 'good'), '--key', named('good with the deployment').args.at(-1) ?? ''], 'no --key is for the log'],
      [[join(folder, 'good'), '--key', keyOf('good'), '--kept', join(folder, 'cases.json')], 'is not a checkpoint'],
      [[join(folder, 'good'), '--key', keyOf('good'), '--receipts', join(folder, 'cases.json')], 'is not a line of'],
    ] as const) {
      const wrong = await run(...args);
      expect([wrong.code, wrong.out]).toEqual([2, '']);
      expect(wrong.err).toContain(said);
    }
  });

  it('compares requests with the texts of the policy, where the export has them', async () => {
    const ruled = join(folder, 'ruled');
    cpSync(join(folder, 'good'), ruled, { recursive: true });
    const bundle = readFileSync(partial(ruled, 'entries'), 'latin1');
    const [policy = ''] = /pol_[0-9a-z]{26}/.exec(bundle) ?? [];
    mkdirSync(join(ruled, 'policies'));
    const codes = async (text: string) => {
      writeFileSync(join(ruled, 'policies', `${policy}.json`), text);
      const { logs } = await verify({ name: 'ruled', args: named('good').args });
      return new Set(logs[0]?.findings.map(({ code }) => code));
    };
    const rule = { approvals: 1, longestMinutes: 1, objects: ['audio', 'transcript'] };
    expect(await codes(JSON.stringify({ purposes: { complaint: rule } }))).toContain('policy_weaker');
    expect(await codes('no JSON')).toContain('policy_differs');
  });

  it('reports what is cut, empty or no note at all, and goes on', async () => {
    const spoilt = join(folder, 'spoilt');
    cpSync(join(folder, 'good'), spoilt, { recursive: true });
    // The last one is the newest checkpoint, whose key the one before has sealed.
    const sizes = readdirSync(join(folder, 'good', 'checkpoints')).map(Number);
    const [before = 0, rotated = 0, newest = 0] = sizes.sort((a, b) => a - b).slice(-3);
    writeFileSync(join(spoilt, 'checkpoints', String(before)), Buffer.of(0xff, 0, 0xff));
    writeFileSync(join(spoilt, 'checkpoints', String(rotated)), '');
    truncateSync(partial(spoilt, '0'), 40);
    const { args } = named('good');
    const found = (await verify({ name: 'spoilt', args })).logs[0]?.findings.map(({ code, index }) => [code, index]);
    expect(found).toEqual([
      ['tile_differs', 0],
      ['signature', before],
      ['signature', rotated],
      ['signature', newest],
    ]);
    cpSync(join(folder, 'good', 'checkpoints'), join(spoilt, 'checkpoints'), { recursive: true });
    truncateSync(partial(spoilt, 'entries'), 5_000);
    const cut = await verify({ name: 'spoilt', args });
    expect(cut.logs[0]?.findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['form', 'behind']));
    for (const bytes of [Buffer.alloc(0), Buffer.of(0), Buffer.alloc(700, 0xff)]) {
      writeFileSync(partial(spoilt, 'entries'), bytes);
      expect((await verify({ name: 'spoilt', args })).findings).toBeGreaterThan(0);
    }
  });
});
