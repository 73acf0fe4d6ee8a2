// The recordings of an exposure: state, duration and the telephone numbers involved.
import { hexOf } from '../../bytes/hex.ts';
import type { AffectedRecordings, ExposureWay } from '../../model/exposure.ts';
import { isErased } from '../../model/recording.ts';
import { groupBy } from '../core/group-by.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * A recording of an exposure. `subjects`: the blind indexes of its telephone numbers, in hex; empty once it is erased.
 */
export type ExposedRecording = {
  readonly recording: string;
  readonly ways: readonly ExposureWay[];
  readonly state: 'there' | 'erased' | 'unknown';
  readonly callSeconds: number | null;
  readonly subjects: readonly string[];
};

const BATCH = 500;
const BATCH_MS = 30_000;

/** Reads these recordings, in the order of their ids. */
export async function readExposedRecordings(
  vault: Pick<Vault, 'db' | 'clock'>,
  tenant: string,
  affected: AffectedRecordings,
  request: RequestContext,
): Promise<ExposedRecording[]> {
  const ids = [...affected.keys()].sort();
  const found: ExposedRecording[] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    const batch = ids.slice(at, at + BATCH);
    const { there, phones } = await vault.db.read(
      async (rows) => ({
        there: new Map((await rows.exposure.recordings(tenant, batch)).map((row) => [row.id, row])),
        phones: await rows.exposure.phones(tenant, batch),
      }),
      { ...request, signal: AbortSignal.any([request.signal, vault.clock.deadline(BATCH_MS)]) },
    );
    const subjects = groupBy(phones, ({ recording }) => recording);
    for (const recording of batch) {
      const row = there.get(recording);
      const erased = row !== undefined && isErased(row);
      found.push({
        recording,
        ways: [...(affected.get(recording) ?? [])].sort(),
        state: row === undefined ? 'unknown' : erased ? 'erased' : 'there',
        callSeconds: row?.durationMs == null ? null : Math.round(row.durationMs / 1000),
        subjects: erased ? [] : (subjects.get(recording) ?? []).map(({ value }) => hexOf(value)),
      });
    }
  }
  return found;
}
