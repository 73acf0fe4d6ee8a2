// The contract of a database over SQLite and PostgreSQL: the same queries, the same results.
import { postgresDatabase } from '../support/postgres-database.ts';
import { sqliteDatabase } from '../support/sqlite-database.ts';
import { databaseContract } from './database.ts';

databaseContract({ name: 'SQLite', server: null }, sqliteDatabase);
databaseContract({ name: 'PostgreSQL', server: 'postgresql' }, postgresDatabase);
