// The recordings that events name, with the facts that distinguish calls.
import { isId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { Facts } from '../../model/facts.ts';
import type { Leaf } from '../../model/log/leaf.ts';
import { isErased, isHidden, type Recording } from '../../model/recording.ts';
import type { Rows } from '../../ports/database.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';

/** A recording with its opened facts. */
export type RecordingInLog = { readonly recording: Recording; readonly facts: Facts };

/** The ids of recordings in these leaves, each once. */
export function recordingIdsIn(leaves: readonly (Leaf | null)[]): string[] {
  const values = leaves.flatMap((leaf) => (leaf === null ? [] : Object.values(leaf.object)));
  return [...new Set(values.filter((value) => typeof value === 'string').filter((text) => isId(text, 'rec')))];
}

/**
 * Reads these recordings, without missing and erased ones, by id. One whose facts are not authentic is left out: the
 * events stay readable. Throws the database's errors.
 */
export async function readRecordingsInLog(
  rows: Pick<Rows, 'recordings'>,
  metadataKey: SecretKey,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecordingInLog>> {
  const found = ids.length === 0 ? [] : await rows.recordings.findMany(tenant, ids);
  const shown = found.filter((recording) => !isHidden(recording) && !isErased(recording));
  return new Map(
    shown.flatMap((recording) => {
      const facts = authenticFacts(metadataKey, recording);
      return facts === null ? [] : [[recording.id, { recording, facts }] as const];
    }),
  );
}

function authenticFacts(metadataKey: SecretKey, recording: Recording): Facts | null {
  try {
    return openRecordingFacts(metadataKey, recording);
  } catch (error) {
    if (!hasCode(error, 'integrity', 'malformed', 'format_unknown')) throw error;
    return null;
  }
}
