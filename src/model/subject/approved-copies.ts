// Copies that two people approved for an officer: until when, how many downloads, and why one is denied.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import { type Check, check } from '../check.ts';
import type { Facts } from '../facts.ts';
import { MOST_COPY_HOURS, type SubjectMatch } from './request.ts';

/** What two people sign: who makes copies, for how many hours, how often, and of which recordings. */
export type CopiesClause = {
  /** The id of a privacy officer. */
  readonly officer: string;
  readonly hours: number;
  readonly downloads: number;
  readonly recordings: number;
  /** Of their ids (`copiedDigest`). */
  readonly sha256: string;
};

/** The approval from when the decision was carried out: sealed in the request's row. `left`: downloads. */
export type ApprovedCopies = Pick<CopiesClause, 'officer' | 'downloads' | 'sha256'> & {
  readonly change: string;
  /** When the decision was proposed; absent in approvals of versions before. */
  readonly proposed?: string;
  readonly ends: string;
  readonly left: number;
};

/** The recordings of a request that are copied, by their rows: decided now, or by an earlier decision. */
export function copiedOf(matches: readonly Pick<SubjectMatch, 'recording' | 'outcome'>[]): string[] {
  return matches.flatMap(({ recording, outcome }) => (outcome === 'copy' ? [recording] : [])).sort();
}

/** SHA-256 in hex of ids, ascending. */
export function copiedDigest(recordings: readonly string[]): string {
  return canonicalDigest([...recordings].sort());
}

/** The approval of a change's clause that is carried out now. */
export function approvedCopies(
  { id: change, opened: proposed }: { readonly id: string; readonly opened: string },
  clause: CopiesClause,
  now: string,
): ApprovedCopies {
  const { officer, hours, downloads, sha256 } = clause;
  const ends = new Date(Date.parse(now) + Math.min(hours, MOST_COPY_HOURS) * 3_600_000).toISOString();
  return { change, officer, downloads, sha256, proposed, ends, left: downloads };
}

/** Whether this person may make the copies of this approval now; null: it has ended, or there is none. */
export function copiesChecks(copies: ApprovedCopies | null, person: string, now: string): Check[] {
  if (copies === null) return [check('copies-live', false, 'copies_ended')];
  return [
    check('own-copies', copies.officer === person, 'not_your_copies'),
    check('copies-live', now < copies.ends, 'copies_expired'),
  ];
}

/** Whether no restriction or withdrawal came after the proposal of the decision, which the people who approved may not know. */
export function unchangedCheck({ proposed }: Pick<ApprovedCopies, 'proposed'>, facts: Facts | null): Check {
  const narrowed = [facts?.restricted?.at, facts?.basis.withdrawn?.at];
  const isLater = (at: string | undefined) => at !== undefined && proposed !== undefined && at > proposed;
  return check('copies-live', !narrowed.some(isLater), 'copies_ended');
}

/** Whether another download may begin. */
export function downloadsCheck({ left, downloads }: Pick<ApprovedCopies, 'left' | 'downloads'>): Check {
  return check('downloads-left', left > 0, 'downloads_used', { detail: String(downloads) });
}
