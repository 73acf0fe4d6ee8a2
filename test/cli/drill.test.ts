// The command that practises a restore: what it prints, its limits and its exit codes.
import { copyFileSync, existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { type Yesterday, yesterday } from '../support/yesterday.ts';

let day: Yesterday;
let copies = 0;
beforeEach(async () => {
  day = await yesterday('sqlite');
}, 600_000);
afterEach(() => day.of.end());

const run = (...args: string[]) => runCallvault({ ...day.of.deployment.env, CALLVAULT_OPERATOR: 'op-17' }, ...args);

/** A new copy of the backup. */
function newCopy(): string {
  const { database } = day.of.deployment;
  const copy = `${database}.copy-${++copies}`;
  copyFileSync(`${database}.backup`, copy);
  return copy;
}

describe('callvault drill restore', () => {
  it('prints what would come back, RPO and RTO, and exits with 1 beyond a limit', async () => {
    const { tenant } = day;
    const first = await run('drill', 'restore', '--database', newCopy(), '--rpo', '86400', '--rto', '600');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain('✓ deployment: the log was behind, event');
    expect(first.out).toMatch(new RegExp(`· ${tenant}: 1 erased again, \\d+ later changes brought back, 1 upload for`));
    expect(first.out).toContain('· 3 recordings opened wholly');
    expect(first.out).toMatch(/^RPO {2}\d+ seconds? \(\d+ s\)$/m);
    expect(first.out).toMatch(/^ {2}opening +\d+\.\d+ s, not counted$/m);
    const behind = await run('drill', 'restore', '--database', `sqlite:${newCopy()}`, '--rpo', '1');
    expect([behind.code, behind.out]).toEqual([1, expect.stringMatching(/^✗ RPO is \d+ s, beyond 1 s$/m)]);
    const slow = await run('drill', 'restore', '--database', newCopy(), '--rto', '0', '--json');
    const [report] = jsonLines(slow);
    expect(slow.code).toBe(1);
    expect(report).toMatchObject({
      opened: 3,
      beyond: [expect.stringMatching(/^RTO is .* beyond 0 s$/)],
      problems: [],
    });
  });

  it('takes no database but a copy', async () => {
    const { database } = day.of.deployment;
    const live = await run('drill', 'restore', '--database', database);
    expect(live).toMatchObject({ code: 1, err: expect.stringContaining('is the database of this deployment') });
    const missing = await run('drill', 'restore', '--database', `${database}.missing`);
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('names no file') });
    expect(existsSync(`${database}.missing`)).toBe(false);
    const other = await run('drill', 'restore', '--database', 'postgres:nowhere');
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('must be the path of a SQLite file') });
    const copy = newCopy();
    expect(await run('drill', 'restore', '--database', copy)).toMatchObject({ code: 0 });
    const again = await run('drill', 'restore', '--database', copy);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('make a new one for each') });
    expect((await run('drill', 'restore')).code).toBe(2);
    expect((await run('drill', 'restore', '--database', copy, '--rpo', 'soon')).code).toBe(1);
  });
});
