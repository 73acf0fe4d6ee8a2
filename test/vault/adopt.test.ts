// Adoption of rows without MACs, from a version before MACs: denied until then, and only once per tenant's log.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { newId } from '../../src/bytes/ids.ts';
import { AUTHORITY_TABLES } from '../../src/envelope/authority.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { adoptRows, findAdoptableRows } from '../../src/vault/tenants/adopt-rows.ts';
import { type Row, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { sharedWorld } from '../support/worlds.ts';

const by = operatorActor('op-1');
const request = () => ({ signal: AbortSignal.timeout(600_000) });

const world = sharedWorld();

/** Turns the tenant into one of an older version: no row has a MAC, and no event says that rows have them. */
async function asBefore(tenant: string): Promise<void> {
  for (const table of AUTHORITY_TABLES)
    world.sql.prepare(`update ${table} set mac = null where tenant = ?`).run(tenant);
  const triggers = world.sql
    .prepare("select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'audit_event'")
    .all() as { name: string; sql: string }[];
  for (const { name } of triggers) world.sql.exec(`drop trigger ${name}`);
  for (const { seq, leaf } of world.sql
    .prepare('select seq, leaf from audit_event where log = ?')
    .all(tenant) as Row[]) {
    const older = Buffer.from(String(leaf).replace('"authority":1,', ''));
    const hash = sha256('\0', older);
    world.sql
      .prepare('update audit_event set leaf = ?, hash = ? where log = ? and seq = ?')
      .run(older, hash, tenant, seq);
  }
  for (const { sql } of triggers) world.sql.exec(sql);
}

describe('a tenant of a version without MACs', () => {
  it('is denied everything until its rows are adopted, then works as before', async () => {
    const { harbour } = world;
    const { tenant, reviewer } = harbour;
    const revoked = await world.keyOf(tenant, reviewer.id);
    await world.call('POST', `/v1/api-keys/${revoked.id}/revoke`, { key: harbour.admin.key });
    await asBefore(tenant);
    expect((await world.call('GET', '/v1/recordings', { key: reviewer.key })).status).toBe(401);
    // Another tenant's rows are not affected.
    expect((await world.call('GET', '/v1/recordings', { key: world.yunhai.reviewer.key })).status).toBe(200);

    const before = await findAdoptableRows(world.vault, tenant, request());
    expect(before).toContainEqual({ table: 'principal', id: reviewer.id, roles: ['reviewer'] });
    expect(before.filter(({ id }) => id === revoked.id)).toEqual([]);
    expect(await adoptRows(world.vault, by, tenant, request())).toEqual(before);
    expect((await world.call('GET', '/v1/recordings', { key: reviewer.key })).status).toBe(200);
    expect((await world.call('GET', '/v1/recordings', { key: revoked.secret })).status).toBe(401);
  });

  it('is adopted once: rows inserted afterwards do not count', async () => {
    const { tenant, reviewer } = world.harbour;
    const rows = rowsOfSqlite(join(world.folder, 'vault.db'));
    const like = (await rows.all('api_key')).find((row) => row['principal'] === reviewer.id) as Row;
    await rows.insert('api_key', { ...like, id: newId('key'), mac: null });
    await rows.close();
    await expect(adoptRows(world.vault, by, tenant, request())).rejects.toMatchObject({ code: 'conflict' });
    await expect(findAdoptableRows(world.vault, tenant, request())).rejects.toMatchObject({ code: 'conflict' });
  });

  it('rejects a tenant whose rows had MACs from the start', async () => {
    await expect(adoptRows(world.vault, by, world.yunhai.tenant, request())).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
