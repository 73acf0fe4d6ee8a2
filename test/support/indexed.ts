// Recordings whose indexes are behind, and the indexes that the database has and those that the facts have now.
import { newId } from '../../src/bytes/ids.ts';
import type { IndexValue } from '../../src/ports/rows/recording-rows.ts';
import { indexesOf } from '../../src/vault/core/facts/indexes.ts';
import { openRawFacts, sealRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { naturalIndex } from '../../src/vault/deposit/describe.ts';
import { someEvent } from './fixture-rows.ts';

/** Both as lines of recording, label and value, in order. An erased recording has none. */
export async function indexState(
  vault: Vault,
  tenant: string,
): Promise<{ readonly stored: readonly string[]; readonly expected: readonly string[] }> {
  const wait = { signal: AbortSignal.timeout(600_000) };
  const { row, recordings, values } = await vault.db.read(
    async ({ tenants, indexes }) => ({
      row: await tenants.find(tenant),
      recordings: await indexes.page(tenant, '', 100_000),
      values: await indexes.values(tenant, '', '~'),
    }),
    wait,
  );
  if (row === null) throw new Error('there is no such tenant');
  const key = await vault.metadataKeys.get(row, wait);
  const lines = (recording: string, of: readonly IndexValue[]): string[] =>
    of.map(({ label, value }) => `${recording} ${label} ${Buffer.from(value).toString('hex')}`);
  const expected = recordings.flatMap(({ facts, ...recording }) =>
    facts === null ? [] : lines(recording.id, indexesOf(key, vault.phones, openRawFacts(key, recording, facts), row)),
  );
  const stored = values.flatMap((one) => lines(one.recording, [one]));
  return { stored: stored.sort(), expected: [...new Set(expected)].sort() };
}

/** Copies of a recording as calls `copy-0`, `copy-1`, … of their own, without any index. */
export async function copyRecording(vault: Vault, tenant: string, of: string, count: number): Promise<void> {
  const wait = { signal: AbortSignal.timeout(600_000) };
  const { row, recording } = await vault.db.read(
    async (rows) => ({ row: await rows.tenants.find(tenant), recording: await rows.recordings.find(tenant, of) }),
    wait,
  );
  if (row === null || recording === null || recording.facts === null) throw new Error('there is no such recording');
  const key = await vault.metadataKeys.get(row, wait);
  const facts = openRawFacts(key, recording, recording.facts);
  await vault.db.change(async (tx) => {
    for (let n = 0; n < count; n++) {
      const copy = { ...recording, id: newId('rec') };
      const call = { source: 'pbx', callId: `copy-${n}`, leg: '0' };
      const sealed = sealRawFacts(key, copy, { ...facts, call_id: call.callId });
      await tx.recordings.insert({ ...copy, natural: naturalIndex(key, call), facts: sealed });
    }
    return { result: null, events: [someEvent(tenant)] };
  }, wait);
}

/** Changes the fields that the tenant's recordings are found by, as an applied change does. */
export async function chooseFields(vault: Vault, tenant: string, searchable: readonly string[]): Promise<void> {
  await vault.db.change(
    async (tx) => {
      const row = await tx.tenants.lock(tenant);
      if (row === null || !(await tx.tenants.change(row, { searchable }))) throw new Error('there is no such tenant');
      return { result: null, events: [someEvent(tenant)] };
    },
    { signal: AbortSignal.timeout(600_000) },
  );
}
