// `callvault keys` as an operator runs it: census, rotation, re-wrapping, stopping, report and retirement.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { binOf, type RunCallvault } from '../support/run-callvault.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { sharedVault } from '../support/vaults.ts';

const MANY = 30;
const test = sharedVault();
let callvault: RunCallvault;

beforeAll(async () => {
  callvault = binOf(test.folder);
  await seedDeposits(test.vault, test.tenant, MANY, test.request);
});

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

// Each command is a separate process.
describe('callvault keys', () => {
  it('counts, rotates, plans, re-wraps with a signed report, and retires', async () => {
    const first = await callvault('keys', 'census', '--json');
    expect(json(first.out)).toMatchObject({ generation: 1, minimum: 1, lines: [{ generation: 1, keys: MANY }] });

    const turned = await callvault('keys', 'rotate', test.tenant);
    expect(json(turned.out)).toMatchObject({ generation: 2 });
    const census = await callvault('keys', 'census', '--tenant', test.tenant);
    expect(census.out).toContain(`to re-wrap: ${MANY} data keys, ${MANY} envelopes, the metadata key`);
    const csv = await callvault('keys', 'census', '--csv');
    expect(csv.out.split('\n')[1]).toMatch(
      new RegExp(`^${test.tenant},keyring,keyring/[0-9a-f-]+,1,AVAILABLE,${MANY},0$`),
    );

    const plan = await callvault('keys', 'rewrap', test.tenant, '--dry-run', '--json');
    expect(json(plan.out)).toMatchObject({ data_keys: MANY, envelopes: MANY, metadata_key: true, kms_dollars: 0 });
    const early = await callvault('keys', 'retire', test.tenant);
    expect(early.code).toBe(1);
    expect(early.err).toBe(
      `callvault: still under an older generation: ${MANY} wrapped keys in the database, ${MANY} envelopes in the store, the metadata key, tenant.json\n`,
    );

    const report = join(test.folder, 'report.txt');
    const done = await callvault('keys', 'rewrap', test.tenant, '--report', report);
    expect(done.code).toBe(0);
    expect(done.out).toContain(`${MANY} data keys and ${MANY} envelopes re-wrapped to generation 2`);
    expect(done.out).toMatch(/(\d+) of \1 sampled deposits open/);
    const verifier = /verifier key: (\S+)/.exec(done.out)?.[1] ?? '';
    const checked = await callvault('keys', 'check-report', report, '--verifier', verifier);
    expect(json(checked.out)).toMatchObject({ verified: true, report: { complete: true, keys: MANY, generation: 2 } });
    await inLog(String(json(checked.out)['sha256']));

    const forged = join(test.folder, 'forged.txt');
    writeFileSync(forged, readFileSync(report, 'utf8').replace(`"keys":${MANY}`, '"keys":31'));
    const refused = await callvault('keys', 'check-report', forged, '--verifier', verifier);
    expect(refused).toMatchObject({ code: 1, err: 'callvault: no signature of the report verifies with this key\n' });

    expect((await callvault('keys', 'retire', test.tenant)).out).toContain('generations below 2 no longer open');
    expect((await callvault('keys', 'rewrap', test.tenant)).out).toContain('0 data keys and 0 envelopes');
  });

  it('reports a wrong option, and does nothing', async () => {
    const cases: readonly (readonly [string, ...string[]])[] = [
      ['there is no such tenant', 'keys', 'census', '--tenant', 'ten_00000000000000000000000000'],
      [
        'give only one of --new-key, --key, --raise and --volume',
        'keys',
        'rotate',
        test.tenant,
        '--new-key',
        '--raise',
      ],
      ['--volume must be on or off', 'keys', 'rotate', test.tenant, '--volume', 'maybe'],
      ['volume mode is off already', 'keys', 'rotate', test.tenant, '--volume', 'off'],
      [
        'a key of the keyring is named by its id: keyring/ and a UUID',
        'keys',
        'rotate',
        test.tenant,
        '--key',
        'alias/a',
      ],
      ['--sample must be a whole number from 0 to 10000', 'keys', 'rewrap', test.tenant, '--sample', 'x'],
      ['--sample must be a whole number from 0 to 10000', 'keys', 'rewrap', test.tenant, '--sample', '1e15'],
      [
        'cannot create the file of --report: it must not exist yet, and its folder must exist',
        'keys',
        'rewrap',
        test.tenant,
        '--report',
        '/nowhere/x',
      ],
      ['there is nothing older to retire', 'keys', 'retire', test.tenant],
      [
        'this is not an Ed25519 verifier key',
        'keys',
        'check-report',
        join(test.folder, 'report.txt'),
        '--verifier',
        'a+b+c',
      ],
    ];
    for (const [message, ...args] of cases) {
      expect(await callvault(...args), args.join(' ')).toMatchObject({
        code: 1,
        out: '',
        err: `callvault: ${message}\n`,
      });
    }
    expect(json((await callvault('keys', 'census', '--json')).out)).toMatchObject({ generation: 2 });
  });

  it('moves a tenant to a new key, and no row or envelope names the old one any more', async () => {
    const before = String(json((await callvault('keys', 'census', '--json')).out)['key']);
    const moved = await callvault('keys', 'rotate', test.tenant, '--new-key');
    const after = String(json(moved.out)['key']);
    expect(after).not.toBe(before);
    expect((await callvault('keys', 'rewrap', test.tenant, '--json')).code).toBe(0);
    const { lines, metadata_key: metadata } = json((await callvault('keys', 'census', '--json')).out);
    expect(lines).toMatchObject([{ key: after, generation: 3, keys: MANY, envelopes_behind: 0 }]);
    expect(metadata).toEqual({ key: after, generation: 3, tenant_json: 3 });
    expect((await callvault('keys', 'retire', test.tenant)).code).toBe(0);
    rmSync(join(test.folder, 'report.txt'));
  });
});

async function inLog(sha256: string): Promise<void> {
  const events = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 1000), test.request);
  const leaves = events.map(({ leaf }) => Buffer.from(leaf).toString());
  expect(leaves.filter((leaf) => leaf.includes('"key.reported"') && leaf.includes(sha256))).toHaveLength(1);
}
