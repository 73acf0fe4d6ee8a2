// The check of the deployment's people against its log: their rows, passkeys, links and sign-ins have no MAC.
import { hexOf } from '../../bytes/hex.ts';
import { subjectsOf } from '../../model/audit-event.ts';
import { compareRows } from '../../model/log/compare-rows.ts';
import type { Leaf } from '../../model/log/leaf.ts';
import { type LoggedKind, peopleByLog, type RowFacts } from '../../model/log/rows-by-log.ts';
import type { Rows } from '../../ports/database.ts';
import type { EventSubject } from '../../ports/rows/log-rows.ts';
import { logComparison } from '../core/amendments/logged-entries.ts';
import { isLoggedChange } from '../core/authority/logged-change.ts';
import { digestOf } from '../core/authority/logged-rows.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { findingOf, leavesFrom, markFaults, type Report, type RowCheck, readThrough } from './check-log.ts';
import type { Finding } from './finding.ts';

/**
 * The rows of the deployment's people that its log does not say so, and what is wrong with the log itself: one fault of
 * each kind. Throws the database's errors.
 */
export async function checkPeople(vault: Pick<Vault, 'db' | 'settings'>, request: RequestContext): Promise<Finding[]> {
  const found: Finding[] = [];
  const report: Report = async (findings) => void found.push(...findings);
  await readThrough(vault, DEPLOYMENT, peopleCheck(vault, report), request);
  return found;
}

/** The same for a caller that reads the log itself. */
export function peopleCheck(vault: Pick<Vault, 'db' | 'settings'>, report: Report): RowCheck {
  const comparison = logComparison(vault, DEPLOYMENT);
  const logged = peopleByLog();
  let [next, isWhole] = [0, true];
  const reported = new Set<string>();
  const reportLost = async (lost: readonly EventSubject[]): Promise<void> => {
    // The first event of each id is enough.
    const first = lost.filter(({ id }) => !reported.has(id) && reported.add(id));
    await report(
      first.map(({ id, seq }) => {
        return {
          kind: 'row_differs',
          tenant: DEPLOYMENT,
          subject: id,
          row: 'audit_subject',
          index: seq,
          why: 'missing',
        };
      }),
    );
  };
  const add = (leaves: readonly Leaf[]): void => {
    for (const leaf of leaves) logged.add(leaf);
    next = (leaves.at(-1)?.seq ?? next - 1) + 1;
  };
  return {
    take: async (events, size, request) => {
      const { leaves, faults } = await comparison.take(events, size, request);
      add(leaves);
      if (faults.some(({ kind }) => kind === 'log_damaged')) isWhole = false;
      await report(faults.map((fault) => findingOf(DEPLOYMENT, fault)));
      await reportLost(await vault.db.read((at) => lostSubjects(at, leaves), request));
    },
    end: async (request) => {
      await report(await markFaults(vault, DEPLOYMENT, request));
      // Of a log that lacks events, or has others, every row would differ.
      if (!isWhole) return;
      const { rows, since, lost, forged } = await vault.db.read(async (at) => {
        // Events that came since the log was read, in one snapshot with the rows.
        const later = await leavesFrom(at, DEPLOYMENT, next);
        const rest = { rows: await peopleRows(at), lost: await lostSubjects(at, later) };
        return { since: later, ...rest, forged: await forgedChanges(at) };
      }, request);
      add(since);
      await reportLost(lost);
      const differences = compareRows(logged, rows);
      const changes = forged.map((id) => ({ kind: 'change', id, why: 'differs' }) as const);
      await report(
        [...differences, ...changes].map(({ kind, id, why }) => {
          return { kind: 'row_differs', tenant: DEPLOYMENT, subject: id, row: kind, why };
        }),
      );
    },
  };
}

/** What should find events of a page about people, and does not: the end of a row that is not found gives access again. */
async function lostSubjects({ log }: Pick<Rows, 'log'>, leaves: readonly Leaf[]): Promise<EventSubject[]> {
  const due = leaves
    .filter(({ outcome }) => outcome === 'ok')
    .flatMap(({ seq, action, object }) => subjectsOf(DEPLOYMENT, action, object).map((id) => ({ id, seq })));
  const [from, to] = [due[0]?.seq ?? 0, due.at(-1)?.seq ?? 0];
  const stored = await log.subjects(DEPLOYMENT, from, to, [...new Set(due.map(({ id }) => id))]);
  const found = new Set(stored.map(({ id, seq }) => `${seq} ${id}`));
  return due.filter(({ id, seq }) => !found.has(`${seq} ${id}`));
}

const PAGE = 1_000;

/** The ids of changes of the deployment that are not as the log says. */
async function forgedChanges(rows: Rows): Promise<string[]> {
  const found: string[] = [];
  let page = await rows.changes.page(DEPLOYMENT, null, null, PAGE);
  while (page.length > 0) {
    for (const change of page) if (!(await isLoggedChange(rows, change))) found.push(change.id);
    page = await rows.changes.page(DEPLOYMENT, null, page.at(-1)?.id ?? '', PAGE);
  }
  return found;
}

async function peopleRows({
  principals,
  signIns,
}: Rows): Promise<ReadonlyMap<LoggedKind, ReadonlyMap<string, RowFacts>>> {
  const of = <Row extends { readonly id: string; readonly leafIndex: number | null }>(
    found: readonly Row[],
    facts: (row: Row) => RowFacts,
  ): ReadonlyMap<string, RowFacts> =>
    new Map(found.map((row) => [row.id, { ...facts(row), leaf: String(row.leafIndex) }]));
  return new Map([
    [
      'principal',
      of(await principals.all(DEPLOYMENT), ({ state, roles, name }) => {
        return { state, roles: roles.join(','), code: Buffer.from(name).toString() };
      }),
    ],
    [
      'passkey',
      of(await signIns.passkeys(DEPLOYMENT, null), ({ principal, publicKey }) => {
        return { principal, sha256: digestOf(publicKey) };
      }),
    ],
    [
      'sign_in',
      of(await signIns.liveIn(DEPLOYMENT), ({ principal, ends, method, hash }) => {
        return { principal, ends, method, sha256: hexOf(hash) };
      }),
    ],
    [
      'sign_in_link',
      of(await signIns.openLinks(DEPLOYMENT, null), ({ principal, expires, hash }) => {
        return { principal, expires, sha256: hexOf(hash) };
      }),
    ],
  ]);
}
