// docs/operations/postgres-users.sql and the table of its page, made from the rights of each user. `npm run docs:users` writes
// both; a test compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DATABASE_USES, freesRows, rightsOf, type TableRights } from '../../src/model/database-rights.ts';

const BEGIN = `-- The PostgreSQL users of callvault's processes and commands, and what each may do: docs/operations/postgres-users.md.
-- An administrator runs it in callvault's database, once its owner has created the tables, and again after each upgrade:
--   psql -X -v ON_ERROR_STOP=1 -f docs/operations/postgres-users.sql postgres://ADMINISTRATOR@HOST/DATABASE
-- It changes no row and creates no password, and may run while processes work. Made by: npm run docs:users

begin;

-- The roles. They cannot log in until you let them: \\password, and: alter role "callvault_ingest" login
do $users$
declare
  "user" text;
begin
  foreach "user" in array array[${quoted(userNames(), "'")}] loop
    begin
      execute format('create role %I nologin', "user");
    exception
      when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$users$;

-- Only the owner creates tables.
revoke create on schema "public" from public;
grant usage on schema "public" to ${quoted(userNames(), '"')};
`;

const FREEING = `
-- The users that free deleted rows see how old the transactions of others are. From PostgreSQL 17 on they may vacuum these
-- tables, then close the segment of the write-ahead log and make a checkpoint; before, only the owner may.
do $freeing$
declare
  "right" text;
begin
  foreach "right" in array array[
    'grant "pg_read_all_stats" to USERS',
    'grant maintain on table "wrapped_key", "deposit", "comment", "amendment" to USERS',
    'grant execute on function pg_switch_wal() to USERS',
    'grant "pg_checkpoint" to USERS'
  ] loop
    continue when "right" not like '%stats%' and current_setting('server_version_num')::integer < 170000;
    begin
      execute replace("right", 'USERS', '${quoted(userNames(freesRows), '"')}');
    exception
      when insufficient_privilege then raise warning 'not granted, the administrator lacks the right: %', "right";
    end;
  end loop;
end
$freeing$;

commit;
`;

/** The whole script. */
export function usersScript(): string {
  return BEGIN + DATABASE_USES.map(grantsOf).join('') + FREEING;
}

function grantsOf(use: (typeof DATABASE_USES)[number]): string {
  const user = `"callvault_${use}"`;
  const rights = [...rightsOf(use)];
  const tables = (has: (rights: TableRights) => boolean): string[] =>
    rights.filter(([, table]) => has(table)).map(([name]) => name);
  const grant = (privilege: string, names: readonly string[]): string =>
    names.length === 0 ? '' : wrapped(`grant ${privilege} on table `, names, ` to ${user};`);
  const columns = rights.flatMap(([name, { update }]) =>
    update === 'all' || update.size === 0
      ? []
      : [wrapped('grant update (', [...update].sort(), `) on table "${name}" to ${user};`)],
  );
  return [
    `\n-- ${use === 'operator' ? 'Commands of operators' : `Processes of role ${use}`}.\n`,
    `revoke all on all tables in schema "public" from ${user};\n`,
    grant(
      'select',
      tables(({ select }) => select),
    ),
    grant(
      'insert',
      tables(({ insert }) => insert),
    ),
    grant(
      'update',
      tables(({ update }) => update === 'all'),
    ),
    grant(
      'delete',
      tables((table) => table.delete),
    ),
    ...columns,
  ].join('');
}

/** One statement, its names quoted, on lines of at most 120 characters. */
function wrapped(begin: string, names: readonly string[], end: string): string {
  let [text, line] = ['', begin];
  for (const [at, name] of names.entries()) {
    const word = `"${name}"${at === names.length - 1 ? end : ','}`;
    if (line.length + word.length > 119) {
      text += `${line.trimEnd()}\n`;
      line = '  ';
    }
    line += at === names.length - 1 ? word : `${word} `;
  }
  return `${text}${line}\n`;
}

function userNames(which: (use: (typeof DATABASE_USES)[number]) => boolean = () => true): string[] {
  return DATABASE_USES.filter(which).map((use) => `callvault_${use}`);
}

function quoted(names: readonly string[], mark: string): string {
  return names.map((name) => mark + name + mark).join(', ');
}

const TABLE_BEGIN = '<!-- rights: made by npm run docs:users -->\n';
const TABLE_END = '<!-- end of rights -->\n';
const SHOWN = ['ingest', 'listen', 'console', 'work', 'operator'] as const;

/** The text of the page with the table of rights. Throws for a text without the two marks. */
export function withRightsTable(text: string): string {
  const [from, to] = [text.indexOf(TABLE_BEGIN), text.indexOf(TABLE_END)];
  if (from < 0 || to < from) throw new Error('docs/operations/postgres-users.md has no place for the table of rights');
  const head = `| table | ${SHOWN.join(' | ')} |\n|---|${'---|'.repeat(SHOWN.length)}\n`;
  const rows = [...rightsOf('all').keys()].map((table) => {
    const cells = SHOWN.map((use) => lettersOf(rightsOf(use).get(table)));
    return `| \`${table}\` | ${cells.join(' | ')} |\n`;
  });
  return `${text.slice(0, from)}${TABLE_BEGIN}\n${head}${rows.join('')}\n${text.slice(to)}`;
}

function lettersOf(rights: TableRights | undefined): string {
  if (rights === undefined) return '–';
  const update = rights.update === 'all' ? 'u' : rights.update.size > 0 ? 'u*' : '';
  const letters = [rights.select ? 'r' : '', rights.insert ? 'i' : '', update, rights.delete ? 'd' : ''];
  return letters.join(' ').replace(/ +/g, ' ').trim() || '–';
}

const [, script] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  const folder = join(import.meta.dirname, '../../docs/operations');
  writeFileSync(join(folder, 'postgres-users.sql'), usersScript());
  const page = join(folder, 'postgres-users.md');
  writeFileSync(page, withRightsTable(readFileSync(page, 'utf8')));
}
