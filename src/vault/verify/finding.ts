// What verification can find, each kind by its name, and of which of them a recording is damaged.
import { PEAKS } from '../../model/peaks.ts';

/** Kinds of what is wrong with a deposit's blob; `blob_behind` is an authentic sealing other than the committed one. */
export type BlobKind = 'blob_missing' | 'blob_size' | 'blob_damaged' | 'blob_swapped' | 'blob_behind';

/** Kinds of what is wrong with its envelope. `row_behind`: the envelope's key is newer than the row's. */
export type EnvelopeKind =
  | 'envelope_missing'
  | 'envelope_damaged'
  | 'envelope_swapped'
  | 'envelope_differs'
  | 'envelope_behind'
  | 'row_behind';

export type FindingKind =
  | BlobKind
  | EnvelopeKind
  | 'blob_unknown'
  | 'envelope_unknown'
  | 'key_refused'
  | 'row_incomplete'
  | 'tenant_blob_missing'
  | 'tenant_blob_damaged'
  | 'tenant_blob_swapped'
  | 'tenant_blob_differs'
  | 'tenant_blob_behind'
  | 'tenant_row_behind'
  | 'tenant_key_refused'
  | 'tenant_kek_missing'
  | 'tenant_kek_damaged'
  | 'tenant_kek_differs';

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
