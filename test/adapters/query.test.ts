// Queries that are compiled once: one text for each form of the arguments, and values in their places.
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { describe, expect, it } from 'vitest';
import { statementsIn } from '../../src/adapters/sql/connection.ts';
import { type Query, query, valuesOf } from '../../src/adapters/sql/query.ts';

const statementOf = statementsIn({
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

function compiled(one: Query<unknown>): { readonly sql: string; readonly values: unknown[] } {
  const statement = statementOf(one);
  return { sql: statement.sql, values: valuesOf(statement, one.args) };
}

describe('a query', () => {
  it('is built once for all values of the same form', () => {
    let builds = 0;
    const find = query((db, tenant: string, id: string) => {
      builds++;
      return db.selectFrom('session').select('id').where('tenant', '=', tenant).where('id', '=', id);
    });
    const [one, other] = [find('ten_a', 'ses_a'), find('ten_b', 'ses_b')];
    expect(statementOf(one)).toBe(statementOf(other));
    expect(builds).toBe(1);
    expect(compiled(one).values).toEqual(['ten_a', 'ses_a']);
    expect(compiled(other).values).toEqual(['ten_b', 'ses_b']);
  });

  it('has another text where an argument is null', () => {
    const page = query((db, tenant: string, before: string | null) => {
      const all = db.selectFrom('session').select('id').where('tenant', '=', tenant);
      return before === null ? all : all.where('id', '<', before);
    });
    expect(compiled(page('ten_a', null))).toEqual({
      sql: 'select "id" from "session" where "tenant" = ?',
      values: ['ten_a'],
    });
    expect(compiled(page('ten_a', 'ses_b'))).toEqual({
      sql: 'select "id" from "session" where "tenant" = ? and "id" < ?',
      values: ['ten_a', 'ses_b'],
    });
  });

  it('pads a list with its last member, so that lists of any length have few texts', () => {
    const some = query((db, ids: readonly string[]) => db.selectFrom('session').select('id').where('id', 'in', ids));
    const three = compiled(some(['a', 'b', 'c']));
    expect(three).toEqual({
      sql: 'select "id" from "session" where "id" in (?, ?, ?, ?)',
      values: ['a', 'b', 'c', 'c'],
    });
    expect(compiled(some(['a', 'b', 'c', 'd'])).sql).toBe(three.sql);
    expect(compiled(some(['a'])).values).toEqual(['a']);
    expect(new Set([5, 6, 7, 8].map((n) => statementOf(some(Array.from({ length: n }, String))))).size).toBe(1);
  });

  it('sets the columns that are given, null among them, and leaves the undefined ones', () => {
    const set = query((db, columns: { readonly ended?: string | null | undefined; readonly reason?: 'expired' }) =>
      db.updateTable('session').set(columns),
    );
    expect(compiled(set({ ended: null, reason: 'expired' }))).toEqual({
      sql: 'update "session" set "ended" = ?, "reason" = ?',
      values: [null, 'expired'],
    });
    expect(compiled(set({ ended: undefined, reason: 'expired' }))).toEqual({
      sql: 'update "session" set "reason" = ?',
      values: ['expired'],
    });
  });

  it('keeps constants of the query, and names columns as the tables do', () => {
    const count = query((db, bytes: number) =>
      db
        .updateTable('accessGrant')
        .set(({ eb }) => ({ usesLeft: eb('usesLeft', '-', 1) }))
        .where('usesLeft', '>', bytes),
    );
    expect(compiled(count(5))).toEqual({
      sql: 'update "access_grant" set "uses_left" = "uses_left" - ? where "uses_left" > ?',
      values: [1, 5],
    });
  });
});
