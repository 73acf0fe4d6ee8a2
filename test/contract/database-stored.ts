// Rows as 0.1.0 stored them: each that gives access is still authentic, and is written again as the same columns.
import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { AUTHORITY_TABLES, type AuthorityTable } from '../../src/envelope/authority.ts';
import type { Database, Rows, Transaction } from '../../src/ports/database.ts';
import { type AuthorityRowByTable, requireAuthentic } from '../../src/vault/core/authority/authority-rows.ts';
import { hex, keyFrom } from '../envelope/frozen-vectors.ts';
import { changeWithEvent, type TestedDatabase, wait } from '../support/fixture-rows.ts';
import type { Row } from '../support/rows-by-sql.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

type Stored = Readonly<Record<string, string | number | null | { readonly hex: string }>>;
type Fixture = { readonly metadata_key: string; readonly tables: Readonly<Record<string, readonly Stored[]>> };

const fixture = JSON.parse(readFileSync('test/vectors/stored-rows.json', 'utf8')) as Fixture;
const tables = Object.keys(fixture.tables);

/** A table's rows with their bytes. */
const rowsOf = (table: string): Row[] => (fixture.tables[table] ?? []).map(columnsOf);
const columnsOf = (row: Stored): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, bytesOr(value)]));
const bytesOr = (value: Stored[string]) => (value !== null && typeof value === 'object' ? hex(value.hex) : value);

/** All rows of the fixture's tables as text that both engines give: one writes large integers as text. */
async function textOf(tested: TestedDatabase): Promise<Record<string, string[]>> {
  const all = await tested.everything();
  return Object.fromEntries(tables.map((table) => [table, (all[table] as Row[]).map(lineOf).sort()]));
}
const lineOf = (row: Row): string =>
  Object.keys(row)
    .sort()
    .map((name) => `${name}=${said(row[name])}`)
    .join(' ');
const said = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('hex') : String(value));

/** Tables that give access and came after 0.1.0. */
type LaterTable = 'change' | 'team' | 'team_member' | 'team_queue' | 'batch' | 'retention';
/** Tables that give access, of those that 0.1.0 had. */
type StoredTables = Omit<AuthorityRowByTable, LaterTable>;
type Found = { readonly [table in keyof StoredTables]: StoredTables[table][] };
const storedTables = AUTHORITY_TABLES.filter(
  (table) => !['change', 'batch', 'retention'].includes(table) && !table.startsWith('team'),
) as Exclude<AuthorityTable, LaterTable>[];

/** The fixture's rows that give access, found by the port. */
async function authorityIn(rows: Rows): Promise<Found> {
  const each = async <T>(table: string, find: (row: Row) => Promise<T | null>): Promise<T[]> => {
    const found: T[] = [];
    for (const row of fixture.tables[table] ?? []) {
      const one = await find(row);
      if (one === null) throw new Error(`${table} ${row['id']} is not found`);
      found.push(one);
    }
    return found;
  };
  const by = <T>(table: string, find: (tenant: string, id: string) => Promise<T | null>): Promise<T[]> =>
    each(table, (row) => find(String(row['tenant']), String(row['id'])));
  const decisions: AuthorityRowByTable['decision'][] = [];
  for (const { tenant, id } of fixture.tables['access_request'] ?? [])
    decisions.push(...(await rows.access.decisions(String(tenant), String(id))));
  return {
    principal: await by('principal', rows.principals.find),
    api_key: await by('api_key', (_, id) => rows.principals.apiKey(id)),
    sign_in: await by('sign_in', (_, id) => rows.signIns.signIn(id)),
    sign_in_link: await by('sign_in_link', (_, id) => rows.signIns.link(id)),
    passkey: await by('passkey', rows.signIns.passkey),
    policy: await by('policy', rows.tenants.policy),
    access_request: await by('access_request', rows.access.request),
    decision: decisions,
    access_grant: await by('access_grant', rows.access.grant),
    session: await by('session', rows.sessions.find),
  };
}

