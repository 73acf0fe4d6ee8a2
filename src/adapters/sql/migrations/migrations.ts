// The migrations, in order, each in the portable subset of SQL. Released migrations are never edited.
// Long because each released migration stays as one text.
import { type Kysely, type Migration, type MigrationProvider, sql } from 'kysely';
import { accessTables } from './access-tables.ts';
import { amendmentTable } from './amendment-table.ts';
import { appendOnlySubjects } from './append-only-subjects.ts';
import { authorityColumns } from './authority-columns.ts';
import { batchTables } from './batch-tables.ts';
import { challengeTables } from './challenge-tables.ts';
import { changeTables } from './change-tables.ts';
import { clockBeats } from './clock-beats.ts';
import { clockColumns } from './clock-columns.ts';
import { consentTables } from './consent-tables.ts';
import { coveringIndexes } from './covering-indexes.ts';
import { entryWork } from './entry-work.ts';
import { erasureTables } from './erasure-tables.ts';
import { heldLogs } from './held-logs.ts';
import { holdTables } from './hold-tables.ts';
import { idempotencyTable } from './idempotency-table.ts';
import { indexProgress } from './index-progress.ts';
import { ingestKeyTable } from './ingest-key-table.ts';
import { keyTables } from './key-tables.ts';
import { listeningTables } from './listening-tables.ts';
import { listingColumns } from './listing-columns.ts';
import { liveSessionIndex } from './live-session-index.ts';
import { loggedPeople } from './logged-people.ts';
import { peopleColumns } from './people-columns.ts';
import { planTables } from './plan-tables.ts';
import { playedMinutes } from './played-minutes.ts';
import { policyVersions } from './policy-versions.ts';
import { rebuiltIndex } from './rebuilt-index.ts';
import { replayQuestions } from './replay-questions.ts';
import { rereadLogs } from './reread-logs.ts';
import { retentionTables } from './retention-tables.ts';
import { sealTables } from './seal-tables.ts';
import { sessionUnwraps } from './session-unwraps.ts';
import { signInTables } from './sign-in-tables.ts';
import { signedChanges } from './signed-changes.ts';
import { sourceTable } from './source-table.ts';
import { subjectCopies } from './subject-copies.ts';
import { subjectTables } from './subject-tables.ts';
import { teamTables } from './team-tables.ts';
import { tombstoneLists } from './tombstone-lists.ts';
import { windowEnds } from './window-ends.ts';

/** Type names that differ between the engines. Text is ordered by bytes on both. */
export type ColumnTypes =
  | { readonly blob: 'blob'; readonly bigint: 'integer'; readonly text: 'text' }
  | { readonly blob: 'bytea'; readonly bigint: 'bigint'; readonly text: 'text collate "C"' };

type Db = Kysely<Record<string, Record<string, unknown>>>;

/** Column types after the column's name: `!` marks NOT NULL. */
type Columns = Readonly<
  Record<string, 'text' | 'text!' | 'integer' | 'integer!' | 'bigint' | 'bigint!' | 'blob' | 'blob!'>
>;

async function createTable(
  db: Db,
  engine: ColumnTypes,
  name: string,
  key: readonly string[],
  columns: Columns,
): Promise<void> {
  let create = db.schema.createTable(name);
  for (const [column, kind] of Object.entries(columns)) {
    const bare = kind.replace('!', '');
    const type = bare === 'integer' ? bare : engine[bare as keyof ColumnTypes];
    create = create.addColumn(column, sql.raw(type), (built) => (kind.endsWith('!') ? built.notNull() : built));
  }
  await create.addPrimaryKeyConstraint(`${name}_key`, key as never[]).execute();
}

