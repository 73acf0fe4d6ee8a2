// Reads for exposure reports: recordings by the key that wraps their data keys, and the people they concern.
import type { Recording } from '../../model/recording.ts';

/** Deposits by id, after `after`, at most `limit`, of those that began at or before `begun`. */
type WrappedPage = (
  tenant: string,
  keys: readonly string[],
  begun: string,
  after: string,
  limit: number,
) => Promise<{ readonly deposit: string; readonly recording: string }[]>;

export type ExposureRows = {
  /** Those whose data key is wrapped under one of these keys. */
  readonly wrappedUnder: WrappedPage;
  /** Those whose data key is wrapped under any other key. */
  readonly wrappedElsewhere: WrappedPage;
  /** Those of these recordings that exist; at most some hundreds at a time. */
  readonly recordings: (
    tenant: string,
    ids: readonly string[],
  ) => Promise<Pick<Recording, 'id' | 'state' | 'durationMs'>[]>;
  /** The blind indexes of these recordings' telephone numbers; at most some hundreds of recordings at a time. */
  readonly phones: (
    tenant: string,
    recordings: readonly string[],
  ) => Promise<{ readonly recording: string; readonly value: Uint8Array }[]>;
};
