// Legal holds and their recordings, and the columns of both.
import type { HeldRecording, Hold } from '../../model/hold.ts';
import { flagColumn, isSet, type Mapping } from './mapping.ts';

export type HoldColumns = Omit<Hold, 'continuing' | 'damaged' | 'settled'> & {
  readonly continuing: number;
  readonly damaged: number;
  readonly settled: number;
};

export type HeldColumns = Omit<HeldRecording, 'lifted'> & { readonly lifted: number };

export const holds: Mapping<Hold, HoldColumns> = {
  toNoun: (columns) => ({
    ...columns,
    continuing: isSet(columns.continuing),
    damaged: isSet(columns.damaged),
    settled: isSet(columns.settled),
  }),
  toColumns: (hold) => ({
    tenant: hold.tenant,
    id: hold.id,
    state: hold.state,
    version: hold.version,
    created: hold.created,
    note: hold.note,
    scope: hold.scope,
    continuing: flagColumn(hold.continuing),
    review: hold.review,
    placedBy: hold.placedBy,
    lifted: hold.lifted,
    liftedBy: hold.liftedBy,
    damaged: flagColumn(hold.damaged),
    reached: hold.reached,
    settled: flagColumn(hold.settled),
  }),
};

export const heldRecordings: Mapping<HeldRecording, HeldColumns> = {
  toNoun: (columns) => ({ ...columns, lifted: isSet(columns.lifted) }),
  toColumns: (row) => ({
    tenant: row.tenant,
    hold: row.hold,
    recording: row.recording,
    covered: row.covered,
    lifted: flagColumn(row.lifted),
  }),
};
