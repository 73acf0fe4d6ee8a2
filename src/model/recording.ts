// A recording, its deposits and objects: rows, states, and who may listen in which state.
import type { KeyReference } from './tenant.ts';

export type RecordingState = 'EXPECTED' | 'AVAILABLE' | 'ERASING' | 'ERASED';
export type DepositState = 'UPLOADING' | 'COMMITTING' | 'AVAILABLE' | 'ABORTING' | 'ABORTED';

/** Why a recording is in quarantine: it has no legal basis, what is stored of it is damaged, or its row was rebuilt. */
export type QuarantineReason = 'basis' | 'integrity' | 'rebuilt';
export type Quarantine = readonly QuarantineReason[];

/**
 * The depositor of a recording whose row was restored from the store. No principal has this id, so no uploader can
 * deposit the call again.
 */
export const UNKNOWN_PRINCIPAL = 'rebuilt';

/** What a call list and the facts of a call can disagree on. */
export const DIFFERING = ['agent', 'queue', 'direction', 'start'] as const;
export type Differing = (typeof DIFFERING)[number];

/** A recording's row: one call leg. */
export type Recording = {
  readonly tenant: string;
  readonly id: string;
  readonly state: RecordingState;
  readonly version: number;
  readonly created: string;
  /** The principal that described or first deposited it; empty while it has only been amended. */
  readonly depositor: string;
  /** True where it was described separately (two-step form): lists show it even while it is empty. */
  readonly described: boolean;
  /** Blind index of (source, call id, leg). */
  readonly natural: Uint8Array;
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly direction: string | null;
  readonly channels: number | null;
  readonly language: string | null;
  readonly sensitivity: string;
  readonly retainUntil: string | null;
  /** Blind index of the call's queue, empty for none. Null until it is filled, and once erased: in no team's scope. */
  readonly queue: Uint8Array | null;
  /** Until when rules or `retain_until` keep it; `FOR_EVER` without an end, null for no minimum. It only finds candidates. */
  readonly keepUntil: string | null;
  /** When it expires, unless something keeps it longer; null for never. It only finds candidates: facts are evaluated again. */
  readonly eraseAfter: string | null;
  /** The version of the retention rules that these two come from; null before any. */
  readonly ruled: string | null;
  /** Blind index of what retention rules look at; null before any. */
  readonly profile: Uint8Array | null;
  /** When it was restricted; null while it is not. */
  readonly restricted: string | null;
  /** How many holds it is in. */
  readonly holds: number;
  /** The source of its call in clear, by which completeness is counted. Null until it is filled, and once erased. */
  readonly source: string | null;
  /** When a call list named it last with other values; null where none says that it must be recorded. */
  readonly listedAt: string | null;
  /** The length that the list says. */
  readonly expectedMs: number | null;
  /** What the list says and facts can differ from, sealed. */
  readonly listed: Uint8Array | null;
  /** What differs between list and facts. */
  readonly differs: readonly Differing[];
  /** Until when its audio may arrive before the call is missing; null where it is not listed. */
  readonly audioDue: string | null;
  /** When it was reported missing. */
  readonly missingAt: string | null;
  /** Whole seconds from the end of the call until its audio was stored; null without audio. */
  readonly delayS: number | null;
  /** Sorted reasons. While there is one, no role may listen (except `privacy` under `basis` alone). */
  readonly quarantine: Quarantine;
  /** The facts, sealed; null once erased. */
  readonly facts: Uint8Array | null;
};

/** The columns of a recording whose lifetime no rule, hold or restriction has touched. */
export const NO_LIFETIME = {
  keepUntil: null,
  eraseAfter: null,
  ruled: null,
  profile: null,
  restricted: null,
  holds: 0,
} as const satisfies Partial<Recording>;

/** The columns of a recording that no call list names. */
export const NOT_LISTED = {
  listedAt: null,
  expectedMs: null,
  listed: null,
  differs: [],
  audioDue: null,
  missingAt: null,
} as const satisfies Partial<Recording>;

/** The part of a recording's row that lists show. */
export type RecordingSummary = Pick<
  Recording,
  | ('tenant' | 'id' | 'state' | 'startedAt' | 'durationMs' | 'direction')
  | ('channels' | 'language' | 'sensitivity' | 'quarantine' | 'facts')
