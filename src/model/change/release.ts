// Releasing rebuilt recordings: the change's body, what of each recording decides, and the preview.
import { isErased, type Recording, removeQuarantineReason, UNKNOWN_PRINCIPAL } from '../recording.ts';

/** Takes recordings out of the quarantine `rebuilt`: those named, or all that have it. `depositor` deposits them from then on. */
export type ReleaseBody = {
  readonly v: 1;
  readonly kind: 'release';
  readonly depositor: string;
  readonly recordings?: readonly string[];
};

/** Maximum number of recordings that a release names. */
export const MAX_RELEASED = 200;

/**
 * Why a recording stays: what is stored of it does not open, its later changes are not whole, it was erased, or it is not
 * in this quarantine.
 */
export const STAY_REASONS = ['integrity', 'changes', 'erased', 'not-rebuilt'] as const;
export type StayReason = (typeof STAY_REASONS)[number];

/** A recording that stays as it is. */
export type Staying = { readonly recording: string; readonly reason: StayReason };

/**
 * What a release would do, as counted when it was proposed. `without_basis` of the released ones stay in the quarantine
 * `basis`. `listed` are the first of those that stay.
 */
export type ReleasePreview = {
  readonly at: string;
  readonly released: number;
  readonly without_basis: number;
  readonly stays: { readonly [reason in StayReason]?: number };
  readonly listed: readonly Staying[];
};

/** Maximum number of recordings that a preview lists. */
export const MAX_LISTED = 100;

/** Why a recording's row keeps it in quarantine; null where only its changes can. */
export function reasonToStay(recording: Recording): StayReason | null {
  if (isErased(recording)) return 'erased';
  if (!recording.quarantine.includes('rebuilt')) return 'not-rebuilt';
  return recording.quarantine.includes('integrity') ? 'integrity' : null;
}

/** The columns of a released recording. One that the database knew before keeps its depositor. */
export function releasedColumns(
  { quarantine, depositor: before }: Recording,
  depositor: string,
): Pick<Recording, 'quarantine' | 'depositor'> {
  return {
    quarantine: removeQuarantineReason(quarantine, 'rebuilt'),
    depositor: before === UNKNOWN_PRINCIPAL ? depositor : before,
  };
}
