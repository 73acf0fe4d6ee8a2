// Rows of recordings and of the blind indexes that find them.
import type { IndexLabel } from '../../envelope/blind-index.ts';
import type { Recording, RecordingCursor } from '../../model/recording.ts';
import type { Changed, Found } from './versioned.ts';

/** One blind index of a recording. */
export type IndexValue = { readonly label: IndexLabel; readonly value: Uint8Array };

/** What a list is narrowed by. All given ones must hold. */
export type RecordingFilter = {
  readonly indexes: readonly IndexValue[];
  /** RFC 3339 UTC, first included, last not. */
  readonly from?: string;
  readonly to?: string;
};

export type RecordingRows = Found<Recording> & {
  readonly byNatural: (tenant: string, natural: Uint8Array) => Promise<Recording | null>;
  /** What may be listed: newest call first, at most `limit`. */
  readonly page: (
    tenant: string,
    filter: RecordingFilter,
    after: RecordingCursor | null,
    limit: number,
  ) => Promise<Recording[]>;
};

export type RecordingWrites = RecordingRows &
  Changed<Recording> & {
    /** As `byNatural`, held until the transaction ends. */
    readonly lockNatural: RecordingRows['byNatural'];
    /** Replaces the blind indexes of a recording. */
    readonly index: (tenant: string, recording: string, values: readonly IndexValue[]) => Promise<void>;
  };
