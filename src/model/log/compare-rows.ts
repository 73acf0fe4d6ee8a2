// Compares rows that give access or keep recordings, and ingest keys, with what the log says of them.
import { LOGGED_KINDS, type LoggedKind, type LoggedRow, type RowFacts, type RowsByLog } from './rows-by-log.ts';

/**
 * A row that differs from the log. `why`: `unknown` to the log, `missing` in the database, or the name of the fact that
 * differs (`state`: it ended, or did not).
 */
export type RowDifference = { readonly kind: LoggedKind; readonly id: string; readonly why: string };

const GRACE_MS = 60_000;

/** The differences, by kind and id. A log that lacks a tenant's beginning says nothing of rows from before it. */
export function compareRows(
  log: RowsByLog,
  rows: ReadonlyMap<LoggedKind, ReadonlyMap<string, RowFacts>>,
): RowDifference[] {
  return LOGGED_KINDS.flatMap((kind) => {
    const [logged, stored] = [log.of(kind), rows.get(kind) ?? new Map<string, RowFacts>()];
    const first = log.namesFirstPolicy() ? undefined : firstPolicy(kind, stored);
    return [...new Set([...logged.keys(), ...stored.keys()])].sort().flatMap((id) => {
      const [said, row] = [logged.get(id), stored.get(id)];
      if (row === undefined)
        return said === undefined || said.isBroughtBack || isOver(said) ? [] : [{ kind, id, why: 'missing' }];
      if (said === undefined) return log.isComplete(kind) && id !== first ? [{ kind, id, why: 'unknown' }] : [];
      // No event says whom a team lost: one that is not as it was changed last must be looked at.
      const why = differenceOf(kind === 'team' ? { ...said, isBroughtBack: false } : said, row);
      return why === null ? [] : [{ kind, id, why }];
    });
  });
}

/** In logs of older versions no event names the policy that the tenant began with, until the second version does. */
function firstPolicy(kind: LoggedKind, stored: ReadonlyMap<string, RowFacts>): string | undefined {
  return kind === 'policy' ? [...stored.keys()].sort()[0] : undefined;
}

function isOver({ facts: { state } }: LoggedRow): boolean {
  return state === 'OFF' || state === 'REVOKED' || state === 'RETIRED';
}

function differenceOf({ facts, isBroughtBack }: LoggedRow, row: RowFacts): string | null {
  for (const [name, value] of Object.entries(facts)) {
    const stored = row[name];
    if (stored === undefined || stored === value || (name === 'since' && isSince(value, stored))) continue;
    if (!isBroughtBack || givesMore(name, value, stored)) return name;
  }
  return null;
}

/** Whether a row's time is not before its event's: the row was written in the same transaction, a little earlier. */
function isSince(said: string, stored: string): boolean {
  return Date.parse(stored) >= Date.parse(said) - GRACE_MS;
}

/** Whether a row from before a loss gives more than the events that were brought back. */
function givesMore(name: string, said: string, stored: string): boolean {
  // The end of a restore deletes retired keys again.
  if (name === 'state') return stored === 'ACTIVE' || said === 'RETIRED';
  // A version never changes, and the newest one that has a row is in force; nor does a public key.
  if (name === 'sha256' || name === 'public') return true;
  if (name === 'in_force') return stored === 'no';
  if (name !== 'roles') return false;
  const roles = said.split(',');
  return stored.split(',').some((role) => !roles.includes(role));
}
