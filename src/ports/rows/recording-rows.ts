// Rows of recordings and of the blind indexes that find them.
import type { IndexLabel } from '../../envelope/blind-index.ts';
import type { Recording, RecordingCursor } from '../../model/recording.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

/** One blind index of a recording. */
export type IndexValue = { readonly label: IndexLabel; readonly value: Uint8Array };

/** What a list is narrowed by. All given ones must hold. */
export type RecordingFilter = {
  readonly indexes: readonly IndexValue[];
  /** RFC 3339 UTC, first included, last not. */
  readonly from?: string;
  readonly to?: string;
  readonly direction?: string;
  /** Lengths of a call, both included; one whose length nobody knows is left out. */
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly language?: string;
  readonly state?: RecordingStateFilter;
  readonly mine?: OwnAccessFilter;
};

/** States as lists are narrowed by them: erased is also what is being erased, quarantined what is there and kept back. */
export type RecordingStateFilter = 'expected' | 'available' | 'quarantined' | 'erased';

/** A person's own standing: `listen` on a live grant, `pending` on an open request, `over` on neither of them any more. */
export type OwnAccessFilter = {
  readonly person: string;
  readonly access: 'listen' | 'pending' | 'over';
  readonly now: string;
};

export type RecordingRows = FindableRows<Recording> & {
  readonly byNatural: (tenant: string, natural: Uint8Array) => Promise<Recording | null>;
  /** Those of these recordings that there are; at most some hundreds at a time. */
  readonly findMany: (tenant: string, ids: readonly string[]) => Promise<Recording[]>;
  /** What may be listed: newest call first, at most `limit`. */
  readonly page: (
    tenant: string,
    filter: RecordingFilter,
    after: RecordingCursor | null,
    limit: number,
  ) => Promise<Recording[]>;
  /** For each value there is under a label, the first recording that has it: at most `limit`, in no order. */
  readonly onePerValue: (tenant: string, label: IndexLabel, limit: number) => Promise<string[]>;
};

export type RecordingWrites = RecordingRows &
  ChangeableRows<Recording> & {
    /** As `byNatural`, held until the transaction ends. */
    readonly lockNatural: RecordingRows['byNatural'];
    /** Replaces the blind indexes of a recording. */
    readonly index: (tenant: string, recording: string, values: readonly IndexValue[]) => Promise<void>;
  };
