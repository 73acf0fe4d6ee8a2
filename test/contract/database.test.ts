// SQLite and PostgreSQL keep the contract of a database: the same queries, the same outcome.
import { postgresDatabase } from '../support/postgres-database.ts';
import { sqliteDatabase } from '../support/sqlite-database.ts';
import { databaseContract } from './database.ts';

databaseContract({ name: 'SQLite', server: null }, sqliteDatabase);
databaseContract({ name: 'PostgreSQL', server: 'postgresql' }, postgresDatabase);
