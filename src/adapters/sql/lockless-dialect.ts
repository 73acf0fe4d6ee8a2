// Kysely's SQLite dialect without row locks, and with migrations in a transaction.
import { type SelectQueryNode, SqliteAdapter, SqliteDialect, SqliteQueryCompiler } from 'kysely';

/** Compiles queries for SQLite, and runs the migrations. */
export class LocklessDialect extends SqliteDialect {
  override createAdapter(): TransactionalAdapter {
    return new TransactionalAdapter();
  }

  override createQueryCompiler(): LocklessCompiler {
    return new LocklessCompiler();
  }
}

/** Removes FOR UPDATE and FOR SHARE: SQLite has one writer, and no row changes during its transaction. */
class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectQuery(node: SelectQueryNode): void {
    const { endModifiers: _locks, ...unlocked } = node;
    super.visitSelectQuery(unlocked);
  }
}

/** Migrations run in one transaction, all or none, one process after the other. Kysely's default uses none. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
