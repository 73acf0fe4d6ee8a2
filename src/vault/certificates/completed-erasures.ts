// What the log and the rows say of erasures that have ended: when keys were destroyed, and when nothing was left.
import { VaultError } from '../../errors.ts';
import type { Erasure } from '../../model/erasure.ts';
import {
  type CertifiedErasure,
  type CertifiedEvent,
  DATABASE_STATES,
  type DatabaseState,
} from '../../model/log/certificate/certificate.ts';
import type { Correction } from '../../model/log/corrected-time.ts';
import type { AuditAction } from '../../model/log/event-catalogue.ts';
import { idsOf, type Leaf, readLeaf } from '../../model/log/leaf.ts';
import type { Rows } from '../../ports/database.ts';
import { correctionsOf } from '../core/log-reading/corrections.ts';

type ErasureRows = Pick<Rows, 'log' | 'recordings' | 'erasures'>;

/**
 * Erasures, by recording; the corrections of a clock that some of their times are from; and the weakest of what the
 * database did with their keys.
 */
export type CompletedErasures = {
  readonly erased: readonly CertifiedErasure[];
  readonly corrections: readonly (CertifiedEvent & Correction)[];
  readonly database: DatabaseState;
};

const ERASED: AuditAction = 'recording.erased';
/** Rows, or events of a recording, of one read. */
const PAGE = 100;
/** An erasure takes three minutes, and its last step needs no other reader of the database. */
const RETRY_S = 60;
/** So many ids an error names. */
const MOST_NAMED = 5;

/**
 * The erasures of these recordings of a tenant. A recording whose row was rebuilt has the time of its id in place of the
 * call's beginning. Throws `conflict` while one is not ERASED, naming some, and `not_available` where the rows or events
 * of an ended one are missing.
 */
export async function completedErasures(
  rows: ErasureRows,
  tenant: string,
  recordings: readonly string[],
): Promise<CompletedErasures> {
  const ids = [...new Set(recordings)].sort();
  const begun = await startsOf(rows, tenant, ids);
  const ends = new Map<string, Leaf>();
  const erased: CertifiedErasure[] = [];
  const states = new Set<string>();
  const ofThem: Leaf[] = [];
  for (const recording of ids) {
    const erasure = await rows.erasures.find(tenant, recording);
    if (erasure === null) throw missing(recording);
    const [start] = await rows.log.events(tenant, erasure.seq, 1);
    const destroying = start?.seq === erasure.seq ? readLeaf(start.leaf) : null;
    const known = ends.get(recording);
    const end = known?.object['begun'] === erasure.seq ? known : await endOf(rows, tenant, erasure);
    if (destroying === null || end === null) throw missing(recording);
    ofThem.push(destroying, end);
    // One event ends most of a batch: the others need no look of theirs.
    for (const id of idsOf(end.object)) ends.set(id, end);
    states.add(String(end.object['database']));
    erased.push({ recording, began: begun.get(recording) ?? '', destroyed: destroying.ts, gone: end.ts });
  }
  const database = DATABASE_STATES.findLast((state) => states.has(state));
  if (database === undefined) throw new VaultError('internal', 'an erasure ended in no known way');
  const later = await correctionsOf(rows.log, tenant);
  const corrections = later.filter(({ seq, ts }) => ofThem.some((leaf) => leaf.seq < seq && leaf.ts > ts));
  return { erased, corrections, database };
}

/** When the calls began. Throws `conflict` where one of the recordings is not ERASED. */
async function startsOf(
  { recordings }: Pick<Rows, 'recordings'>,
  tenant: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const begun = new Map<string, string>();
  const running = new Set(ids);
  for (let at = 0; at < ids.length; at += PAGE) {
    for (const { id, state, startedAt } of await recordings.findMany(tenant, ids.slice(at, at + PAGE))) {
      begun.set(id, startedAt);
      if (state === 'ERASED') running.delete(id);
    }
  }
  const unknown = ids.find((id) => !begun.has(id));
  if (unknown !== undefined) throw missing(unknown);
  if (running.size === 0) return begun;
  const named = [...running].slice(0, MOST_NAMED).join(', ');
  const more = running.size > MOST_NAMED ? ` and ${running.size - MOST_NAMED} more` : '';
  throw new VaultError(
    'conflict',
    `${running.size} of ${ids.length} recordings are still being erased: ${named}${more}; try again in a minute`,
    { retryAfter: RETRY_S },
  );
}

/** The event that ended an erasure, which the newest events of its recording have; null where the log has none. */
async function endOf({ log }: Pick<Rows, 'log'>, tenant: string, { recording, seq }: Erasure): Promise<Leaf | null> {
  for (let below: number | null = null; ; ) {
    const page = await log.eventsOf(tenant, recording, below, PAGE);
    for (const { seq: at, leaf: bytes } of page) {
      if (at <= seq) return null;
      const leaf = readLeaf(bytes);
      if (leaf?.action === ERASED && leaf.object['begun'] === seq) return leaf;
    }
    if (page.length < PAGE) return null;
    below = page.at(-1)?.seq ?? null;
  }
}

function missing(recording: string): VaultError {
  return new VaultError(
    'not_available',
    `the database lacks what a certificate says of ${recording}: it was rebuilt or restored after the erasure`,
  );
}
