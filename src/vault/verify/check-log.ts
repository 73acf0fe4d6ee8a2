// The check of rows against the log: entries, whose tail may be cut in store and database, the rows that give access, and sealed details.
import { compareRows } from '../../model/log/compare-rows.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import { rowsByLog } from '../../model/log/rows-by-log.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import {
  compareWithLog,
  type LogFault,
  type LoggedFault,
  type UnerasedFault,
} from '../core/amendments/logged-entries.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';
import { missingDetails, presentDetails } from './check-details.ts';
import type { Finding } from './finding.ts';
import { rowsOfAccess } from './rows-of-access.ts';

type Deps = Pick<Vault, 'db' | 'settings' | 'metadataKeys'>;

const PAGE = 500;

/**
 * Reports the first entry of each stream that the log names and the rows do not have, recordings that it says were erased,
 * each row that gives access and is not what the log says, and details that are missing. Throws the database's errors.
 */
export async function checkLog(
  vault: Deps,
  row: Tenant,
  report: (findings: readonly Finding[]) => Promise<void>,
  request: RequestContext,
): Promise<void> {
  const { tenant } = row;
  const [logged, details] = [rowsByLog(), missingDetails()];
  let [next, isWhole] = [0, true];
  const take = (leaves: readonly Leaf[], present: ReadonlySet<number>): void => {
    for (const leaf of leaves) logged.add(leaf);
    details.add(leaves, present);
    next = (leaves.at(-1)?.seq ?? next - 1) + 1;
  };
  const takePage = async (leaves: readonly Leaf[]): Promise<void> =>
    take(leaves, await vault.db.read((rows) => presentDetails(rows, tenant, leaves), request));
  for await (const fault of compareWithLog(vault, tenant, request, takePage)) {
    if (fault.kind === 'log_damaged') isWhole = false;
    await report([findingOf(tenant, fault)]);
  }
  // Of a log that lacks events, or has others, every row would differ.
  if (!isWhole) return;
  // Without the key, what teams are called is not compared.
  const key = await metadataKeyIfAvailable(vault, tenant, request);
  const { rows, since } = await vault.db.read(async (at) => {
    // Events that came since the log was read, in one snapshot with the rows.
    const leaves = await leavesFrom(at, tenant, next);
    const later = { leaves, present: await presentDetails(at, tenant, leaves) };
    return { rows: await rowsOfAccess(at, key, tenant), since: later };
  }, request);
  take(since.leaves, since.present);
  const differences = compareRows(logged, rows);
  await report(differences.map(({ kind, id, why }) => ({ kind: 'row_differs', tenant, subject: id, row: kind, why })));
  await report(details.indices().map((index) => ({ kind: 'detail_missing', tenant, index })));
}

/** All leaves of a log from this index on. */
export async function leavesFrom({ log }: Pick<Rows, 'log'>, tenant: string, from: number): Promise<Leaf[]> {
  const leaves: Leaf[] = [];
  for (let next = from; ; next += PAGE) {
    const events = await log.events(tenant, next, PAGE);
    leaves.push(...events.flatMap(({ leaf }) => readLeaf(leaf) ?? []));
    if (events.length < PAGE) return leaves;
  }
}

/** A difference from the log as a finding. */
export function findingOf(tenant: string, fault: LoggedFault | UnerasedFault | LogFault): Finding {
  const { kind } = fault;
  if (kind === 'log_damaged') return { kind, tenant, index: fault.index, why: fault.why };
  if (kind === 'not_erased') return { kind, tenant, recording: fault.subject };
  const { subject, n } = fault;
  return { kind, tenant, ...(subject.startsWith('rec_') ? { recording: subject } : {}), subject, n };
}
