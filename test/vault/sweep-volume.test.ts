// Sweeping in volume mode: a missing or replaced tenant KEK does not condemn what it wrapped.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { beforeEach, expect, it } from 'vitest';
import { newTenantKekId } from '../../src/bytes/ids.ts';
import { tenantKekPath } from '../../src/envelope/tenant-kek-blob.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { findOrphans } from '../../src/vault/sweep/orphans.ts';
import { freshVault } from '../support/vaults.ts';
import { depositWav, startGeneration, tenantOf } from '../support/volume.ts';

const test = freshVault();
let blob: string;
beforeEach(async () => {
  await startGeneration(test.vault, test.tenant, true);
  loseRows(await depositWav(test.vault, test.uploader, 'lost'));
  const [kek] = await test.vault.db.read((rows) => rows.wrappedKeys.tenantKeks(test.tenant), test.request);
  blob = join(test.store, tenantKekPath(test.tenant, kek?.id ?? ''));
});

/** Deletes the rows of a deposit, as in an older database; the row of its KEK stays. */
function loseRows({ recording, deposit: id }: DepositResult): void {
  const file = new SqliteFile(join(test.folder, 'vault.db'));
  file.prepare('delete from deposit where id = ?').run(id);
  file.prepare('delete from wrapped_key where deposit = ?').run(id);
  file.prepare('delete from recording where id = ?').run(recording);
  file.close();
}

async function kinds(): Promise<string[]> {
  const clock = { ...test.vault.clock, now: () => Date.now() + 7_200_000 };
  const found: string[] = [];
  const tenant = await tenantOf(test.vault, test.tenant);
  for await (const { kind, goes } of findOrphans({ ...test.vault, clock }, operatorActor('op-1'), tenant, test.request))
    found.push(`${kind}${goes ? ' goes' : ''}`);
  return found.sort();
}

it('keeps blobs that an envelope under a tenant KEK names', async () => {
  expect(await kinds()).toEqual(['blob_named', 'blob_named', 'envelope_valid']);
});

it.each<[string, () => void]>([
  ['is missing', () => rmSync(blob)],
  ['is not a KEK', () => writeFileSync(blob, '{"format":"callvault/1"}')],
  ['is of another format', () => writeFileSync(blob, '{"format":"callvault/2"}')],
  [
    "is another KEK's",
    () => writeFileSync(blob, readFileSync(blob, 'utf8').replace(/tenant-kek\/[^"]*/, newTenantKekId())),
  ],
])('keeps it as doubtful where the blob of the KEK %s', async (_how, damage) => {
  damage();
  expect(await kinds()).toEqual(['blob_named', 'blob_named', 'envelope_doubtful']);
});
