// The database users of docs/operations/postgres-users.sql: what each may do, what an attacker with one cannot do, and what
// doctor and a start say of rights that are missing or too many.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_TABLES } from '../../src/envelope/authority.ts';
import { DATABASE_USES, freesRows, rightsOf } from '../../src/model/database-rights.ts';
import { hasDuty } from '../../src/vault/core/process-role.ts';
import { needs } from '../support/needs.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { codeOf, createUsers, DENIED, type UsersWorld, usersWorld } from '../support/postgres-users.ts';

const { present, reason } = needs('postgresql');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });
describe.skipIf(!present)(`database users ${reason}`, () => {
  let at: UsersWorld;
  let columns: readonly { readonly table: string; readonly column: string }[];
  beforeAll(async () => {
    at = await usersWorld();
    const { rows } = await withOtherConnection(at.owner, (client) =>
      client.query<{ table: string; column: string }>(
        `select table_name as "table", column_name as "column" from information_schema.columns where table_schema = 'public'`,
      ),
    );
    columns = rows;
  });
  afterAll(() => at?.end());

  it('have a line for each table: a new one needs one in src/model/database-rights.ts', () => {
    const tables = [...new Set(columns.map(({ table }) => table))].sort();
    for (const use of DATABASE_USES) expect([...rightsOf(use).keys()].sort()).toEqual(tables);
    for (const table of AUTHORITY_TABLES) expect(tables).toContain(table);
  });

  it('have the rights of the duties of their roles', () => {
    const uses = { deposit: 'ingest', catalogue: 'console', settle: 'work' } as const;
    for (const role of ['all', 'listen'] as const) {
      for (const [duty, use] of Object.entries(uses)) {
        if (!hasDuty(role, duty as keyof typeof uses)) continue;
        for (const [table, { insert, select }] of rightsOf(use)) {
          expect([role, table, rightsOf(role).get(table)?.insert === true || !insert]).toEqual([role, table, true]);
          expect([role, table, rightsOf(role).get(table)?.select === true || !select]).toEqual([role, table, true]);
        }
      }
    }
  });

  it.each(DATABASE_USES)(
    '%s may do what its line says, table by table and column by column, and nothing else',
    async (use) => {
      const wrong = await withOtherConnection(at.urlOf(use), async (client) => {
        const found: string[] = [];
        const expectThat = async (may: boolean, statement: string): Promise<void> => {
          const denied = (await codeOf(client, statement)) === DENIED;
          if (denied === may) found.push(`${may ? 'denied' : 'allowed'}: ${statement}`);
        };
        for (const [table, rights] of rightsOf(use)) {
          await expectThat(rights.select, `select * from "${table}" limit 1`);
          await expectThat(rights.insert, `insert into "${table}" default values`);
          await expectThat(rights.delete, `delete from "${table}"`);
          await expectThat(false, `truncate "${table}"`);
        }
        for (const { table, column } of columns) {
          const { update } = rightsOf(use).get(table) ?? { update: new Set() };
          // No row is there to meet a trigger, and a constraint is no denial.
          await expectThat(
            update === 'all' || update.has(column),
            `update "${table}" set "${column}" = null where false`,
          );
        }
        return found;
      });
      expect(wrong).toEqual([]);
    },
  );

  it.each(DATABASE_USES)('%s cannot widen its rights, change tables, or edit the log', async (use) => {
    const owner = new URL(at.owner).username;
    const statements = [
      'create table mine (id integer)',
      "create function f() returns integer language sql as 'select 1'",
      'alter table access_grant add column more text',
      'alter table audit_event disable trigger all',
      'drop table access_grant',
      'create trigger t before insert on access_grant execute function audit_event_only_grows()',
      'create role another superuser',
      `alter role "${at.userOf(use)}" createrole`,
      `grant "${owner}" to "${at.userOf(use)}"`,
      `set role "${owner}"`,
      ...(use === 'all' ? [] : ['set role callvault_all']),
      'update audit_event set leaf = leaf',
      'delete from audit_event',
      'delete from audit_subject',
      'delete from kysely_migration',
      "copy (select 1) to program 'id'",
    ];
    await withOtherConnection(at.urlOf(use), async (client) => {
      for (const statement of statements)
        expect([statement, await codeOf(client, statement)]).toEqual([statement, DENIED]);
    });
  });

  it('are made again by a second run, which also removes what was granted beside it', async () => {
    await at.run('grant insert on access_grant to callvault_ingest; revoke insert on comment from callvault_listen');
    await createUsers(at.owner);
    expect(await at.vaultOf('ingest').db.userRights('ingest', wait())).toMatchObject({ missing: [], excess: [] });
    expect(await at.vaultOf('listen').db.userRights('listen', wait())).toMatchObject({ missing: [], excess: [] });
  });

  it('see the transactions of others, and vacuum, only where they end erasures', async () => {
    const sees: Record<string, boolean> = {};
    for (const use of DATABASE_USES) {
      const rights = await at.vaultOf(use).db.userRights(use, wait());
      sees[use] = rights?.seesTransactions === true;
      if (!freesRows(use)) expect([use, rights?.mayVacuum]).toEqual([use, false]);
    }
    expect(sees).toEqual({ ingest: false, listen: false, console: false, work: true, all: true, operator: false });
  });

  it('of work end access, and give none', async () => {
    const denied = [
      'principal',
      'api_key',
      'access_request',
      'decision',
      'access_grant',
      'session',
      'sign_in',
      'passkey',
    ];
    for (const table of denied) expect([table, rightsOf('work').get(table)?.insert]).toEqual([table, false]);
    for (const column of ['person', 'recording', 'expires', 'uses_left', 'minutes'])
      expect(rightsOf('work').get('access_grant')?.update).not.toContain(column);
  });

  it('of listen and console write no tenant’s keys, API keys, links or data keys', () => {
    for (const use of ['listen', 'console'] as const) {
      for (const table of ['tenant', 'tenant_kek', 'api_key', 'sign_in_link', 'wrapped_key', 'deposit', 'object'])
        expect([use, table, rightsOf(use).get(table)?.insert]).toEqual([use, table, false]);
      expect(rightsOf(use).get('tenant')?.update).not.toContain('key_id');
    }
    expect(rightsOf('console').get('session')?.insert).toBe(false);
  });
});
