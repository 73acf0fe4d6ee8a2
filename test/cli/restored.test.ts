// The command for a database that an operator put back: what it prints, its exit codes, and a second run.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { type Yesterday, yesterday } from '../support/yesterday.ts';

let day: Yesterday;
beforeEach(async () => {
  day = await yesterday('sqlite');
  await day.of.restore();
}, 600_000);
afterEach(() => day.of.end());

const run = (...args: string[]) => runCallvault({ ...day.of.deployment.env, CALLVAULT_OPERATOR: 'op-17' }, ...args);

describe('callvault restored', () => {
  it('prints what came back, how far the backup was behind and how long each step took', async () => {
    const { tenant, key } = day;
    const first = await run('restored', '--key', key);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain('✓ deployment: the log was behind, event');
    expect(first.out).toContain(`✓ ${tenant}: expiry is paused until two people resume it`);
    expect(first.out).toMatch(new RegExp(`✓ ${tenant}: 1 recording erased again, \\d+ later changes brought back`));
    expect(first.out).toContain(`! ${tenant}: 1 upload has no row since the backup: run callvault rebuild-index`);
    const seconds = Number(/^RPO {2}\d+ seconds? \((\d+) s\)$/m.exec(first.out)?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(2);
    expect(first.out).toContain(`  backup       ${day.backup}`);
    expect(first.out).toMatch(new RegExp(`^ {2}last event {3}${day.lastEvent}, \\d+ seconds? later`, 'm'));
    expect(first.out).toMatch(/^RTO {2}\d+\.\d+ s$/m);
    for (const step of ['logs', 'expiry', 'keys', 'tombstones', 'entries', 'blobs'])
      expect(first.out).toMatch(new RegExp(`^ {2}${step} +\\d+\\.\\d+ s$`, 'm'));
    expect(await run('restored', '--key', key)).toMatchObject({
      code: 0,
      out: expect.stringContaining('✓ nothing to do: the database is up to the store'),
    });
    const status = jsonLines(await run('expiry', 'status', '--tenant', tenant));
    expect(status).toMatchObject([{ state: 'paused' }]);
    const [report] = jsonLines(await run('restored', '--key', key, '--json'));
    expect(report).toMatchObject({ nothing_to_do: true, logs_restored: 0, problems: [], expiry_paused: [] });
  });

  it('exits with 1 under a key that is not trusted, and with 2 without one', async () => {
    const denied = await run('restored', '--key', 'keyring/other');
    expect(denied.code).toBe(1);
    expect(denied.out).toContain(`✗ ${day.tenant}: keys: the key`);
    expect(denied.out).toContain('1 problem is left');
    expect((await run('restored')).code).toBe(2);
  });

  it('says so where the database is empty', async () => {
    const { of, key } = day;
    await of.stop();
    const env = { ...of.deployment.env, CALLVAULT_DATABASE: `sqlite:${of.deployment.folder}/empty.db` };
    const empty = await runCallvault({ ...env, CALLVAULT_OPERATOR: 'op-17' }, 'restored', '--key', key);
    expect(empty).toMatchObject({ code: 1, err: expect.stringContaining('index-lost.md') });
  });
});
