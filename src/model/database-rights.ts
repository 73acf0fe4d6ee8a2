// The rights of callvault's PostgreSQL users, table by table (docs/operations/postgres-users.md).
import { DUTIES, type Duty as ProcessDuty, type ProcessRole } from './duties.ts';

/** Who uses the database: a process of a role, or operators' commands. */
export type DatabaseUse = (typeof DATABASE_USES)[number];

/** What a duty of a process, or a command, does with a table. A process of a role has several duties (decision 0017). */
type Duty = ProcessDuty | 'command';

export type TableRights = {
  readonly select: boolean;
  readonly insert: boolean;
  readonly delete: boolean;
  /** Columns that may be updated; `all` for every one, also of later migrations. */
  readonly update: ReadonlySet<string> | 'all';
};

/** What a duty does: `s` select, `i` insert, `u` update, `d` delete; after a colon the only columns that it updates. */
type Cell = string;

type Line = Readonly<Partial<Record<Duty | 'every', Cell>>>;

/**
 * A column that a user may update only because PostgreSQL wants the right to update something before it locks a row. What
 * it holds gives nothing: a tenant's time of creation; the version under a person's MAC, without which the row counts for
 * nothing.
 */
const TENANT_LOCK = 'u:created';
const PERSON_LOCK = 'u:version';

/** Columns that end a row which gives access, and seal what is left of it. They name no person, recording or end. */
const END = 'u:state,version,mac';

/** One line a table. `every`: all processes and commands. Tables that give access come first. */
const LINES: Readonly<Record<string, Line>> = {
  principal: { every: 's', catalogue: 'i u', media: PERSON_LOCK, settle: PERSON_LOCK, command: 'i u' },
  api_key: { every: 's', catalogue: END, command: 'i u' },
  sign_in: { deposit: 's', catalogue: 's i u', media: 's', settle: `s ${END},ended,reason`, command: 's u' },
  sign_in_link: { catalogue: `s ${END}`, settle: 's', command: 's i u' },
  passkey: { catalogue: 's i u', settle: 's', command: 's u' },
  policy: { catalogue: 's i', media: 's', settle: 's i', command: 's i u' },
  access_request: { catalogue: 's i u', media: 's', settle: `s ${END},words`, command: 's u' },
  decision: { catalogue: 's i', media: 's', settle: 's u:words', command: 's u' },
  access_grant: { catalogue: 's i u', media: 's u', settle: `s ${END},revoked_words,done_words`, command: 's u' },
  session: { catalogue: `s ${END},ended,reason,ends`, media: 's i u', settle: `s ${END},ended,reason`, command: 's u' },
  change: { catalogue: 's i u', settle: `s ${END}`, command: 's i u' },
  team: { catalogue: 's i u', media: 's', settle: 's', command: 's i u' },
  team_member: { catalogue: 's i d', media: 's', settle: 's', command: 's i d' },
  team_queue: { catalogue: 's i d', media: 's', settle: 's', command: 's i d' },
  batch: { catalogue: 's i u', media: 's', settle: `s ${END},closed,words`, command: 's u' },

  deployment: { every: 's', command: 'i' },
  tenant: {
    every: `s ${TENANT_LOCK}`,
    catalogue:
      'u:version,default_basis,default_notice,time_zone,decide_by_key,searchable,sources,index_version,retention',
    settle:
      'u:version,state,default_basis,default_notice,time_zone,decide_by_key,searchable,sources,index_version,retention',
    command: 'i u',
  },
  recording: { every: 's', deposit: 'i u', catalogue: 'u', media: 'u:version', settle: 'i u', command: 'i u' },
  retention: { every: 's', catalogue: 'i', settle: 'i', command: 'i' },
  profile: { every: 's', deposit: 'i', catalogue: 'i', settle: 'i', command: 'i' },
  recording_event: { every: 's', deposit: 'i u d', catalogue: 'i u d', settle: 'i u d', command: 'i u d' },
  expiry: { every: 's', catalogue: 'i u', settle: 'i u', command: 'i u' },
  notice: { every: 's', catalogue: 'i', settle: 'i', command: 'i' },
  withdrawal: { every: 's', catalogue: 'i u:reached,due', settle: 'i u:reached,due', command: 'i u:due' },
  withdrawal_index: { every: 's', catalogue: 'i', settle: 'i', command: 'i' },
  hold: { every: 's', catalogue: 'i u', settle: 'i u d', command: 'i u d' },
  hold_recording: { every: 's', deposit: 'i', catalogue: 'i u', settle: 'i u', command: 'i u' },
  subject_request: {
    ...{ catalogue: 's i u', settle: 's u' },
    ...{ media: 's u:version,copies,copies_by', command: 's u:version,copies,copies_by' },
  },
  subject_match: { every: 's', catalogue: 'i u', media: 'u:done', settle: 'u', command: 'u' },
  blind_index: { every: 's', deposit: 'i d', catalogue: 'i d', settle: 'i d', command: 'i d' },
  index_progress: { every: 's', settle: 'i u', command: 'i u' },
  deposit: { every: 's', deposit: 'i u', settle: 'u', command: 'i u' },
  object: { every: 's', deposit: 'i d', settle: 'd', command: 'i d' },
  part: { every: 's', deposit: 'i u d', settle: 'd', command: 'i u d' },
  wrapped_key: { every: 's', deposit: 'i u d', settle: 'd', command: 'i u d' },
  tenant_kek: { every: 's', command: 'i u d' },
  source: { every: 's', deposit: 'i', catalogue: 'i', settle: 'i', command: 'i' },
  ingest_key: { every: 's', deposit: 'u:last_file_at', settle: 'i u:state,note', command: 'i u d' },
  comment: { media: 's i u d', catalogue: 's', settle: 's i u d', command: 's i u d' },
  amendment: { every: 's i', settle: 'u d', command: 'u d' },
  erasure: { every: 's', settle: 'i u', command: 'i u' },
  replay: { every: 's', settle: 'i u', command: 'i u' },
  replay_question: { every: 's i u:asked', settle: 'u' },
  idempotency: { deposit: 's i u d', catalogue: 's i u d', media: 's i u d', settle: 's d', command: 's u:until' },
  challenge_key: { catalogue: 's i' },
  answered_challenge: { catalogue: 's i', settle: 's d' },
  window: { every: 's i u d' },
  clock_beat: { every: 's', settle: 'i u', command: 'i u d' },
  audit_head: { every: 's i u:size,mark,held', settle: 'u:reread', command: 'u:restoring,restored,reread' },
  audit_event: { every: 's i' },
  audit_detail: { every: 's i', settle: 'u:salt,sealed', command: 'u:salt,sealed' },
  audit_subject: { every: 's i' },
  audit_seal: { every: 's', settle: 'i', command: 'i' },
  audit_tile: { every: 's', settle: 'i u:hashes', command: 'i u:hashes' },
  kysely_migration: { every: 's' },
  kysely_migration_lock: { every: 's' },
};

