// Tables of another version of callvault: what a start says of them, and who migrates them.
import { describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { ORIGIN, type TestedDatabase, testClock } from '../support/fixture-rows.ts';
import { needs } from '../support/needs.ts';
import { postgresDatabase } from '../support/postgres-database.ts';
import { sqliteDatabase } from '../support/sqlite-database.ts';

const { present, reason } = needs('postgresql');
const LAST = '(select max(name) from kysely_migration)';

describe.each<[string, boolean, () => Promise<TestedDatabase>]>([
  ['SQLite', true, sqliteDatabase],
  [`PostgreSQL ${reason}`, present, postgresDatabase],
])('tables of a newer version on %s', (_name, there, create) => {
  it.skipIf(!there)('stop a start, which names the migration', async () => {
    const tested = await create();
    await (await tested.open()).close();
    await tested.run("insert into kysely_migration (name, timestamp) values ('9999-later', 'now')");
    await expect(tested.open()).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'the tables belong to a newer version of callvault (migration 9999-later): install that version',
    });
    await tested.remove();
  });
});

describe.skipIf(!present)(`tables on PostgreSQL ${reason}`, () => {
  it('that are older stop every user but their owner', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    await (await tested.open()).close();
    const name = `${new URL(tested.url).pathname.slice(1)}_user`;
    await tested.run(`create role ${name} login; grant select on all tables in schema public to ${name}`);
    const url = Object.assign(new URL(tested.url), { username: name }).href;
    const open = () =>
      openPostgres(url, { clock: testClock().of(0), identity: { origin: ORIGIN, node: 'node-1' }, witness: false });
    await (await open()).close();
    await tested.run(`delete from kysely_migration where name = ${LAST}`);
    await expect(open()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(
        /^the tables lack migration \d{4}-[a-z-]+, and the database user does not own them: run callvault doctor --operator once as their owner$/,
      ) as string,
    });
  });

  it('are created only by an owner', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const name = `${new URL(tested.url).pathname.slice(1)}_user`;
    await tested.run(`create role ${name} login; revoke create on schema public from public`);
    const url = Object.assign(new URL(tested.url), { username: name }).href;
    const open = openPostgres(url, {
      clock: testClock().of(0),
      identity: { origin: ORIGIN, node: 'node-1' },
      witness: false,
    });
    await expect(open).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('that the user may not read make a start name the script', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    await (await tested.open()).close();
    const name = `${new URL(tested.url).pathname.slice(1)}_user`;
    await tested.run(`create role ${name} login`);
    const url = Object.assign(new URL(tested.url), { username: name }).href;
    const open = openPostgres(url, {
      clock: testClock().of(0),
      identity: { origin: ORIGIN, node: 'node-1' },
      witness: false,
    });
    await expect(open).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'the database user may not read the tables: run docs/operations/postgres-users.sql',
    });
  });
});
