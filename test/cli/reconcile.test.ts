// callvault reconcile: a list against a running service, its report and its exit code.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Archive, newArchive } from '../support/archives.ts';
import { type CommandResult, runCallvault } from '../support/run-callvault.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();
let url: string;
let files: Archive;
let source = 0;
beforeAll(async () => {
  ({ url } = await world.listen());
});
beforeEach(() => {
  files = newArchive(world.harbour.uploader.key);
  source++;
});
afterEach(() => files.end());

const START = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 36 * 3_600_000;
const at = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();
const reportPath = (): string => join(files.top, 'differences.csv');
const reconcile = (list: string, ...more: readonly string[]): Promise<CommandResult> =>
  runCallvault(
    { CALLVAULT_URL: url },
    'reconcile',
    ...['--source', `s${source}`, '--list', files.beside('calls.csv', list), '--report', reportPath()],
    ...['--credential', files.credential, ...more],
  );
const report = (): string[] =>
  readFileSync(reportPath(), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').slice(0, 2).join(' '));
const upload = async (call: string, minutes: number, agent: string): Promise<void> => {
  const headers = { 'vault-meta-started-at': at(minutes), 'vault-meta-agent': agent };
  const sent = { key: world.harbour.uploader.key, type: 'audio/wav', body: wav(16_000), headers };
  expect((await world.call('PUT', `/v1/ingest/s${source}/${call}`, sent)).status).toBe(201);
};
const HEADER = 'call_id,started_at,duration_ms,agent';

describe('callvault reconcile', () => {
  it('exits with 1 and lists the calls that are missing, short, different or extra', async () => {
    for (const [n, call] of ['good', 'short', 'other', 'extra'].entries()) await upload(call, n, 'Otto');
    const lines = [
      `good,${at(0)},1000,Otto`,
      `short,${at(1)},60000,Otto`,
      `other,${at(2)},1000,Eve`,
      `gone,${at(9)},1000,Otto`,
    ];
    const list = [HEADER, ...lines].join('\n');
    const first = await reconcile(list);
    expect(first.code).toBe(1);
    expect(first.out).toContain('4 calls; 1 new, 3 changed, 0 as before, 0 rejected');
    expect(first.out).toContain(
      '4 expected\n  3 stored, 0 pending, 0 failed, 1 missing\n  1 short, 1 different, 1 extra\n',
    );
    const listed = ['problem call_id', 'missing gone', 'short short', 'mismatch other', 'extra extra'];
    expect(report()).toEqual(listed);
    expect(statSync(reportPath()).mode & 0o777).toBe(0o600);
    const again = await reconcile(list, '--json');
    expect(JSON.parse(again.out)).toMatchObject({ unchanged: 4, counts: { missing: 1, extra: 1 } });
    expect([again.code, report()]).toEqual([1, listed]);
    // The lost call arrives: what is short, different or extra does not fail.
    await upload('gone', 9, 'Otto');
    expect((await reconcile(list)).code).toBe(0);
    expect(report()).toEqual(listed.filter((line) => line !== 'missing gone'));
  });

  it('exits with 1 where a line was rejected, and names it', async () => {
    await upload('good', 0, 'Otto');
    const { code, out } = await reconcile(`${HEADER}\ngood,${at(0)},1000,Otto\nbad,yesterday,1,Otto\n`);
    expect([code, out]).toEqual([1, expect.stringContaining('line 3: metadata_invalid started_at must be')]);
    expect(out).not.toContain('yesterday');
  });

  it('says what is probably wrong with the whole list', async () => {
    for (const n of [1, 2, 3]) await upload(`c-${n}`, n, 'Otto');
    const lines = [1, 2, 3, 3].map((n) => `c-${n},${at(n + 480)},1000,Otto`);
    const { out } = await reconcile(['sep=,', HEADER, ...lines, ...Array(1_001).fill('1.7E+11,,,')].join('\n'));
    expect(out).toContain('the list ended at line 1006: 1,000 lines cannot be read');
    expect(out).toContain('1 lines repeat the call_id and leg of an earlier line');
    expect(out).toContain('line 6 repeats line 5');
    expect(out).toContain('all starts differ from the recordings by +08:00');
  });

  it('says that a list cannot be read, and nothing about the vault', async () => {
    const { code, err } = await reconcile('', '--list', files.top);
    expect([code, err]).toEqual([1, `callvault: the list ${files.top} cannot be read (EISDIR)\n`]);
  });

  it('keeps the earlier report where the list or the credential is rejected', async () => {
    await upload('good', 0, 'Otto');
    expect((await reconcile(`${HEADER}\ngood,${at(0)},1000,Otto\n`)).code).toBe(0);
    const before = readFileSync(reportPath(), 'utf8');
    const rejected = await reconcile('call_id,secret\n');
    expect([rejected.code, rejected.err]).toEqual([1, expect.stringContaining('column 2 is unknown')]);
    files.beside('uploader.key', world.harbour.auditor.key);
    expect((await reconcile(HEADER)).code).toBe(1);
    expect(readFileSync(reportPath(), 'utf8')).toBe(before);
    expect(existsSync(`${reportPath()}.new`)).toBe(false);
  });
});
