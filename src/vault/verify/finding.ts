// The findings of verification, and which of them mean that a recording is damaged.
import type { VerifyFinding } from '../../model/log/events-of-keys.ts';
import type { LoggedKind } from '../../model/log/rows-by-log.ts';
import { PEAKS } from '../../model/peaks.ts';

export type FindingKind = VerifyFinding;

/** Faults of a deposit's blob; `blob_behind` is an authentic sealing other than the committed one. */
export type BlobKind = Extract<FindingKind, `blob_${'missing' | 'size' | 'damaged' | 'swapped' | 'behind'}`>;

/** Faults of its envelope. `row_behind`: the envelope's key is newer than the row's. */
export type EnvelopeKind =
  | Extract<FindingKind, `envelope_${'missing' | 'damaged' | 'swapped' | 'differs' | 'behind'}`>
  | 'row_behind';

/** One fault, by opaque ids. `why` distinguishes causes of the same kind. */
export type Finding = {
  readonly kind: FindingKind;
  readonly tenant: string;
  readonly recording?: string;
  readonly deposit?: string;
  readonly object?: string;
  readonly path?: string;
  /** Of an amendment entry: whose stream it is in, and its number there. */
  readonly subject?: string;
  readonly n?: number;
  /** Of a row that gives access or leads to it, or that finds an event (`index`) about one: its table. `subject` is its id. */
  readonly row?: LoggedKind | 'audit_subject' | 'change';
  /** Of the log: the event. */
  readonly index?: number;
  readonly why?: string;
};

const DAMAGE_KINDS: ReadonlySet<FindingKind> = new Set<FindingKind>([
  ...(['blob_missing', 'blob_size', 'blob_damaged', 'blob_swapped', 'blob_behind'] as const),
  'row_incomplete',
  // The database has other changes than the store: its facts are not those that were acknowledged.
  ...(['amendment_forked', 'amendment_without_row', 'amendment_behind', 'amendment_differs'] as const),
  'facts_differ',
  'not_erased',
]);

/**
 * Whether the recording can no longer be played as it was deposited, since the row's key does not open this blob, or its
 * facts are in doubt, since the rows of its changes are not the ones that were written.
 */
export function isDamage({ kind, object, why }: Finding): boolean {
  // A call plays as deposited even without its peaks.
  return (DAMAGE_KINDS.has(kind) || (kind === 'amendment_damaged' && why === 'row')) && object !== PEAKS;
}

/**
 * Whether a recording in quarantine stays there: it is damaged, or the store has entries behind its rows that cannot be
 * applied. That alone quarantines none: anyone who can write the bucket could do it.
 */
export function keepsQuarantine(finding: Finding): boolean {
  return isDamage(finding) || finding.why === 'ahead';
}
