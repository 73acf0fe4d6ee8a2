// A round passes every key once, also when a batch jumps while a page is being read.
import { expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { Tenant } from '../../src/model/tenant.ts';
import type { DepositKey } from '../../src/ports/rows/wrapped-key-rows.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { beginKeyScan } from '../../src/vault/keys/rewrap/key-scan.ts';

const ids = Array.from({ length: 60 }, () => newId('dep')).sort();
const bounds = { first: ids[0], last: ids.at(-1) };
const tenant = { tenant: 'ten_a' } as Tenant;

async function round(interrupted: number): Promise<Set<string>> {
  let reads = 0;
  let jump = (): void => undefined;
  const page = async (_: unknown, after: string, limit: number) => {
    const found = ids.filter((id) => id > after).slice(0, limit);
    if (++reads === interrupted) jump();
    return found.map((deposit) => ({ deposit })) as DepositKey[];
  };
  const read = (work: (rows: unknown) => unknown) => work({ wrappedKeys: { bounds: async () => bounds } });
  const db = { read } as unknown as Vault['db'];
  const begun = await beginKeyScan({ db }, tenant, 1, page, { signal: AbortSignal.timeout(600_000) });
  jump = begun.jump;
  const seen = new Set<string>();
  for (let batch = await begun.next(); batch.length > 0; batch = await begun.next()) {
    for (const { deposit } of batch) seen.add(deposit);
  }
  return seen;
}

it.each(Array.from({ length: 12 }, (_, n) => n + 1))('with a jump during read %i', async (interrupted) => {
  // A round begins at a random place.
  for (let tried = 0; tried < 40; tried++) expect([...(await round(interrupted))].sort()).toEqual(ids);
});
