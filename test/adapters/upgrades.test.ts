// Databases of earlier versions: migrations keep their content and move it to its new columns.
import SqliteFile from 'better-sqlite3';
import { Kysely, Migrator, PostgresDialect, SqliteDialect } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { deposits } from '../../src/adapters/sql/deposit-mapping.ts';
import { passkeys, principals } from '../../src/adapters/sql/mappings.ts';
import { migrationsFor } from '../../src/adapters/sql/migrations/migrations.ts';
import { tenants } from '../../src/adapters/sql/tenant-mapping.ts';
import { deposit, type TestedDatabase, wait } from '../support/fixture-rows.ts';
import { passkey, principal, tenant } from '../support/more-fixture-rows.ts';
import { needs } from '../support/needs.ts';
import { postgresDatabase } from '../support/postgres-database.ts';
import { sqliteDatabase } from '../support/sqlite-database.ts';

const { present, reason } = needs('postgresql');

const snake = (row: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );

/** The schema after migration 0003: tenants lack three columns, and the deposit has the envelope's generation. */
async function atVersionThree(dialect: SqliteDialect | PostgresDialect, types: Parameters<typeof migrationsFor>[0]) {
  const db = new Kysely<Record<string, Record<string, unknown>>>({ dialect });
  const { error } = await new Migrator({ db, provider: migrationsFor(types) }).migrateTo('0003-idempotency');
  expect(error).toBeUndefined();
  const {
    volume: _v,
    metadataScheme: _s,
    blobWrap: _b,
    timeZone: _t,
    searchable: _f,
    sources: _o,
    defaultNotice: _n,
    retention: _r,
    ...old
  } = tenants.toColumns(tenant);
  const unkeyed = { keyScheme: null, keyId: null, metadataWrapped: null, metadataWrap: null, metadataKeyId: null };
  await db.insertInto('tenant').values(snake(old)).execute();
  await db
    .insertInto('tenant')
    .values(snake({ ...old, ...unkeyed, tenant: 'ten_b', state: 'CREATING' }))
    .execute();
  for (const [id, state] of [
    ['dep_a', 'AVAILABLE'],
    ['dep_b', 'COMMITTING'],
  ] as const) {
    const envelope = Buffer.from(`{"key":"${id}"}`);
    const { committed: _later, ...columns } = deposits.toColumns({ ...deposit, id, object: id, state, envelope });
    await db
      .insertInto('deposit')
      .values(snake({ ...columns, envelopeWrap: 1 }))
      .execute();
    const key = { tenant: 'ten_a', deposit: id, scheme: 'keyring', keyId: 'key', wrap: 2, wrapped: Buffer.from(id) };
    await db.insertInto('wrapped_key').values(snake(key)).execute();
  }
  for (const [seq, object] of [
    { type: 'recording', id: 'rec_a' },
    { type: 'session', id: 'ses_a', recording: 'rec_a' },
    { type: 'tenant', id: 'ten_a' },
  ].entries()) {
    const leaf = Buffer.from(JSON.stringify({ v: 1, object, said: '说“是”' }));
    const row = { log: 'ten_a', seq, id: `evt_${seq}`, leaf, hash: Buffer.alloc(32, seq) };
    await db.insertInto('audit_event').values(row).execute();
  }
  await db.destroy();
}

async function check(tested: TestedDatabase): Promise<void> {
  const db = await tested.open();
  try {
    await db.read(async (rows) => {
      expect(await rows.tenants.find('ten_a')).toEqual({
        ...tenant,
        searchable: [],
        sources: {},
        blobWrap: 1,
        volume: false,
      });
      expect(await rows.tenants.find('ten_b')).toMatchObject({
        key: null,
        metadataKey: null,
        blobWrap: null,
        volume: false,
      });
      // An envelope that the store has is deleted; one that must still be written is kept.
      expect(await rows.deposits.find('ten_a', 'dep_a')).toEqual({
        ...deposit,
        id: 'dep_a',
        object: 'dep_a',
        state: 'AVAILABLE',
        // When it was COMMITTING is not known: not before it was made.
        committed: deposit.created,
      });
      expect((await rows.deposits.find('ten_a', 'dep_b'))?.envelope).toEqual(Buffer.from('{"key":"dep_b"}'));
      expect(await rows.wrappedKeys.find('ten_a', 'dep_a')).toMatchObject({ wrap: 2, envelopeWrap: 1 });
      // Existing events are found by their recording.
      expect((await rows.log.eventsOf('ten_a', 'rec_a', null, 9)).map(({ seq }) => seq)).toEqual([1, 0]);
      // Recordings of before may have no index of their call id, and no source.
      const whole = { current: 2, complete: 0, version: 0, reached: '' };
      expect(await rows.indexes.behind()).toEqual([
        { tenant: 'ten_a', ...whole },
        { tenant: 'ten_b', ...whole },
      ]);
      const behind = await rows.wrappedKeys.envelopesBehind('ten_a', '', 9);
      expect(behind.map((row) => row.deposit)).toEqual(['dep_a']);
    }, wait);
  } finally {
    await db.close();
  }
}

