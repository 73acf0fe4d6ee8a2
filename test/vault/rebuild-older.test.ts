// Rebuilding next to rows that are older than the bucket, or whose generations were retired.
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { moveToNewKey } from '../../src/vault/keys/move-key.ts';
import { rebuildIndex } from '../../src/vault/rebuild/rebuild.ts';
import { freshVault } from '../support/vaults.ts';
import { depositWav, startGeneration, tenantOf } from '../support/volume.ts';

const test = freshVault();

/** Deletes and changes rows, as if the database were another one. */
function sql(...statements: readonly string[]): void {
  const file = new SqliteFile(join(test.folder, 'vault.db'));
  for (const statement of statements) file.exec(statement);
  file.close();
}

function lose({ recording, deposit: id }: DepositResult): void {
  sql(
    `delete from object where deposit = '${id}'`,
    `delete from deposit where id = '${id}'`,
    `delete from wrapped_key where deposit = '${id}'`,
    `delete from recording where id = '${recording}'`,
  );
}

async function rebuild() {
  const tenant = await tenantOf(test.vault, test.tenant);
  const vouched = { keys: [tenant.key?.id ?? ''], minimumWrap: 1 };
  const problems: string[] = [];
  const tell = {
    total: () => undefined,
    step: () => undefined,
    problem: ({ kind }: { kind: string }) => void problems.push(kind),
  };
  const done = await rebuildIndex(test.vault, operatorActor('op-1'), tenant, vouched, tell, test.request);
  return { ...done, problems };
}

it("ends volume mode where the tenant's latest generation has no KEK, so that deposits work", async () => {
  await startGeneration(test.vault, test.tenant, true);
  const before = await tenantOf(test.vault, test.tenant);
  await startGeneration(test.vault, test.tenant, false);
  lose(await depositWav(test.vault, test.uploader, 'after'));
  sql(`update tenant set wrap = ${before.wrap}, volume = 1`);
  expect(await rebuild()).toMatchObject({ deposits: 1, problems: [] });
  expect(await tenantOf(test.vault, test.tenant)).toMatchObject({ wrap: 3, volume: false });
  expect(await depositWav(test.vault, test.uploader, 'again')).toMatchObject({
    recording: expect.stringMatching(/^rec_/),
  });
});

it('keeps volume mode where the latest generation has its KEK', async () => {
  await startGeneration(test.vault, test.tenant, true);
  const before = await tenantOf(test.vault, test.tenant);
  await startGeneration(test.vault, test.tenant, true);
  lose(await depositWav(test.vault, test.uploader, 'after'));
  sql(`update tenant set wrap = ${before.wrap}`, 'delete from tenant_kek where wrap = 3');
  expect(await rebuild()).toMatchObject({ deposits: 1, problems: [] });
  expect(await tenantOf(test.vault, test.tenant)).toMatchObject({ wrap: 3, volume: true });
  expect(await depositWav(test.vault, test.uploader, 'again')).toMatchObject({
    recording: expect.stringMatching(/^rec_/),
  });
});

it('restores nothing of a generation that the tenant has retired, whatever keys the operator trusts', async () => {
  const old = await depositWav(test.vault, test.uploader, 'old');
  // The metadata key stays in memory: this case is about data keys.
  sql('update tenant set wrap = 2, minimum_wrap = 2');
  lose(old);
  expect(await rebuild()).toMatchObject({ deposits: 0, problems: ['key_refused'] });
});

it('continues under the key of the latest generation, not the one that tenant.json still names', async () => {
  const before = await tenantOf(test.vault, test.tenant);
  const { key } = await moveToNewKey(test.vault, operatorActor('op-1'), test.tenant, test.request);
  lose(await depositWav(test.vault, test.uploader, 'after'));
  sql(`update tenant set wrap = ${before.wrap}, key_id = '${before.key?.id}'`);
  const vouched = { keys: [before.key?.id ?? '', key.id], minimumWrap: 1 };
  const tell = { total: () => undefined, step: () => undefined, problem: () => undefined };
  const tenant = await tenantOf(test.vault, test.tenant);
  await rebuildIndex(test.vault, operatorActor('op-1'), tenant, vouched, tell, test.request);
  expect(await tenantOf(test.vault, test.tenant)).toMatchObject({ wrap: 2, key: { id: key.id } });
});
