// The database is deleted: its rows are rebuilt from the bucket, equal in everything that an envelope has.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { openColumn } from '../../src/envelope/column.ts';
import type { Tenant } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { rebuildIndex } from '../../src/vault/rebuild/rebuild.ts';
import { rebuildTenant } from '../../src/vault/rebuild/tenant.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { bulkDeposits } from '../support/bulk-deposits.ts';
import { environmentOf, openTestVault, type TestVault } from '../support/vault.ts';

/** 25 batches of a rebuild. */
const COUNT = 2_500;
const by = operatorActor('op-9');
const described = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', approverAgeHours: 24 } as const;
let test: TestVault;
let before: Row[];
let beforeTenant: Tenant;
let other: string;
let rebuilt: Composed;

type Row = Record<string, unknown>;

/** Every row of recordings and what belongs to them, sealed columns opened; without what no envelope has. */
async function rowsOf(database: string, vault: Vault): Promise<Row[]> {
  const file = new SqliteFile(database, { readonly: true });
  const all = (sql: string): Row[] => file.prepare(sql).all() as Row[];
  const tenant = await tenantOf(vault);
  const key = await vault.metadataKeys.get(tenant, test.request);
  const opened = (row: unknown, column: string, sealed: unknown): string =>
    openColumn(key, { tenant: tenant.tenant, row: String(row), column }, sealed as Buffer).toString('hex');
  const indexes = new Map<unknown, string[]>();
  for (const { recording, label, value } of all('select * from blind_index order by label, value')) {
    const list = indexes.get(recording) ?? [];
    list.push(`${String(label)} ${(value as Buffer).toString('hex')}`);
    indexes.set(recording, list);
  }
  const rows = all(`select r.*, d.id deposit, d.object, d.state deposit_state, d.created deposit_created, d.digest,
      d.envelope, k.scheme, k.key_id, k.wrap, k.wrapped, k.envelope_wrap,
      o.name, o.type, o.size, o.sealed, o.parts, o.heads
    from recording r join deposit d on d.recording = r.id join wrapped_key k on k.deposit = d.id
    join object o on o.deposit = d.id order by r.id, d.id`);
  file.close();
  return rows.map(({ depositor: _depositor, ...row }) => ({
    ...row,
    facts: JSON.parse(Buffer.from(opened(row['id'], 'facts', row['facts']), 'hex').toString()) as unknown,
    digest: opened(row['deposit'], 'digest', row['digest']),
    indexes: indexes.get(row['id']),
  }));
}

async function tenantOf(vault: Vault): Promise<Tenant> {
  const row = await vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  if (row === null) throw new Error('no tenant');
  return row;
}

async function rebuild(vault: Vault) {
  const problems: unknown[] = [];
  const vouched = { keys: [beforeTenant.key?.id ?? ''], minimumWrap: 1 };
  const place = { region: '', bucket: '', prefix: '' };
  const what = { tenant: test.tenant, place, described };
  const { row, made } = await rebuildTenant(vault, by, what, vouched, test.request);
  const steps = { total: 0, done: 0 };
  const tell = {
    total: (n: number) => {
      steps.total = n;
    },
    step: (n: number) => {
      steps.done += n;
    },
    problem: (problem: unknown) => void problems.push(problem),
  };
  const done = await rebuildIndex(vault, by, row, vouched, tell, test.request);
  return { done, made, problems, steps };
}

beforeAll(async () => {
  const top = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  test = await openTestVault('sqlite', top);
  await bulkDeposits(test, COUNT);
  before = await rowsOf(join(test.folder, 'vault.db'), test.vault);
  beforeTenant = await tenantOf(test.vault);
  other = mkdtempSync(join(top, 'callvault-rebuilt-'));
  const environment = { ...environmentOf(test.folder), CALLVAULT_DATABASE: `sqlite:${join(other, 'vault.db')}` };
  rebuilt = await compose(readConfig(environment), (error) => {
    throw error;
  });
});
afterAll(async () => {
  await rebuilt?.close();
  await test?.close();
  if (other !== undefined) rmSync(other, { recursive: true });
});

describe('a deleted database', () => {
  it(`is rebuilt with ${COUNT} rows, equal in everything that envelopes have, all in quarantine`, async () => {
    const { done, made, problems, steps } = await rebuild(rebuilt.vault);
    expect({ made, problems }).toEqual({ made: true, problems: [] });
    expect(done).toMatchObject({ envelopes: COUNT, recordings: COUNT, deposits: COUNT, known: 0, problems: 0 });
    expect(steps).toEqual({ total: COUNT, done: COUNT });
    const after = await rowsOf(join(other, 'vault.db'), rebuilt.vault);
    expect(after).toHaveLength(before.length);
    const apart = (rows: readonly Row[]) => rows.map(({ quarantine: _quarantine, ...row }) => row);
    expect(apart(after)).toEqual(apart(before));
    const quarantines = after.map(({ quarantine }) => quarantine);
    expect(quarantines).toEqual(before.map(({ quarantine }) => (quarantine === '' ? 'rebuilt' : 'basis,rebuilt')));
    const { version: _was, ...tenantBefore } = beforeTenant;
    const { version: _is, ...tenantAfter } = await tenantOf(rebuilt.vault);
    expect(tenantAfter).toEqual(tenantBefore);
  });

  it('is not changed by a second rebuild', async () => {
    const file = new SqliteFile(join(other, 'vault.db'), { readonly: true });
    const state = () =>
      ['recording', 'deposit', 'object', 'wrapped_key', 'blind_index', 'tenant', 'policy'].map((table) =>
        file.prepare(`select count(*) n, max(rowid) m from ${table}`).get(),
      );
    const versions = () => file.prepare('select sum(version) v from recording').get();
    const was = [...state(), versions()];
    const { done, made } = await rebuild(rebuilt.vault);
    expect({ made, ...done }).toMatchObject({ made: false, known: COUNT, recordings: 0, deposits: 0, problems: 0 });
    expect([...state(), versions()]).toEqual(was);
    const events = file.prepare('select leaf from audit_event').all() as { leaf: Buffer }[];
    file.close();
    const restored = events
      .map(({ leaf }) => JSON.parse(leaf.toString()) as { action: string; object: { deposits: number } })
      .filter(({ action }) => action === 'vault.rebuilt')
      .map(({ object }) => object.deposits);
    expect(restored.reduce((sum, n) => sum + n, 0)).toBe(COUNT);
  });

  it('verifies: rows, envelopes and blobs agree, and a sample opens', async () => {
    const found: unknown[] = [];
    const tell = { total: () => undefined, step: () => undefined, found: (one: unknown) => void found.push(one) };
    const options = { sample: 50, quarantine: false };
    const done = await verifyTenantData(rebuilt.vault, by, await tenantOf(rebuilt.vault), options, tell, test.request);
    expect(found).toEqual([]);
    expect(done).toMatchObject({ deposits: COUNT, opened: 50, notChecked: 0 });
  });
});
