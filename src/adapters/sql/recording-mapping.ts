// Recordings and their columns.
import type { Recording, RecordingSummary } from '../../model/recording.ts';
import { flagColumn, isSet, listColumn, listIn, type Mapping } from './mapping.ts';

export type RecordingColumns = Omit<Recording, 'described' | 'quarantine' | 'differs'> & {
  readonly described: number;
  readonly differs: string;
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
    queue: columns.queue,
    keepUntil: columns.keepUntil,
    eraseAfter: columns.eraseAfter,
    ruled: columns.ruled,
    profile: columns.profile,
    restricted: columns.restricted,
    holds: columns.holds,
    source: columns.source,
    listedAt: columns.listedAt,
    expectedMs: columns.expectedMs,
    listed: columns.listed,
    differs: listIn(columns.differs),
    audioDue: columns.audioDue,
    missingAt: columns.missingAt,
    delayS: columns.delayS,
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
    queue: recording.queue,
    keepUntil: recording.keepUntil,
    eraseAfter: recording.eraseAfter,
    ruled: recording.ruled,
    profile: recording.profile,
    restricted: recording.restricted,
    holds: recording.holds,
    source: recording.source,
    listedAt: recording.listedAt,
    expectedMs: recording.expectedMs,
    listed: recording.listed,
    differs: listColumn(recording.differs),
    audioDue: recording.audioDue,
    missingAt: recording.missingAt,
    delayS: recording.delayS,
    quarantine: listColumn(recording.quarantine),
    facts: recording.facts,
  }),
};

/** The columns of a summary. */
export const SUMMARY_COLUMNS = [
  ...(['tenant', 'id', 'state', 'startedAt', 'durationMs', 'direction'] as const),
  ...(['channels', 'language', 'sensitivity', 'quarantine', 'facts'] as const),
] as const satisfies readonly (keyof RecordingSummary)[];

/** The summary in its columns. */
export function summaryOf(columns: Pick<RecordingColumns, (typeof SUMMARY_COLUMNS)[number]>): RecordingSummary {
  return { ...columns, quarantine: listIn(columns.quarantine) };
}
