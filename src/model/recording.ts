// A recording, its deposits and objects: the nouns, their states, and who may listen while in which.
import type { KeyReference } from './tenant.ts';

export type RecordingState = 'EXPECTED' | 'AVAILABLE' | 'ERASING' | 'ERASED';
export type DepositState = 'UPLOADING' | 'COMMITTING' | 'AVAILABLE' | 'ABORTING' | 'ABORTED';

/** Why a recording is in quarantine: it has no legal basis, what is stored of it is damaged, or its row was rebuilt. */
export type QuarantineReason = 'basis' | 'integrity' | 'rebuilt';
export type Quarantine = readonly QuarantineReason[];

/** A recording's row: one call leg. */
export type Recording = {
  readonly tenant: string;
  readonly id: string;
  readonly state: RecordingState;
  readonly version: number;
  readonly created: string;
  /** The principal that described or first deposited it. */
  readonly depositor: string;
  /** True where it was described by itself (two-step form): listed even before anything is in it. */
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
  /** Sorted, each once; nobody listens until there is none (save `privacy` under `basis` alone). */
  readonly quarantine: Quarantine;
  /** The facts, sealed; null once erased. */
  readonly facts: Uint8Array | null;
};

/** Where the next page begins: after this recording, in the order of newest first. */
export type RecordingCursor = { readonly startedAt: string; readonly id: string };

/** A process's hold on a deposit, and until when it counts. */
export type Lease = { readonly owner: string; readonly until: string };

/** A deposit's row: the putting in of one object, and the upload machine. */
export type Deposit = {
  readonly tenant: string;
  readonly id: string;
  readonly recording: string;
  /** Name of the object it brings. */
  readonly object: string;
  readonly state: DepositState;
  readonly version: number;
  /** Operation nonce of every store write for it. */
  readonly op: string;
  readonly principal: string;
  readonly created: string;
  readonly uploadId: string | null;
  /** Null where no process works on it. */
  readonly lease: Lease | null;
  /** The finished envelope's bytes while COMMITTING: once it is AVAILABLE, the one in the store counts. */
  readonly envelope: Uint8Array | null;
  /** SHA-256 of the plaintext, sealed, from COMMITTING on. */
  readonly digest: Uint8Array | null;
  /** When all of it was last opened and compared. */
  readonly verifiedAt: string | null;
};

/** A deposit's wrapped data key: a narrow row of its own, so that erasing it leaves little behind. */
export type WrappedKeyRow = {
  readonly tenant: string;
  readonly deposit: string;
  readonly scheme: KeyReference['scheme'] | 'tenant-kek';
  readonly keyId: string;
  readonly wrap: number;
  readonly wrapped: Uint8Array;
  /** The wrap generation that the deposit's envelope was last written with; null before COMMITTING. */
  readonly envelopeWrap: number | null;
};

/** A tenant KEK: under it the data keys of volume mode are wrapped, and it is wrapped under the tenant's key. */
export type TenantKekRow = {
  readonly tenant: string;
  /** `tenant-kek/<uuid>`: what the data keys under it name as their key. */
  readonly id: string;
  readonly created: string;
  /** The wrap generation it was made for; one a generation. */
  readonly wrap: number;
  readonly scheme: KeyReference['scheme'];
  readonly keyId: string;
  readonly wrapped: Uint8Array;
};

/** An object's row: what a deposit brought, as it is stored. */
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

/** A stored part's row, kept with its header for objects of several parts. */
export type PartRow = {
  readonly tenant: string;
  readonly deposit: string;
  readonly number: number;
  readonly size: number;
  /** What the store answered for it; given back at completion. */
  readonly receipt: string;
  readonly header: Uint8Array;
};

/** Whether nobody is to know of a recording: one-line ingest made it and nothing was ever in it. Lists leave it out in SQL. */
export function isHidden(recording: Pick<Recording, 'state' | 'described'>): boolean {
  return recording.state === 'EXPECTED' && !recording.described;
}

/** The quarantine with one more reason: sorted, each once. */
export function addQuarantineReason(quarantine: Quarantine, reason: QuarantineReason): Quarantine {
  return [...new Set([...quarantine, reason])].sort();
}

/** The quarantine without a reason. */
export function removeQuarantineReason(quarantine: Quarantine, reason: QuarantineReason): Quarantine {
  return quarantine.filter((one) => one !== reason);
}

/** Whether a recording is erased, or as good as: nothing opens it any more. */
export function isErased({ state }: Pick<Recording, 'state'>): boolean {
  return state === 'ERASING' || state === 'ERASED';
}

/** Whether someone with these roles may listen while the quarantine is this. */
export function quarantineAllows(quarantine: Quarantine, roles: readonly string[]): boolean {
  if (quarantine.length === 0) return true;
  return quarantine.every((reason) => reason === 'basis') && roles.includes('privacy');
}
