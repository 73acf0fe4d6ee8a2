// Tables of sign-in. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Browser sessions, links, passkeys, challenges; a listening session names its browser, a tenant its time zone. */
export async function signInTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, bigint, text }: { readonly blob: string; readonly bigint: string; readonly text: string },
): Promise<void> {
  const make = async (table: string, texts: readonly string[], others: Readonly<Record<string, string>>) => {
    let create = db.schema.createTable(table);
    for (const column of texts) {
      const [name = '', optional] = column.split('?');
      create = create.addColumn(name, sql.raw(text), (built) => (optional === undefined ? built.notNull() : built));
    }
    for (const [name, type] of Object.entries(others)) {
      create = create.addColumn(name, sql.raw(type), (built) => built.notNull());
    }
    return create;
  };
  const named = ['tenant', 'id', 'principal', 'state', 'created'];
  const versioned = { version: 'integer' };
  const signIn = [...named, 'method', 'seen', 'idle_ends', 'ends', 'auth_time', 'auth_method', 'ended?', 'reason?'];
  await (await make('sign_in', signIn, { ...versioned, hash: blob }))
    .addPrimaryKeyConstraint('sign_in_key', ['tenant', 'id'] as never[])
    .execute();
  await (await make('sign_in_link', [...named, 'expires'], { ...versioned, hash: blob }))
    .addPrimaryKeyConstraint('sign_in_link_key', ['tenant', 'id'] as never[])
    .execute();
  const passkey = [...named, 'credential', 'transports', 'last_used?'];
  await (await make('passkey', passkey, { ...versioned, public_key: blob, label: blob, counter: bigint }))
    .addPrimaryKeyConstraint('passkey_key', ['tenant', 'id'] as never[])
    .execute();
  await (await make('challenge', ['id', 'use', 'sign_in', 'value', 'expires'], {}))
    .addPrimaryKeyConstraint('challenge_key', ['id'] as never[])
    .execute();
  await db.schema.createIndex('sign_in_id').on('sign_in').column('id').unique().execute();
  await db.schema.createIndex('sign_in_link_id').on('sign_in_link').column('id').unique().execute();
  await db.schema.createIndex('challenge_expires').on('challenge').columns(['use', 'expires']).execute();
  await sql`create index sign_in_live on sign_in (tenant, principal) where state = 'LIVE'`.execute(db);
  await sql`create index sign_in_due on sign_in (idle_ends) where state = 'LIVE'`.execute(db);
  await sql`create index sign_in_link_open on sign_in_link (tenant, principal) where state = 'OPEN'`.execute(db);
  await sql`create index passkey_active on passkey (tenant, principal) where state = 'ACTIVE'`.execute(db);
  await sql`create unique index passkey_credential on passkey (credential) where state = 'ACTIVE'`.execute(db);
  await db.schema.alterTable('session').addColumn('sign_in', sql.raw(text)).execute();
  await db.schema.alterTable('tenant').addColumn('time_zone', sql.raw(text)).execute();
}