async function createTables(db: Db, engine: ColumnTypes): Promise<void> {
  const make = (name: string, key: readonly string[], columns: Columns): Promise<void> =>
    createTable(db, engine, name, key, columns);
  const versioned = { tenant: 'text!', id: 'text!', state: 'text!', version: 'integer!', created: 'text!' } as const;

  await make('deployment', ['id'], { id: 'integer!', origin: 'text!' });
  await make('tenant', ['tenant'], {
    tenant: 'text!',
    name: 'text!',
    state: 'text!',
    version: 'integer!',
    created: 'text!',
    country: 'text!',
    default_basis: 'text!',
    decide_by_key: 'integer!',
    region: 'text!',
    bucket: 'text!',
    prefix: 'text!',
    key_scheme: 'text',
    key_id: 'text',
    wrap: 'integer!',
    minimum_wrap: 'integer!',
    metadata_wrapped: 'blob',
    metadata_wrap: 'integer',
    metadata_key_id: 'text',
  });
  await make('policy', ['tenant', 'id'], { tenant: 'text!', id: 'text!', created: 'text!', body: 'text!' });
  await make('principal', ['tenant', 'id'], {
    ...versioned,
    kind: 'text!',
    roles: 'text!',
    owners: 'text!',
    first: 'integer!',
    name: 'blob!',
  });
  await make('api_key', ['tenant', 'id'], {
    ...versioned,
    principal: 'text!',
    hash: 'blob!',
    scopes: 'text!',
    expires: 'text!',
  });
  await make('recording', ['tenant', 'id'], {
    ...versioned,
    depositor: 'text!',
    described: 'integer!',
    natural: 'blob!',
    started_at: 'text!',
    duration_ms: 'bigint',
    direction: 'text',
    channels: 'integer',
    language: 'text',
    sensitivity: 'text!',
    retain_until: 'text',
    quarantine: 'text!',
    facts: 'blob',
  });
  await make('blind_index', ['tenant', 'label', 'value', 'recording'], {
    tenant: 'text!',
    recording: 'text!',
    label: 'text!',
    value: 'blob!',
  });
  await make('deposit', ['tenant', 'id'], {
    ...versioned,
    recording: 'text!',
    object: 'text!',
    op: 'text!',
    principal: 'text!',
    upload_id: 'text',
    lease_owner: 'text',
    lease_until: 'text',
    envelope: 'blob',
    envelope_wrap: 'integer',
    digest: 'blob',
    verified_at: 'text',
  });
  await make('wrapped_key', ['tenant', 'deposit'], {
    tenant: 'text!',
    deposit: 'text!',
    scheme: 'text!',
    key_id: 'text!',
    wrap: 'integer!',
    wrapped: 'blob!',
  });
  await make('object', ['tenant', 'id'], {
    tenant: 'text!',
    id: 'text!',
    deposit: 'text!',
    name: 'text!',
    type: 'text!',
    size: 'bigint!',
    sealed: 'bigint!',
    parts: 'integer!',
    heads: 'blob!',
  });
  await make('part', ['tenant', 'deposit', 'number'], {
    tenant: 'text!',
    deposit: 'text!',
    number: 'integer!',
    size: 'integer!',
    receipt: 'text!',
    header: 'blob!',
  });
  await make('access_request', ['tenant', 'id'], {
    ...versioned,
    recording: 'text!',
    requester: 'text!',
    purpose: 'text!',
    objects: 'text!',
    minutes: 'integer!',
    expires: 'text!',
    approvals_needed: 'integer!',
    policy: 'text!',
    words: 'blob!',
  });
  await make('decision', ['tenant', 'request', 'approver'], {
    tenant: 'text!',
    request: 'text!',
    approver: 'text!',
    decision: 'text!',
    at: 'text!',
    words: 'blob',
  });
  await make('access_grant', ['tenant', 'id'], {
    tenant: 'text!',
    id: 'text!',
    request: 'text!',
    recording: 'text!',
    person: 'text!',
    purpose: 'text!',
    objects: 'text!',
    state: 'text!',
    version: 'integer!',
    approved: 'text!',
    expires: 'text!',
    uses: 'integer!',
    uses_left: 'integer!',
  });
  await make('session', ['tenant', 'id'], {
    tenant: 'text!',
    id: 'text!',
    grant: 'text!',
    recording: 'text!',
    principal: 'text!',
    state: 'text!',
    version: 'integer!',
    opened: 'text!',
    ends: 'text!',
    ended: 'text',
    reason: 'text',
    ranges: 'bigint!',
    bytes: 'bigint!',
  });
  await make('audit_head', ['log'], { log: 'text!', size: 'bigint!', mark: 'text!' });
  await make('audit_event', ['log', 'seq'], {
    log: 'text!',
    seq: 'bigint!',
    id: 'text!',
    leaf: 'blob!',
    hash: 'blob!',
  });
  await make('audit_detail', ['log', 'seq'], { log: 'text!', seq: 'bigint!', salt: 'blob', sealed: 'blob' });
  await make('window', ['tenant', 'action', 'subject', 'target'], {
    tenant: 'text!',
    action: 'text!',
    subject: 'text!',
    target: 'text!',
    start: 'text!',
    count: 'bigint!',
  });

  await db.schema.createIndex('api_key_id').on('api_key').column('id').unique().execute();
  await db.schema.createIndex('recording_natural').on('recording').columns(['tenant', 'natural']).unique().execute();
  await db.schema.createIndex('recording_started').on('recording').columns(['tenant', 'started_at', 'id']).execute();
  await db.schema.createIndex('blind_index_recording').on('blind_index').columns(['tenant', 'recording']).execute();
  await db.schema.createIndex('deposit_recording').on('deposit').columns(['tenant', 'recording', 'object']).execute();
  await db.schema.createIndex('object_deposit').on('object').columns(['tenant', 'deposit', 'name']).unique().execute();
  await db.schema
    .createIndex('request_recording')
    .on('access_request')
    .columns(['tenant', 'recording', 'requester'])
    .execute();
  await db.schema.createIndex('grant_request').on('access_grant').columns(['tenant', 'request']).unique().execute();
  await db.schema.createIndex('session_grant').on('session').columns(['tenant', 'grant']).execute();
  // At most one deposit in progress per object, and one that is available; recovery reads few rows of many.
  await sql`create unique index deposit_underway on deposit (tenant, recording, object) where state in ('UPLOADING', 'COMMITTING')`.execute(
    db,
  );
  await sql`create unique index deposit_available on deposit (tenant, recording, object) where state = 'AVAILABLE'`.execute(
    db,
  );
  await sql`create index deposit_unsettled on deposit (lease_until) where state in ('UPLOADING', 'COMMITTING', 'ABORTING')`.execute(
    db,
  );
  await sql`create index request_open on access_request (expires) where state = 'REQUESTED'`.execute(db);
  await sql`create index grant_open on access_grant (expires) where state in ('APPROVED', 'CONSUMED')`.execute(db);
  await sql`create index session_live on session (ends) where state = 'LIVE'`.execute(db);
  await (engine.blob === 'blob' ? forbidLogEditsSqlite(db) : forbidLogEditsPostgres(db));
}