describe('a database from before key rotation', () => {
  it('keeps its rows on SQLite', async () => {
    const tested = await sqliteDatabase({ tables: 'none' });
    try {
      const database = new SqliteFile(tested.path);
      await atVersionThree(new SqliteDialect({ database }), { blob: 'blob', bigint: 'integer', text: 'text' });
      await check(tested);
    } finally {
      await tested.remove();
    }
  });

  it.skipIf(!present)(`keeps its rows on PostgreSQL ${reason}`, async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    try {
      const pool = new pg.Pool({ connectionString: tested.url });
      const types = { blob: 'bytea', bigint: 'bigint', text: 'text collate "C"' } as const;
      await atVersionThree(new PostgresDialect({ pool }), types);
      await check(tested);
    } finally {
      await tested.remove();
    }
  });
});

/** The schema after migration 0034: rows of the deployment's people name no event. */
async function withOlderPeople(dialect: SqliteDialect | PostgresDialect, types: Parameters<typeof migrationsFor>[0]) {
  const db = new Kysely<Record<string, Record<string, unknown>>>({ dialect });
  const { error } = await new Migrator({ db, provider: migrationsFor(types) }).migrateTo('0034-unwraps');
  expect(error).toBeUndefined();
  const { leafIndex: _p, ...person } = principals.toColumns(principal);
  const { leafIndex: _k, ...key } = passkeys.toColumns(passkey);
  const own = { tenant: 'deployment', roles: 'operator', mac: null };
  for (const id of ['usr_x', 'usr_y', 'usr_forged'])
    await db
      .insertInto('principal')
      .values(snake({ ...person, ...own, id }))
      .execute();
  await db.insertInto('principal').values(snake(person)).execute();
  await db
    .insertInto('passkey')
    .values(snake({ ...key, tenant: 'deployment', principal: 'usr_x', mac: null }))
    .execute();
  const events: readonly [action: string, object: object, outcome?: string][] = [
    ['tenant.creating', { type: 'tenant', id: 'ten_a' }],
    ['operator.added', { type: 'person', id: 'usr_x', roles: 'operator' }],
    ['operator.added', { type: 'person', id: 'usr_y', roles: 'operator' }],
    ['person.off', { type: 'person', id: 'usr_a', tenant: 'ten_a' }],
    ['passkey.added', { type: 'passkey', id: 'pky_a', principal: 'usr_x' }],
    ['operator.added', { type: 'person', id: 'usr_forged' }, 'failed'],
    ['sign_in.opened', { type: 'sign_in', id: 'sgn_a', link: 'lnk_a' }],
    ['person.off', { type: 'person', id: 'usr_y' }],
  ];
  for (const [seq, [action, object, outcome = 'ok']] of events.entries()) {
    const leaf = Buffer.from(JSON.stringify({ v: 1, action, outcome, object }));
    const row = { log: 'deployment', seq, id: `evt_${seq}`, leaf, hash: Buffer.alloc(32, seq) };
    await db.insertInto('audit_event').values(row).execute();
  }
  const head = { log: 'deployment', size: events.length, mark: '' };
  await db.insertInto('audit_head').values(head).execute();
  await db.destroy();
}

async function checkPeople(tested: TestedDatabase): Promise<void> {
  const db = await tested.open();
  try {
    await db.read(async (rows) => {
      const found = await rows.principals.all('deployment');
      expect(found.map(({ id, leafIndex }) => [id, leafIndex])).toEqual([
        ['usr_forged', null],
        ['usr_x', 1],
        ['usr_y', 2],
      ]);
      expect(await rows.principals.find('ten_a', 'usr_a')).toEqual({ ...principal, leafIndex: null });
      expect(await rows.signIns.passkey('deployment', 'pky_a')).toMatchObject({ leafIndex: 4 });
      const about = async (index: number, id: string) =>
        (await rows.log.eventsAbout('deployment', index, id)).map(({ seq }) => seq);
      expect(await about(2, 'usr_y')).toEqual([2, 7]);
      expect(await about(1, 'usr_x')).toEqual([1, 4]);
      // A link is used by a sign-in.
      expect(await about(0, 'lnk_a')).toEqual([0, 6]);
      expect(await about(0, 'usr_a')).toEqual([0]);
    }, wait);
  } finally {
    await db.close();
  }
}

describe('a database from before rows of operators named their events', () => {
  it('finds the events on SQLite', async () => {
    const tested = await sqliteDatabase({ tables: 'none' });
    try {
      const database = new SqliteFile(tested.path);
      await withOlderPeople(new SqliteDialect({ database }), { blob: 'blob', bigint: 'integer', text: 'text' });
      await checkPeople(tested);
    } finally {
      await tested.remove();
    }
  });

  it.skipIf(!present)(`finds the events on PostgreSQL ${reason}`, async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    try {
      const pool = new pg.Pool({ connectionString: tested.url });
      const types = { blob: 'bytea', bigint: 'bigint', text: 'text collate "C"' } as const;
      await withOlderPeople(new PostgresDialect({ pool }), types);
      await checkPeople(tested);
    } finally {
      await tested.remove();
    }
  });
});
