// The amendment entries of a subject in a tested vault, from its rows.

import { readEntries, type StreamEntry } from '../../src/vault/core/amendments/read-entries.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { wait } from './fixture-rows.ts';

/** All entries of a subject, verified; throws where one is not as it was written. */
export async function entriesOf(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  subject: string,
): Promise<readonly StreamEntry[]> {
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), wait);
  if (row === null) throw new Error('there is no such tenant');
  const metadataKey = await vault.metadataKeys.get(row, wait);
  return vault.db.read((rows) => readEntries(rows, metadataKey, { tenant, subject }), wait);
}
