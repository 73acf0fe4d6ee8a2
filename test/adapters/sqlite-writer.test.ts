// The SQLite writer: changes that wait share a commit, and each keeps its own outcome.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fairTurns } from '../../src/adapters/sql/fair-turns.ts';
import { query } from '../../src/adapters/sql/query.ts';
import { sqliteConnection } from '../../src/adapters/sql/sqlite-connection.ts';
import { type SqliteWriter, sqliteWriter } from '../../src/adapters/sql/sqlite-writer.ts';

let folder: string;
let path: string;
let file: SqliteFile.Database;
let commits: number;
let writer: SqliteWriter;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callvault-writer-'));
  path = join(folder, 'some.db');
  file = new SqliteFile(path);
  file.pragma('journal_mode = WAL');
  file.pragma('foreign_keys = ON');
  file.exec(`create table parent (id integer primary key);
    create table one (id integer primary key, text text, parent integer references parent deferrable initially deferred)`);
  commits = 0;
  const prepare = file.prepare.bind(file);
  vi.spyOn(file, 'prepare').mockImplementation((sql: string) => {
    const prepared = prepare(sql);
    if (sql === 'commit') {
      const run = prepared.run.bind(prepared);
      prepared.run = () => {
        const result = run();
        commits++;
        return result;
      };
    }
    return prepared;
  });
  writer = sqliteWriter(file);
});
afterEach(async () => {
  file.close();
  await rm(folder, { recursive: true });
});

const insert =
  (id: number, parent: number | null = null) =>
  async (): Promise<number> => {
    file.prepare('insert into one values (?, ?, ?)').run(id, 'x'.repeat(2_000), parent);
    return id;
  };

/** What another process sees. */
function committed(): unknown[] {
  const other = new SqliteFile(path, { readonly: true });
  try {
    return other.prepare('select id from one order by id').pluck().all();
  } finally {
    other.close();
  }
}

describe('changes that wait', () => {
  it('share a commit, and each gets its own result after it', async () => {
    const seen: unknown[][] = [];
    const results = await Promise.all(
      [1, 2, 3].map((id) =>
        writer.change(insert(id)).then((result) => {
          seen.push(committed());
          return result;
        }),
      ),
    );
    expect(results).toEqual([1, 2, 3]);
    expect(commits).toBe(1);
    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('run in the order of the calls, and a later one sees what an earlier one wrote', async () => {
    const count = async () => file.prepare('select count(*) from one').pluck().get();
    const counts = await Promise.all([
      writer.change(count),
      writer.change(insert(1)),
      writer.change(count),
      writer.change(insert(2)),
      writer.change(count),
    ]);
    expect(counts).toEqual([0, 1, 1, 2, 2]);
  });

  it.each([0, 1, 2])('take back only what number %i wrote when it fails', async (failing) => {
    const works = [1, 2, 3].map((id, at) => async () => {
      await insert(id)();
      if (at === failing) throw new Error(`number ${at} fails`);
      return id;
    });
    const outcomes = await Promise.allSettled(works.map((work) => writer.change(work)));
    expect(outcomes.map(({ status }) => status === 'rejected')).toEqual([0, 1, 2].map((at) => at === failing));
    expect(committed()).toEqual([1, 2, 3].filter((id) => id !== failing + 1));
  });

  it('all fail, and leave nothing, when the common commit fails', async () => {
    const outcomes = await Promise.allSettled([
      writer.change(insert(1)),
      // Found only by the commit: the row's parent is missing.
      writer.change(insert(2, 77)),
      writer.change(insert(3)),
    ]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' } });
    expect(committed()).toEqual([]);
    // The writer continues.
    expect(await writer.change(insert(4))).toBe(4);
    expect(committed()).toEqual([4]);
  });

  it('lose nothing acknowledged when the disk is full', async () => {
    expect(await writer.change(insert(1))).toBe(1);
    file.pragma(`max_page_count = ${(file.pragma('page_count', { simple: true }) as number) + 2}`);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => writer.change(insert(n + 2)).then((id) => id)),
    );
    const acknowledged = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(new Set(errors)).toEqual(new Set(['SQLITE_FULL']));
    expect(committed()).toEqual([1, ...acknowledged]);
  });
});

describe('queries sent together', () => {
  it('leave nothing when one of them ends the transaction', async () => {
    const connection = sqliteConnection(file);
    const add = query((db, id: number, text: string) => {
      const insertion = sql`insert into one values (${id}, ${text}, null)`;
      return { compile: () => insertion.compile(db) };
    });
    // With so small a cache SQLite writes pages inside the statement, and a full disk then ends the transaction there.
    file.pragma('cache_size = 1');
    file.pragma(`max_page_count = ${(file.pragma('page_count', { simple: true }) as number) + 4}`);
    const all = Array.from({ length: 60 }, (_, id) => id + 1);
    const work = () => Promise.all(all.map((id) => connection.run(add(id, 'x'.repeat(id === 20 ? 60_000 : 10)))));
    await expect(writer.change(work)).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    expect(committed()).toEqual([]);
  });

  it('are rejected outside a transaction', async () => {
    const connection = sqliteConnection(file);
    const count = query((db) => ({ compile: () => sql`select count(*) from one`.compile(db) }));
    await expect(connection.all(count())).rejects.toMatchObject({ code: 'database_unavailable' });
  });
});

describe('work outside a transaction', () => {
  it('waits for the changes before it, and those after it wait for it', async () => {
    const inTransaction: boolean[] = [];
    const outcomes = await Promise.all([
      writer.change(insert(1)),
      writer.alone(async () => {
        inTransaction.push(file.inTransaction);
        return committed();
      }),
      writer.change(insert(2)),
    ]);
    expect(outcomes).toEqual([1, [1], 2]);
    expect(inTransaction).toEqual([false]);
    expect(commits).toBe(2);
  });
});

describe('the event loop', () => {
  it('runs between changes and between reads, however many wait', async () => {
    const turns = fairTurns();
    const work = async (): Promise<void> => {
      for (const until = performance.now() + 1; performance.now() < until; );
    };
    let runs = 0;
    const tick = (): void => {
      runs++;
      next = setImmediate(tick);
    };
    let next = setImmediate(tick);
    const many = Array.from({ length: 100 });
    await Promise.all([...many.map(() => writer.change(work)), ...many.map(() => turns(work))]);
    clearImmediate(next);
    // 100 ms of changes in transactions of 4 ms and 100 ms of reads in slices of 2 ms; less on a machine that stops for a while.
    expect(runs).toBeGreaterThan(20);
  });
});