async function forbidLogEditsSqlite(db: Db): Promise<void> {
  for (const action of ['update', 'delete']) {
    await sql
      .raw(
        `create trigger audit_event_${action} before ${action} on audit_event begin select raise(abort, 'the log only grows'); end`,
      )
      .execute(db);
  }
}

/** One tenant per key encryption key: a second guard behind the check in the transaction. */
async function requireTenantOfKek(db: Db): Promise<void> {
  await db.schema.createIndex('tenant_key_id').on('tenant').column('key_id').unique().execute();
}

/** The notice and version that the tenant's default basis names; null: none. */
async function defaultNotice(db: Db, { text }: ColumnTypes): Promise<void> {
  await sql.raw(`alter table tenant add column default_notice ${text}`).execute(db);
}

/** A re-wrap ends with a search below a generation that finds nothing: it must not scan a million rows. */
async function indexKeyGenerations(db: Db): Promise<void> {
  await db.schema.createIndex('wrapped_key_wrap').on('wrapped_key').columns(['tenant', 'wrap']).execute();
}

async function forbidLogEditsPostgres(db: Db): Promise<void> {
  await sql`create function audit_event_only_grows() returns trigger language plpgsql as
    $$ begin raise exception 'the log only grows'; end $$`.execute(db);
  await sql`create trigger audit_event_only_grows before update or delete or truncate on audit_event
    for each statement execute function audit_event_only_grows()`.execute(db);
}

