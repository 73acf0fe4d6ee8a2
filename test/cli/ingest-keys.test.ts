// `callvault ingest-key` as an operator runs it: list, rotate, and a retirement that is too early.
import { beforeAll, describe, expect, it } from 'vitest';
import { binOf, jsonLines, type RunCallvault } from '../support/run-callvault.ts';
import { sharedVault } from '../support/vaults.ts';

const test = sharedVault();
let callvault: RunCallvault;
beforeAll(() => {
  callvault = binOf(test.folder);
});

const CREATE = ['tenants', 'create', 'Yunhai Travel', '--country', 'CN', '--default-basis', 'consent'];

// Each command is a separate process.
describe('callvault ingest-key', () => {
  it('lists the key that a tenant was created with, rotates it, and keeps the current and the young one', async () => {
    const made = await callvault(...CREATE, '--admin', 'Ada', '--approver', 'Sue');
    const { tenant = '' } = jsonLines(made)[0] as { readonly tenant?: string };
    const [first, ...more] = jsonLines(await callvault('ingest-key', 'list', tenant));
    expect(more).toEqual([]);
    expect(first).toMatchObject({ tenant, state: 'CURRENT', last_file: null, generation: 1 });
    const [second] = jsonLines(await callvault('ingest-key', 'rotate', tenant));
    expect(second).toMatchObject({ tenant, key: expect.stringMatching(/^ink_/), public: expect.any(String) });
    const listed = jsonLines(await callvault('ingest-key', 'list', tenant));
    expect(listed.map(({ key, state }) => [key, state])).toEqual([
      [first?.['key'], 'OLD'],
      [second?.['key'], 'CURRENT'],
    ]);
    const retire = (key: unknown) => callvault('ingest-key', 'retire', tenant, String(key));
    expect(await retire(second?.['key'])).toMatchObject({ code: 1, err: expect.stringContaining('the current key') });
    expect(await retire(first?.['key'])).toMatchObject({ code: 1, err: expect.stringContaining('may still arrive') });
    expect(await retire('ink_1')).toMatchObject({ code: 1, err: expect.stringContaining('no ingest key of this id') });
    const census = await callvault('keys', 'census', '--tenant', tenant);
    expect(census.out).toMatch(/1 {2}ingest +ink_\S+ under keyring/);
    expect(census.out).toContain('everything is at the current generation');
    expect((await callvault('keys', 'rotate', tenant)).code).toBe(0);
    expect((await callvault('keys', 'rewrap', tenant, '--dry-run')).out).toContain('the metadata key, 2 ingest keys');
    expect((await callvault('keys', 'rewrap', tenant)).out).toContain('2 ingest keys re-wrapped');
    expect((await callvault('ingest-key', 'list', 'ten_1')).err).toBe('callvault: there is no such tenant\n');
  });
});