/** Writes all of the fixture as the port of one database reads it into another one. */
async function copied(from: Database, to: Database): Promise<void> {
  const [tenant = ''] = (fixture.tables['tenant'] ?? []).map((row) => String(row['tenant']));
  const ids = (table: string) => (fixture.tables[table] ?? []).map((row) => String(row['id']));
  const { found, others } = await from.read(async (rows) => {
    const deposits = await Promise.all(ids('deposit').map((id) => rows.deposits.find(tenant, id)));
    const others = {
      tenant: await rows.tenants.find(tenant),
      recordings: await rows.recordings.findMany(tenant, ids('recording')),
      deposits: deposits.flatMap((one) => one ?? []),
    };
    return { found: await authorityIn(rows), others };
  }, wait);
  await changeWithEvent(to, async (tx: Transaction) => {
    if (others.tenant !== null) await tx.tenants.insert(others.tenant);
    for (const row of others.recordings) await tx.recordings.insert(row);
    for (const row of others.deposits) await tx.deposits.insert(row);
    for (const row of found.principal) await tx.principals.insert(row);
    for (const row of found.api_key) await tx.principals.insertApiKey(row);
    for (const row of found.sign_in) await tx.signIns.insertSignIn(row);
    for (const row of found.sign_in_link) await tx.signIns.insertLink(row);
    for (const row of found.passkey) await tx.signIns.insertPasskey(row);
    for (const row of found.policy) await tx.tenants.insertPolicy(row);
    for (const row of found.access_request) await tx.access.insertRequest(row);
    for (const row of found.decision) await tx.access.insertDecision(row);
    for (const row of found.access_grant) await tx.access.insertGrant(row);
    for (const row of found.session) await tx.sessions.insert(row);
  });
}

export function stored(databaseCase: DatabaseCase): void {
  describe('rows that 0.1.0 stored', () => {
    const it = inGroup('rows that 0.1.0 stored', databaseCase);
    const filled = async (tested: TestedDatabase): Promise<void> => {
      for (const table of tables) await tested.insert(table, rowsOf(table));
    };

    it('carry the MAC of what they say, and not of anything else', async ({ tested, db }) => {
      await filled(tested);
      const key = keyFrom(fixture.metadata_key);
      const found = await db.read(authorityIn, wait);
      for (const table of storedTables) {
        expect([table, found[table].length]).toEqual([table, fixture.tables[table]?.length]);
        expect(found[table].length).toBeGreaterThan(0);
        for (const row of found[table]) requireAuthentic(key, table, row as never);
      }
      for (const [table, column, other] of EDITS) {
        await tested.run(`update ${table} set ${column} = '${other}'`);
        const edited = await db.read(authorityIn, wait);
        const check = () => {
          for (const row of edited[table]) requireAuthentic(key, table, row as never);
        };
        expect(check, `${table}.${column}`).toThrow(expect.objectContaining({ code: 'integrity' }));
        await tested.run(`delete from ${table}`);
        await tested.insert(table, rowsOf(table));
      }
    });

    it('are written again as the same columns', async ({ tested, db, makeNew }) => {
      await filled(tested);
      const second = await makeNew();
      try {
        const other = await second.open();
        try {
          await copied(db, other);
        } finally {
          await other.close();
        }
        const [before, after] = [await textOf(tested), await textOf(second)];
        // No port writes these two by themselves.
        for (const table of tables.filter((name) => name !== 'object' && name !== 'idempotency'))
          expect(after[table], table).toEqual(before[table]);
      } finally {
        await second.remove();
      }
    });
  });
}

/** Columns with a list, a boolean or another text, and values that no process wrote. */
const EDITS = [
  ['principal', 'roles', 'auditor'],
  ['principal', 'roles', 'reviewer,,supervisor'],
  ['principal', 'owners', 'usr_x'],
  ['principal', 'first', '1'],
  ['principal', 'first', '0'],
  ['api_key', 'scopes', 'listen'],
  ['passkey', 'transports', 'usb'],
  ['passkey', 'transports', 'internal,hybrid'],
  ['policy', 'body', '{}'],
  ['access_request', 'objects', 'audio'],
  ['access_request', 'objects', 'transcript,audio'],
  ['decision', 'objects', 'audio,transcript'],
  ['decision', 'objects', ''],
  ['access_grant', 'objects', 'audio,transcript'],
  ['access_grant', 'revoked_at', '2026-11-27T00:00:00.000Z'],
  ['session', 'ended', '2026-11-27T00:00:00.000Z'],
  ['sign_in', 'reason', 'idle'],
] as const;
