// The metadata of a recording, as shown to people who may know of it; never content.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Facts } from '../../../model/facts.ts';
import type { DepositSummary, RecordingSummary } from '../../../model/recording.ts';
import type { Rows } from '../../../ports/database.ts';
import { openRawFacts } from '../facts/raw-facts.ts';
import { groupBy } from '../group-by.ts';

/** What the API shows of a recording. */
export type RecordingView = {
  readonly recording: RecordingSummary;
  readonly facts: Facts | null;
  readonly quarantine: readonly string[];
  readonly objects: readonly { readonly name: string; readonly deposit: string; readonly verifiedAt: string | null }[];
};

/** The facts of a recording; null once it is erased. */
export function openRecordingFacts(
  metadataKey: SecretKey,
  recording: Pick<RecordingSummary, 'tenant' | 'id' | 'facts'>,
): Facts | null {
  if (recording.facts === null) return null;
  return openRawFacts(metadataKey, recording, recording.facts) as unknown as Facts;
}

/** The views of these recordings by id, in two queries. */
export async function recordingViewsById(
  rows: Pick<Rows, 'recordings' | 'deposits'>,
  metadataKey: SecretKey,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecordingView>> {
  const views = await recordingViews(rows, metadataKey, await rows.recordings.findMany(tenant, [...new Set(ids)]));
  return new Map(views.map((view) => [view.recording.id, view]));
}

/** The views of recordings whose rows were read already, in the same order, in one query. */
export async function recordingViews(
  rows: Pick<Rows, 'deposits'>,
  metadataKey: SecretKey,
  recordings: readonly RecordingSummary[],
): Promise<RecordingView[]> {
  const [first] = recordings;
  if (first === undefined) return [];
  const ids = recordings.map(({ id }) => id);
  const deposits = groupBy(await rows.deposits.availableOf(first.tenant, ids), ({ recording }) => recording);
  return recordings.map((recording) => recordingView(metadataKey, recording, deposits.get(recording.id) ?? []));
}

/** The view of a recording with its AVAILABLE deposits. */
export function recordingView(
  metadataKey: SecretKey,
  recording: RecordingSummary,
  deposits: readonly DepositSummary[],
): RecordingView {
  return {
    recording,
    facts: openRecordingFacts(metadataKey, recording),
    quarantine: recording.quarantine,
    objects: deposits.map(({ object, id, verifiedAt }) => ({ name: object, deposit: id, verifiedAt })),
  };
}
