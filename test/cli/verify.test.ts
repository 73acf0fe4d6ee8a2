// `callvault verify`: output and exit codes.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { rowsOfSqlite } from '../support/rows-by-sql.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { callAudio, environmentOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const test = sharedVault();
let made: DepositResult;
const verify = (...more: readonly string[]) =>
  runCallvault({ ...environmentOf(test.folder), CALLVAULT_OPERATOR: 'op-9' }, 'verify', ...more);
const blob = (): string => join(test.store, 't', test.tenant, 'r', made.recording, made.deposit, 'audio');

beforeAll(async () => {
  const what = callAudio('one', wavOf(9_000));
  made = await deposit(test.vault, test.uploader, what, test.request);
});

const people = '✓ deployment  operators and auditors, nothing wrong\n';

describe('callvault verify', () => {
  it('ends with 0 where nothing is wrong', async () => {
    const told = await verify('--all');
    expect(told).toEqual({ code: 0, err: '', out: `${people}✓ ${test.tenant}  1 deposit, 1 opened, nothing wrong\n` });
    expect(await verify('--tenant', 'deployment')).toEqual({ code: 0, err: '', out: people });
    const json = await verify('--json', '--tenant', test.tenant, '--sample', '0');
    const counts = { deposits: 1, opened: 0, not_checked: 0, quarantined: 0, released: 0, findings: 0, kinds: {} };
    expect(jsonLines(json)).toEqual([{ summary: { tenant: test.tenant, ...counts } }]);
    expect(json.code).toBe(0);
  });

  it('ends with 1 and names what it found', async () => {
    const bytes = readFileSync(blob());
    rmSync(blob());
    const { recording, deposit: id } = made;
    const told = await verify();
    expect(told.code).toBe(1);
    expect(told.out).toBe(
      `${people}✗ blob_missing         ${recording} ${id} audio\n` +
        `✗ ${test.tenant}  1 deposit, 1 opened, 1 found: 1 blob_missing\n`,
    );
    const json = await verify('--json', '--quarantine');
    writeFileSync(blob(), bytes);
    expect(json.code).toBe(1);
    expect(jsonLines(json)[0]).toEqual({
      kind: 'blob_missing',
      tenant: test.tenant,
      recording,
      deposit: id,
      object: 'audio',
    });
    expect(jsonLines(json)[1]).toMatchObject({ summary: { findings: 1, quarantined: 1, kinds: { blob_missing: 1 } } });
  });

  it('names a head of a log with a later time, which its own writing sets right', async () => {
    for (const log of [test.tenant, 'deployment']) {
      const rows = rowsOfSqlite(join(test.folder, 'vault.db'));
      await rows.set('audit_head', { log }, { mark: '2040-01-01T00:00:00.000Z' });
      await rows.close();
      const told = await verify('--tenant', log);
      expect(told.code).toBe(1);
      expect(told.out).toContain('✗ mark_differs ');
      expect(told.err).toBe(
        log === 'deployment'
          ? ''
          : `callvault: the time in the head of the log of ${log} differed from its newest event: set right\n`,
      );
    }
  });

  it('rejects an unknown tenant and an invalid sample', async () => {
    expect(await verify('--tenant', 'ten_x')).toMatchObject({ code: 1, err: 'callvault: there is no such tenant\n' });
    expect(await verify('--sample', 'many')).toMatchObject({ code: 1, err: expect.stringMatching(/whole number/) });
  });
});