/** The migrations of one engine, by name. */
export function migrationsFor(engine: ColumnTypes): MigrationProvider {
  const migrations: Record<string, Migration> = {
    '0001-first': { up: (db: Db) => createTables(db, engine) },
    '0002-tenant-keys': { up: requireTenantOfKek },
    '0003-idempotency': { up: (db: Db) => idempotencyTable(db, engine) },
    '0004-keys': { up: (db: Db) => keyTables(db, engine) },
    '0005-erasure': { up: (db: Db) => erasureTables(db, engine) },
    '0006-key-generations': { up: indexKeyGenerations },
    '0007-sign-in': { up: (db: Db) => signInTables(db, engine) },
    '0008-access': { up: (db: Db) => accessTables(db, engine) },
    '0009-sound': { up: (db: Db) => listeningTables(db, engine) },
    '0010-authority': { up: (db: Db) => authorityColumns(db, engine) },
    '0012-challenges': { up: (db: Db) => challengeTables(db, engine) },
    '0013-plans': { up: (db: Db) => planTables(db, engine) },
    '0014-covering': { up: (db: Db) => coveringIndexes(db, engine) },
    '0015-live-sessions': { up: (db: Db) => liveSessionIndex(db, engine) },
    '0016-amendments': { up: (db: Db) => amendmentTable(db, engine) },
    '0017-changes': { up: (db: Db) => changeTables(db, engine) },
    '0018-tombstone-lists': { up: (db: Db) => tombstoneLists(db, engine) },
    '0019-entry-work': { up: (db: Db) => entryWork(db, engine) },
    '0020-replay-questions': { up: (db: Db) => replayQuestions(db, engine) },
    '0021-rebuilt': { up: (db: Db) => rebuiltIndex(db, engine) },
    '0022-index-progress': { up: (db: Db) => indexProgress(db, engine) },
    '0023-clock': { up: (db: Db) => clockColumns(db, engine) },
    '0024-policy-versions': { up: (db: Db) => policyVersions(db, engine) },
    '0025-teams': { up: (db: Db) => teamTables(db, engine) },
    '0026-people': { up: (db: Db) => peopleColumns(db, engine) },
    '0027-limits': { up: playedMinutes },
    '0028-batches': { up: (db: Db) => batchTables(db, engine) },
    '0029-seals': { up: (db: Db) => sealTables(db, engine) },
    '0030-held-logs': { up: (db: Db) => heldLogs(db, engine) },
    '0031-window-ends': { up: (db: Db) => windowEnds(db, engine) },
    '0032-reread-logs': { up: (db: Db) => rereadLogs(db, engine) },
    '0033-signed-changes': { up: (db: Db) => signedChanges(db, engine) },
    '0034-unwraps': { up: sessionUnwraps },
    '0035-logged-people': { up: (db: Db) => loggedPeople(db, engine) },
    '0036-append-only-subjects': { up: (db: Db) => appendOnlySubjects(db, engine) },
    '0037-retention': { up: (db: Db) => retentionTables(db, engine) },
    '0038-holds': { up: (db: Db) => holdTables(db, engine) },
    '0039-consent': { up: (db: Db) => consentTables(db, engine) },
    '0040-subjects': { up: (db: Db) => subjectTables(db, engine) },
    '0041-ingest-keys': { up: (db: Db) => ingestKeyTable(db, engine) },
    '0042-listings': { up: (db: Db) => listingColumns(db, engine) },
    '0044-clock-beats': { up: (db: Db) => clockBeats(db, engine) },
    '0045-subject-copies': { up: (db: Db) => subjectCopies(db, engine) },
    '0046-sources': { up: (db: Db) => sourceTable(db, engine) },
    '0051-default-notice': { up: (db: Db) => defaultNotice(db, engine) },
  };
  return { getMigrations: () => Promise.resolve(migrations) };
}
