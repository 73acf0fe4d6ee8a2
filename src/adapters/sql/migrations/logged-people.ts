// Where the deployment's log has its people, passkeys, links and sign-ins: their rows have no MAC. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

type Db = Kysely<Record<string, Record<string, unknown>>>;

const TABLES = ['principal', 'passkey', 'sign_in', 'sign_in_link'] as const;

/** The table whose row each event creates; null: it uses or ends one. */
const ACTIONS: Readonly<Record<string, (typeof TABLES)[number] | null | undefined>> = {
  'operator.added': 'principal',
  'passkey.added': 'passkey',
  'sign_in.opened': 'sign_in',
  'sign_in.link_made': 'sign_in_link',
  'person.off': null,
  'passkey.removed': null,
  'sign_in.stepped_up': null,
  'sign_in.ended': null,
};

const PAGE = 1_000;

type Event = { readonly seq: unknown; readonly leaf: unknown };
type Content = { readonly action: string; readonly outcome: string; readonly object: Readonly<Record<string, string>> };

/** Tenants' rows have none, so their MACs stay valid. Rows of the deployment that no event created get none, and no access. */
export async function loggedPeople(db: Db, { bigint }: { readonly bigint: string }): Promise<void> {
  for (const table of TABLES) await sql.raw(`alter table ${table} add column leaf_index ${bigint}`).execute(db);
  for (let from = 0; ; from += PAGE) {
    const events = await sql<Event>`
      select seq, leaf from audit_event where log = 'deployment' and seq >= ${from} and seq < ${from + PAGE} order by seq
    `.execute(db);
    for (const { seq, leaf } of events.rows) await find(db, Number(seq), contentOf(leaf as Uint8Array));
    if (events.rows.length < PAGE) return;
  }
}

async function find(db: Db, seq: number, content: Content | null): Promise<void> {
  if (content === null || content.outcome !== 'ok' || !Object.hasOwn(ACTIONS, content.action)) return;
  const { object, action } = content;
  const { id, link, principal, tenant } = object;
  const other = action === 'passkey.added' || action === 'sign_in.link_made' ? principal : link;
  // Of a tenant's people.
  if (tenant !== undefined || id === undefined) return;
  for (const subject of other === undefined ? [id] : [id, other])
    await sql`insert into audit_subject (log, recording, seq) values ('deployment', ${subject}, ${seq})
      on conflict do nothing`.execute(db);
  const table = ACTIONS[action];
  if (table == null) return;
  await sql`update ${sql.table(table)} set leaf_index = ${seq}
    where tenant = 'deployment' and id = ${id} and leaf_index is null`.execute(db);
}

function contentOf(leaf: Uint8Array): Content | null {
  try {
    return JSON.parse(Buffer.from(leaf).toString()) as Content;
  } catch {
    return null;
  }
}