/** All users, those of processes first. */
export const DATABASE_USES = ['ingest', 'listen', 'console', 'work', 'all', 'operator'] as const satisfies readonly (
  | ProcessRole
  | 'operator'
)[];

const DUTIES_OF_USE: Readonly<Record<DatabaseUse, readonly Duty[]>> = {
  ...DUTIES,
  operator: [...DUTIES.all, 'command'],
};

/**
 * Processes that end erasures: they free what was deleted (VACUUM), and must see how old the transactions of other users
 * are. Commands leave that to them.
 */
export function freesRows(use: DatabaseUse): boolean {
  return use !== 'operator' && DUTIES[use].includes('settle');
}

/** The rights that a use needs, by table, and no others. */
export function rightsOf(use: DatabaseUse): ReadonlyMap<string, TableRights> {
  return new Map(
    Object.entries(LINES).map(([table, line]) => [
      table,
      rightsIn([line.every, ...DUTIES_OF_USE[use].map((duty) => line[duty])].filter((cell) => cell !== undefined)),
    ]),
  );
}

function rightsIn(cells: readonly Cell[]): TableRights {
  const words = cells.flatMap((cell) => cell.split(' '));
  const columns = words.flatMap((word) => (word.startsWith('u:') ? word.slice(2).split(',') : []));
  return {
    select: words.includes('s'),
    insert: words.includes('i'),
    delete: words.includes('d'),
    update: words.includes('u') ? 'all' : new Set(columns),
  };
}
