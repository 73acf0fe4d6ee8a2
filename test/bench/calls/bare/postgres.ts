// Rows of the bare minimum in PostgreSQL: one pool, named statements, and those that need nothing of each other sent
// together.
import pg from 'pg';
import type { Answer, Row, Rows, Work } from './rows.ts';

const INT8 = 20;
/** As many as the product's. */
const CONNECTIONS = 10;

/** Opens a pool of connections to the database at `url`. */
export function openPostgresRows(url: string): Rows {
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8 ? Number : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS, pipeline: true, types });
  const statements: string[] = [];
  const named = (number: number) => ({ name: `bare_${number}`, text: statements[number] ?? '' });

  const run = async <T>(client: pg.PoolClient, work: Work<T>, before: Promise<unknown>[] = []): Promise<T> => {
    let next = work.next();
    for (let first = before; next.done !== true; first = []) {
      const sent = next.value.map(async ({ number, values }): Promise<Answer> => {
        const { rows, rowCount } = await client.query<Row>({ ...named(number), values: [...values] });
        return { rows, changes: rowCount ?? 0 };
      });
      await Promise.all(first);
      next = work.next(await Promise.all(sent));
    }
    return next.value;
  };

  const lent = async <T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      return await use(client);
    } finally {
      client.release();
    }
  };

  return {
    elements: 'select json_array_elements_text(?::json)',
    prepare: (sql) => {
      let place = 0;
      const number = statements.length;
      statements.push(sql.replaceAll('?', () => `$${++place}`));
      return (...values) => ({ number, values });
    },
    read: (work) => lent((client) => run(client, work)),
    write: (work) =>
      lent(async (client) => {
        try {
          const result = await run(client, work, [client.query('begin')]);
          const { command } = await client.query('commit');
          if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
          return result;
        } catch (error) {
          await client.query('rollback');
          throw error;
        }
      }),
    close: () => pool.end(),
  };
}
