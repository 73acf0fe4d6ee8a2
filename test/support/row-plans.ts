// Query plans of both engines, judged: none may read a whole table, a whole tenant, or sort more than a page needs.

/** Tables that grow with the number of recordings. */
const GROWING =
  /^(recording|deposit|object|part|wrapped_key|blind_index|audit_(?:event|subject|detail)|session|access_request|access_grant|batch|decision|comment|amendment|sign_in|idempotency)$/;
/** Partial indexes of few rows: reading one completely is intended. Where few of them match a filter, PostgreSQL does. */
const OF_FEW =
  /^(deposit_unsettled|session_live|request_open|request_waiting|grant_open|grant_live|batch_open|sign_in_live|sign_in_due|erasure_due|recording_quarantined|recording_erased|recording_expected|recording_rebuilt|recording_unfilled|amendment_unstored|comment_unfiled)$/;
/** A lookup that only names the tenant, or its log. */
const WHOLE_TENANT = /^\(?\(?(tenant|log)\)?(::text)? ?= ?[^)]*\)?$/;
/** Rows that PostgreSQL may expect to sort. */
const MOST_SORTED = 20_000;

/** Pages that sort what they counted before: their order is in a form that no index answers. */
const SORTS_FEW = /order by "recording"\."started_at" \|\| ''/;

/** Steps of a plan of SQLite whose cost grows with the table or the tenant. */
export function costlyInSqlite(sql: string, plan: readonly string[]): string[] {
  const sort = plan.find((step) => step.startsWith('USE TEMP B-TREE FOR ORDER BY'));
  const ends = / limit /.test(sql) && sort === undefined;
  const ofFew = plan.some((step) => OF_FEW.test(/USING (?:COVERING )?INDEX (\w+)/.exec(step)?.[1] ?? ''));
  // A page that sorts reads everything that its filter finds.
  const sorts = / limit \?(\)|$)/.test(sql) && sort !== undefined && !ofFew && !SORTS_FEW.test(sql) ? [sort] : [];
  const reads = plan.filter((step) => {
    const [, how, table = '', index = ''] =
      /^(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(step) ?? [];
    if (!GROWING.test(tableOf(sql, table)) || OF_FEW.test(index)) return false;
    if (how === 'SCAN') return true;
    // A page in index order ends after its rows; a sort, or a query without a limit, reads the whole tenant.
    return /\((tenant|log)=\?\)$/.test(step) && !ends;
  });
  // SQLite reads every entry that equals the values of a comparison of rows.
  const equals = plan.filter((step) => /\((?:\w+,)+(?!id|deposit|seq|recording)\w+\)[<>]\(/.test(step));
  return [...reads, ...sorts, ...equals];
}

/** The table behind an alias of a statement. */
function tableOf(sql: string, name: string): string {
  return new RegExp(`"?(\\w+)"? as "${name}"`).exec(sql)?.[1] ?? new RegExp(`(\\w+) ${name} `).exec(sql)?.[1] ?? name;
}

/** Queries, and the indexes that answer them without reading calls that they do not count. */
const NEEDED: readonly (readonly [query: RegExp, index: RegExp])[] = [
  [/from "recording" where .*"source" = .*state = 'EXPECTED'.* order by/s, /recording_(source|expected)/],
  [/from "recording" where .*"source" = .*"queue" in /s, /recording_(source|queue)/],
  [/from "recording" where .*"source" [=>] /s, /recording_source/],
  [/ order by "audio_due"/, /recording_due/],
  [/from "access_grant" where .*"batch" is not null and "recording" in /s, /grant_assigned/],
];

/** The index that a query needs and its plan does not use. `used`: the plan, with the names of its indexes. */
export function missedIndex(sql: string, used: string): string[] {
  const [, index] = NEEDED.find(([query]) => query.test(sql)) ?? [];
  return index === undefined || index.test(used) ? [] : [`without ${index.source}`];
}

/** A node of EXPLAIN (FORMAT JSON). */
export type PlanNode = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
};

/**
 * The same of PostgreSQL. `limited`: whether a node above stops after some rows. What it expects to sort counts only
 * where it knew the values.
 */
export function costlyInPostgres(node: PlanNode, mode: 'custom' | 'generic', limited = false, relation = ''): string[] {
  const { 'Node Type': type, 'Index Name': index = '', 'Index Cond': condition = '', Plans: below = [] } = node;
  const table = node['Relation Name'] ?? (relation === '' ? ofIndex(index) : relation);
  const found: string[] = [];
  if (GROWING.test(table) && !OF_FEW.test(index)) {
    if (type === 'Seq Scan') found.push(`${type} on ${table}`);
    if (/^(Index Scan|Index Only Scan|Bitmap Index Scan)$/.test(type)) {
      const whole = condition === '' || WHOLE_TENANT.test(condition);
      if (whole && !limited) found.push(`${type} of ${index} ${condition}`);
    }
  }
  if (type === 'Sort' && mode === 'custom' && (below[0]?.['Plan Rows'] ?? 0) > MOST_SORTED)
    found.push(`Sort of ${below[0]?.['Plan Rows']}`);
  // A sort, a hash and an aggregate read all of what is below them.
  const stops =
    type === 'Limit' || (limited && !/^(Sort|Incremental Sort|Hash|Aggregate|Bitmap Heap Scan)$/.test(type));
  const heap = type === 'Bitmap Heap Scan' ? table : '';
  return [...found, ...below.flatMap((one) => costlyInPostgres(one, mode, stops, heap))];
}

/** Queries that stop after some rows, and that a join runs again for each row of its other side though they name none of it. */
export function repeatedInPostgres(node: PlanNode): string[] {
  const { 'Node Type': type, Plans: below = [] } = node;
  const inner = type === 'Nested Loop' ? below[1] : undefined;
  const found = inner !== undefined && endsIn('Limit', inner) ? [`${type} over Limit`] : [];
  return [...found, ...below.flatMap(repeatedInPostgres)];
}

/** Whether a node is of this type, or what it passes on row by row is. */
function endsIn(wanted: string, { 'Node Type': type, Plans: below = [] }: PlanNode): boolean {
  const [only] = below;
  return type === wanted || (type === 'Subquery Scan' && only !== undefined && endsIn(wanted, only));
}

/** The table of an index that a plan names alone. */
function ofIndex(index: string): string {
  return index.replace(/_key$|_[a-z0-9]+$/, '');
}
