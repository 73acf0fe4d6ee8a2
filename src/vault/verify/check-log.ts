// The check of rows against the log: entries, whose tail may be cut in store and database, the rows that give access, and sealed details.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { StoredEvent } from '../../model/audit-event.ts';
import { compareRows } from '../../model/log/compare-rows.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import { rowsByLog } from '../../model/log/rows-by-log.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import {
  type LogFault,
  type LoggedFault,
  logComparison,
  type UnerasedFault,
} from '../core/amendments/logged-entries.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';
import { detailCheck, type StoredDetails, storedDetails } from './check-details.ts';
import type { Finding } from './finding.ts';
import { rowsOfAccess } from './rows-of-access.ts';

type Deps = Pick<Vault, 'db' | 'settings' | 'metadataKeys'>;

const PAGE = 500;
const DIFFERS = { why: 'differs' } as const;

/** A check of rows that is given the pages of the log in order, and then the rows. */
export type RowCheck = {
  /** `size`, with the last page, is how many events the log has. */
  readonly take: (events: readonly StoredEvent[], size: number | null, request: RequestContext) => Promise<void>;
  readonly end: (request: RequestContext) => Promise<void>;
};

/** Takes what a check finds. */
export type Report = (findings: readonly Finding[]) => Promise<void>;

/**
 * Reads a tenant's log once and reports the first entry of each stream that it names and the rows do not have, recordings
 * that it says were erased, each row that gives access and is not what it says, and sealed details that are missing,
 * changed, or not erased. Throws the database's errors.
 */
export async function checkLog(vault: Deps, row: Tenant, report: Report, request: RequestContext): Promise<void> {
  await readThrough(vault, row.tenant, await rowCheck(vault, row, report, request), request);
}

/** Gives a check the whole log. */
export async function readThrough(
  vault: Pick<Vault, 'db'>,
  log: string,
  check: RowCheck,
  request: RequestContext,
): Promise<void> {
  const size = await vault.db.read((rows) => rows.log.size(log), request);
  for (let next = 0; ; ) {
    request.signal.throwIfAborted();
    const from = next;
    const events = await vault.db.read((rows) => rows.log.events(log, from, PAGE), request);
    await check.take(events, events.length < PAGE ? size : null, request);
    if (events.length < PAGE) break;
    next = (events.at(-1)?.seq ?? from) + 1;
  }
  await check.end(request);
}

/** The same for a caller that reads the log itself. */
export async function rowCheck(
  vault: Deps,
  { tenant }: Tenant,
  report: Report,
  request: RequestContext,
): Promise<RowCheck> {
  const comparison = logComparison(vault, tenant);
  const [logged, details] = [rowsByLog(), detailCheck()];
  // Without the key, what teams are called and what details say is not compared.
  const key = await keyOf(vault, tenant, request);
  let [next, isWhole] = [0, true];
  const add = (leaves: readonly Leaf[], stored: StoredDetails): void => {
    for (const leaf of leaves) logged.add(leaf);
    details.add(leaves, stored);
    next = (leaves.at(-1)?.seq ?? next - 1) + 1;
  };

  const take: RowCheck['take'] = async (events, size, waiting) => {
    const { leaves, faults } = await comparison.take(events, size, waiting);
    add(leaves, await vault.db.read((rows) => storedDetails(rows, key, tenant, leaves), waiting));
    if (faults.some(({ kind }) => kind === 'log_damaged')) isWhole = false;
    await report(faults.map((fault) => findingOf(tenant, fault)));
  };

  const end: RowCheck['end'] = async (waiting) => {
    await report(await markFaults(vault, tenant, waiting));
    // Of a log that lacks events, or has others, every row would differ.
    if (!isWhole) return;
    const { rows, since } = await vault.db.read(async (at) => {
      // Events that came since the log was read, in one snapshot with the rows.
      const leaves = await leavesFrom(at, tenant, next);
      const later = { leaves, stored: await storedDetails(at, key, tenant, leaves) };
      return { rows: await rowsOfAccess(at, key, tenant), since: later };
    }, waiting);
    add(since.leaves, since.stored);
    const differences = compareRows(logged, rows);
    await report(
      differences.map(({ kind, id, why }) => ({ kind: 'row_differs', tenant, subject: id, row: kind, why })),
    );
    const missing = details.missing();
    await report(
      missing.map(({ index, differs }) => ({ kind: 'detail_missing', tenant, index, ...(differs && DIFFERS) })),
    );
    const kept = await vault.db.read((at) => at.log.details(tenant, details.kept()), waiting);
    const there = kept.filter(({ salt, sealed }) => salt !== null && sealed !== null);
    await report(there.map(({ seq }) => ({ kind: 'not_erased', tenant, index: seq, why: 'detail' })));
  };
  return { take, end };
}

/** Whether the head of a log says another time than its newest event. */
export async function markFaults(
  { db }: Pick<Deps, 'db'>,
  log: string,
  request: RequestContext,
): Promise<readonly Finding[]> {
  const floors = await db.read(({ clocks }) => clocks.floors(), request);
  const found = floors.filter((one) => one.log === log && one.floor !== null && one.floor !== one.mark);
  return found.map(({ size }) => ({ kind: 'mark_differs', tenant: log, index: size - 1 }));
}

async function keyOf(vault: Deps, tenant: string, request: RequestContext): Promise<SecretKey | null> {
  try {
    return await metadataKeyIfAvailable(vault, tenant, request);
  } catch (error) {
    // The use of a key is an event, which a held log does not take; and a held log is the one to look at.
    if (hasCode(error, 'audit_unavailable')) return null;
    throw error;
  }
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
