// What verification can find, each kind by its name, and of which of them a recording is damaged.
import type { VerifyFinding } from '../../model/log/events-of-keys.ts';
import { PEAKS } from '../../model/peaks.ts';

export type FindingKind = VerifyFinding;

/** Kinds of what is wrong with a deposit's blob; `blob_behind` is an authentic sealing other than the committed one. */
export type BlobKind = Extract<FindingKind, `blob_${'missing' | 'size' | 'damaged' | 'swapped' | 'behind'}`>;

/** Kinds of what is wrong with its envelope. `row_behind`: the envelope's key is newer than the row's. */
export type EnvelopeKind =
  | Extract<FindingKind, `envelope_${'missing' | 'damaged' | 'swapped' | 'differs' | 'behind'}`>
  | 'row_behind';

/** One thing that is wrong, by opaque ids. `why` says more where the kind leaves two readings open. */
export type Finding = {
  readonly kind: FindingKind;
  readonly tenant: string;
  readonly recording?: string;
  readonly deposit?: string;
  readonly object?: string;
  readonly path?: string;
  readonly why?: string;
};

const DAMAGE_KINDS: ReadonlySet<FindingKind> = new Set<FindingKind>([
  ...(['blob_missing', 'blob_size', 'blob_damaged', 'blob_swapped', 'blob_behind'] as const),
  'row_incomplete',
]);

/** Whether the recording cannot be listened to as it was deposited: the row's key over this blob does not open it. */
export function isDamage({ kind, object }: Finding): boolean {
  // Without its peaks a call is heard as it was deposited.
  return DAMAGE_KINDS.has(kind) && object !== PEAKS;
}
