// Recordings and their columns.
import type { Recording } from '../../model/recording.ts';
import { flagColumn, isSet, listColumn, listIn, type Mapping } from './mapping.ts';

export type RecordingColumns = Omit<Recording, 'described' | 'quarantine'> & {
  readonly described: number;
  readonly quarantine: string;
};

export const recordings: Mapping<Recording, RecordingColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    state: columns.state,
    version: columns.version,
    created: columns.created,
    depositor: columns.depositor,
    described: isSet(columns.described),
    natural: columns.natural,
    startedAt: columns.startedAt,
    durationMs: columns.durationMs,
    direction: columns.direction,
    channels: columns.channels,
    language: columns.language,
    sensitivity: columns.sensitivity,
    retainUntil: columns.retainUntil,
    quarantine: listIn(columns.quarantine),
    facts: columns.facts,
  }),
  toColumns: (recording) => ({
    tenant: recording.tenant,
    id: recording.id,
    state: recording.state,
    version: recording.version,
    created: recording.created,
    depositor: recording.depositor,
    described: flagColumn(recording.described),
    natural: recording.natural,
    startedAt: recording.startedAt,
    durationMs: recording.durationMs,
    direction: recording.direction,
    channels: recording.channels,
    language: recording.language,
    sensitivity: recording.sensitivity,
    retainUntil: recording.retainUntil,
    quarantine: listColumn(recording.quarantine),
    facts: recording.facts,
  }),
};
