// SQLite and PostgreSQL keep the contract of a database: the same queries, the same outcome.
import { describe } from 'vitest';
import { needs } from '../support/needs.ts';
import { postgresDatabase } from '../support/postgres-database.ts';
import { sqliteDatabase } from '../support/sqlite-database.ts';
import { databaseContract } from './database.ts';

const postgres = needs('postgresql');

databaseContract('SQLite', sqliteDatabase);

describe.skipIf(!postgres.present)(`with a server ${postgres.reason}`, () => {
  databaseContract('PostgreSQL', postgresDatabase);
});
