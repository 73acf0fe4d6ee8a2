// Rows of ingest keys that someone with the database changed, added or removed: verification names each by the log.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestKeyRow } from '../../src/model/ingest-key.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { retireIngestKey } from '../../src/vault/keys/ingest/retire.ts';
import { tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { findingsByLog, ingestKeyStates, raiseAndRewrap, rotateIngestKey } from '../support/ingest-keys.ts';
import { type Row, type RowsBySql, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { makeWorld, type World } from '../support/world.ts';

const by = operatorActor('op-9');
const DAY_MS = 24 * 3_600_000;
const nothing = (): void => undefined;
const request = () => ({ signal: AbortSignal.timeout(120_000) });

describe('the rows of ingest keys against the log', () => {
  let world: World;
  let sql: RowsBySql;
  let tenant: string;
  let [retired, old, current]: (IngestKeyRow | undefined)[] = [];
  /** The retired key's row, as a backup still has it. */
  let kept: Row;

  const idOf = (key: IngestKeyRow | undefined): string => key?.id ?? expect.fail('no such key');
  const rowOf = async (id: string): Promise<Row> =>
    (await sql.all('ingest_key')).find((row) => row['id'] === id) ?? expect.fail('no such row');
  const set = (key: IngestKeyRow | undefined, values: Row) => sql.set('ingest_key', { tenant, id: idOf(key) }, values);

  beforeAll(async () => {
    world = await makeWorld();
    tenant = world.harbour.tenant;
    sql = rowsOfSqlite(join(world.folder, 'vault.db'));
    const { vault } = world;
    retired = await rotateIngestKey(vault, tenant);
    old = await rotateIngestKey(vault, tenant);
    await raiseAndRewrap(vault, tenant);
    kept = await rowOf(idOf(retired));
    world.forward(91 * DAY_MS);
    await retireIngestKey(vault, by, { tenant, id: idOf(retired) }, request());
    current = await rotateIngestKey(vault, tenant);
    await raiseAndRewrap(vault, tenant);
  }, 120_000);
  afterAll(async () => {
    await sql.close();
    await world.end();
  });

  it('are what it says, after creation, rotation, retirement and re-wraps', async () => {
    expect(await findingsByLog(world.vault, tenant)).toEqual([]);
    const kinds: string[] = [];
    const listener = { total: nothing, step: nothing, found: ({ kind }: { kind: string }) => void kinds.push(kind) };
    const row = await tenantWithKey(world.vault, tenant, request());
    await verifyTenantData(world.vault, by, row, { sample: 0, quarantine: false }, listener, request());
    expect(kinds).toEqual([]);
    expect(await ingestKeyStates(world.vault, tenant)).toEqual([
      [idOf(old), 'OLD'],
      [idOf(current), 'CURRENT'],
    ]);
  });

  const EDITS: readonly (readonly [string, () => Promise<void>, () => string[]])[] = [
    [
      'an older key is the current one again',
      async () => {
        await set(current, { state: 'OLD' });
        await set(old, { state: 'CURRENT' });
      },
      () => [`${idOf(old)} state`, `${idOf(current)} state`],
    ],
    ['no key is the current one', async () => set(current, { state: 'OLD' }), () => [`${idOf(current)} state`]],
    [
      'a retired key is put back',
      async () => sql.insert('ingest_key', { ...kept, state: 'OLD' }),
      () => [`${idOf(retired)} state`],
    ],
    [
      'a retired key is put back as the current one',
      async () => {
        await set(current, { state: 'OLD' });
        await sql.insert('ingest_key', { ...kept, state: 'CURRENT' });
      },
      () => [`${idOf(retired)} state`, `${idOf(current)} state`],
    ],
    [
      'a key was never created',
      async () => sql.insert('ingest_key', { ...(await rowOf(idOf(old))), id: 'ink_01n8j3r6syef1s3e13g4gxtv3d' }),
      () => ['ink_01n8j3r6syef1s3e13g4gxtv3d unknown'],
    ],
    [
      'an older key is removed',
      async () => sql.remove('ingest_key', { tenant, id: idOf(old) }),
      () => [`${idOf(old)} missing`],
    ],
    [
      'the current key is removed',
      async () => sql.remove('ingest_key', { tenant, id: idOf(current) }),
      () => [`${idOf(current)} missing`],
    ],
    [
      'a key has the public key of another',
      async () => set(current, { public: old?.public }),
      () => [`${idOf(current)} public`],
    ],
  ];

  it.each(EDITS)('are named where %s', async (_what, edit, named) => {
    const before = (await sql.all('ingest_key')).filter((row) => row['tenant'] === tenant);
    await edit();
    const found = await findingsByLog(world.vault, tenant);
    for (const row of await sql.all('ingest_key'))
      if (row['tenant'] === tenant) await sql.remove('ingest_key', { tenant, id: row['id'] });
    for (const row of before) await sql.insert('ingest_key', row);
    expect(found).toEqual(
      named()
        .map((one) => `row_differs ingest_key ${one}`)
        .sort(),
    );
    expect(await findingsByLog(world.vault, tenant)).toEqual([]);
  });

  it('are still named after the next rotation, which replaces what someone made current', async () => {
    const [wrong, right] = [idOf(old), idOf(current)];
    await set(current, { state: 'OLD' });
    await set(old, { state: 'CURRENT' });
    const next = await rotateIngestKey(world.vault, tenant);
    expect(await findingsByLog(world.vault, tenant)).toEqual([`row_differs ingest_key ${right} state`]);
    expect(await ingestKeyStates(world.vault, tenant)).toEqual([
      [wrong, 'OLD'],
      [right, 'OLD'],
      [next.id, 'CURRENT'],
    ]);
  });
});