>;

/** Cursor of a page of recordings: after this recording, newest first. */
export type RecordingCursor = { readonly startedAt: string; readonly id: string };

/** A process's lease on a deposit, and when it ends. */
export type Lease = { readonly owner: string; readonly until: string };

/** A deposit's row: the upload of one object and its state machine. */
export type Deposit = {
  readonly tenant: string;
  readonly id: string;
  readonly recording: string;
  /** Name of the uploaded object. */
  readonly object: string;
  readonly state: DepositState;
  readonly version: number;
  /** Operation nonce of all its store writes. */
  readonly op: string;
  readonly principal: string;
  readonly created: string;
  readonly uploadId: string | null;
  /** Null where no process works on it. */
  readonly lease: Lease | null;
  /** The final envelope's bytes while COMMITTING; once AVAILABLE, only the envelope in the store counts. */
  readonly envelope: Uint8Array | null;
  /** SHA-256 of the plaintext, sealed, from COMMITTING on. */
  readonly digest: Uint8Array | null;
  /** When it became COMMITTING, kept when it is aborted: its envelope may have sealed the recording's facts. */
  readonly committed: string | null;
  /** When all stored bytes were last opened and compared. */
  readonly verifiedAt: string | null;
};

/** The part of a deposit's row that lists show. */
export type DepositSummary = Pick<Deposit, 'id' | 'recording' | 'object' | 'verifiedAt'>;

/** A deposit's wrapped data key: a narrow, separate row, so that erasing it leaves little behind. */
export type WrappedKeyRow = {
  readonly tenant: string;
  readonly deposit: string;
  readonly scheme: KeyReference['scheme'] | 'tenant-kek';
  readonly keyId: string;
  readonly wrap: number;
  readonly wrapped: Uint8Array;
  /** The wrap generation in the deposit's last written envelope; null before COMMITTING. */
  readonly envelopeWrap: number | null;
};

/** A tenant KEK: wraps the data keys of volume mode, and is wrapped under the tenant's key. */
export type TenantKekRow = {
  readonly tenant: string;
  /** `tenant-kek/<uuid>`: the key id in the data keys that it wraps. */
  readonly id: string;
  readonly created: string;
  /** The wrap generation it was created for; one per generation. */
  readonly wrap: number;
  readonly scheme: KeyReference['scheme'];
  readonly keyId: string;
  readonly wrapped: Uint8Array;
};

/** An object's row: one stored object of a deposit. */
export type ObjectRow = {
  readonly tenant: string;
  readonly id: string;
  readonly deposit: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sealed: number;
  readonly parts: number;
  readonly heads: Uint8Array;
};

/** A stored part's row, kept with its header for objects with several parts. */
export type PartRow = {
  readonly tenant: string;
  readonly deposit: string;
  readonly number: number;
  readonly size: number;
  /** The store's receipt, needed to complete the upload. */
  readonly receipt: string;
  readonly header: Uint8Array;
};

/** Whether to hide a recording: a one-step upload created it and never stored anything. Lists apply the same rule in SQL. */
export function isHidden(recording: Pick<Recording, 'state' | 'described'>): boolean {
  return recording.state === 'EXPECTED' && !recording.described;
}

/** Whether no principal has described or deposited the call yet: any uploader may. */
export function isUnowned({ depositor }: Pick<Recording, 'depositor'>): boolean {
  return depositor === '';
}

/** Adds a reason to a quarantine, which stays sorted and without duplicates. */
export function addQuarantineReason(quarantine: Quarantine, reason: QuarantineReason): Quarantine {
  return [...new Set([...quarantine, reason])].sort();
}

/** Removes a reason from a quarantine. */
export function removeQuarantineReason(quarantine: Quarantine, reason: QuarantineReason): Quarantine {
  return quarantine.filter((one) => one !== reason);
}

/** Whether a recording is erased or being erased: it can no longer be opened. */
export function isErased({ state }: Pick<Recording, 'state'>): boolean {
  return state === 'ERASING' || state === 'ERASED';
}

/** Whether a person with these roles may listen under this quarantine. */
export function quarantineAllows(quarantine: Quarantine, roles: readonly string[]): boolean {
  if (quarantine.length === 0) return true;
  return quarantine.every((reason) => reason === 'basis') && roles.includes('privacy');
}
