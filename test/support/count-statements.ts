// Statements of SQLite, counted.
import SqliteFile from 'better-sqlite3';

/** Counts what statements SQLite runs in this process until `end`; `take` returns how many since the last time. */
export function countStatements() {
  const prototype = Object.getPrototypeOf(new SqliteFile(':memory:').prepare('select 1')) as SqliteFile.Statement;
  const { all, get, run } = prototype;
  let count = 0;
  const counting = <Args extends unknown[], R>(original: (...args: Args) => R) =>
    function (this: SqliteFile.Statement, ...args: Args): R {
      if (!/^(begin|commit|rollback|savepoint|release)/.test(this.source)) count++;
      return original.apply(this, args);
    };
  Object.assign(prototype, { all: counting(all), get: counting(get), run: counting(run) });
  return {
    take: () => {
      const taken = count;
      count = 0;
      return taken;
    },
    end: () => Object.assign(prototype, { all, get, run }),
  };
}
