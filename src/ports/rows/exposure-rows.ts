// What is read of rows to tell an exposure: recordings by the key their data keys are wrapped under, and whom they concern.
import type { Recording } from '../../model/recording.ts';

export type ExposureRows = {
  /** Deposits whose data key is wrapped under this key, by deposit id, after `after`, at most `limit`. */
  readonly wrappedUnder: (
    tenant: string,
    keyId: string,
    after: string,
    limit: number,
  ) => Promise<{ readonly deposit: string; readonly recording: string }[]>;
  /** Those of these recordings that there are; at most some hundreds at a time. */
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
