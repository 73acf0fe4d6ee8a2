// Fixed SQLite statistics of a deployment with a million recordings, so that query plans never change by themselves.
import { type Kysely, sql } from 'kysely';

/** Number of rows per table. */
const ROWS_OF_TABLE: Readonly<Record<string, number>> = {
  recording: 1_000_000,
  deposit: 1_500_000,
  object: 3_000_000,
  part: 1_500_000,
  wrapped_key: 1_500_000,
  blind_index: 6_000_000,
  audit_event: 8_000_000,
  audit_subject: 8_000_000,
  audit_detail: 2_000_000,
  access_request: 100_000,
  access_grant: 80_000,
  decision: 90_000,
  session: 120_000,
  comment: 200_000,
  sign_in: 200_000,
  amendment: 2_000_000,
  profile: 10_000,
  recording_event: 100_000,
  hold: 1_000,
  hold_recording: 200_000,
  subject_request: 20_000,
  subject_match: 200_000,
};

/** Number of rows in a partial index. */
const ROWS_OF_PARTIAL_INDEX: Readonly<Record<string, number>> = {
  deposit_available: 1_500_000,
  deposit_underway: 20,
  deposit_unsettled: 20,
  request_open: 200,
  grant_open: 200,
  session_live: 100,
  session_listening: 100,
  recording_quarantined: 10_000,
  recording_erased: 20_000,
  recording_expected: 1_000,
  wrapped_key_behind: 10,
  request_waiting: 200,
  grant_live: 200,
  sign_in_live: 500,
  sign_in_due: 500,
  audit_detail_recording: 1_000_000,
  amendment_unstored: 200,
  comment_unfiled: 200,
  recording_rebuilt: 10_000,
  recording_queue: 1_000_000,
  recording_unfilled: 1_000,
  recording_expiry: 900_000,
  recording_profile: 1_000_000,
  recording_minimum: 10_000,
  recording_kept: 1_000,
  recording_due: 200,
  hold_blocking: 1,
  hold_ruled: 200,
  hold_unsettled: 1,
  hold_recording_of: 150_000,
  hold_recording_uncovered: 10,
  subject_request_open: 100,
  subject_match_holds: 1_000,
};

/** Number of distinct values per column; a column without an entry has as many as its table has rows. */
const VALUES_OF_COLUMN: Readonly<Record<string, number>> = {
  tenant: 10,
  log: 10,
  state: 5,
  described: 2,
  quarantine: 4,
  direction: 3,
  language: 20,
  queue: 60,
  source: 10,
  object: 5,
  name: 4,
  label: 8,
  value: 50_000,
  requester: 300,
  person: 300,
  principal: 300,
  sign_in: 500,
  recording: 1_000_000,
  wrap: 3,
  key_id: 30,
  scheme: 3,
  duration_ms: 50_000,
  subject: 1_000_000,
  hold: 1_000,
};

/** Writes the statistics of every index on these tables. They apply to connections opened afterwards. */
export async function fixStatistics(db: Kysely<Record<string, Record<string, unknown>>>): Promise<void> {
  // Creates the table of statistics; an empty schema collects none.
  await sql`analyze sqlite_schema`.execute(db);
  for (const [table, rows] of Object.entries(ROWS_OF_TABLE)) {
    await sql`delete from sqlite_stat1 where tbl = ${table}`.execute(db);
    const indexes = await sql<{ name: string }>`select name from pragma_index_list(${table})`.execute(db);
    for (const { name } of indexes.rows) {
      const columns = await sql<{ name: string }>`select name from pragma_index_info(${name}) order by seqno`.execute(
        db,
      );
      const held = ROWS_OF_PARTIAL_INDEX[name] ?? rows;
      const stat = [
        held,
        ...matchingRows(
          held,
          columns.rows.map((column) => column.name),
        ),
      ].join(' ');
      await sql`insert into sqlite_stat1 (tbl, idx, stat) values (${table}, ${name}, ${stat})`.execute(db);
    }
  }
}

/** Rows that match the first column, the first two and so on. */
function matchingRows(rows: number, columns: readonly string[]): number[] {
  let left = rows;
  return columns.map((column) => {
    left = Math.max(1, Math.ceil(left / Math.min(VALUES_OF_COLUMN[column] ?? rows, left)));
    return left;
  });
}
