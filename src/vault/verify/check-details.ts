// Sealed details of events that are missing although no erasure deleted them.
import type { Leaf } from '../../model/log/leaf.ts';
import type { Rows } from '../../ports/database.ts';

/** The details that are missing, as a log is read. */
export type MissingDetails = {
  /** Takes a page of the log in order, and the indices of its details that exist. */
  readonly add: (page: readonly Leaf[], present: ReadonlySet<number>) => void;
  /** The first event of each recording, and each event about none, whose detail is missing. */
  readonly indices: () => readonly number[];
};

/**
 * Follows a log. The details of a recording that was erased are missing rightly, whenever it was erased; so are those of
 * events that `log restore` reinserted.
 */
export function missingDetails(): MissingDetails {
  /** The first missing one by recording. Those about no recording have their own index as name. */
  const missing = new Map<string, number>();
  const erased = new Set<string>();

  const add: MissingDetails['add'] = (page, present) => {
    for (const { seq, detail, action, outcome, object } of page) {
      const recording = object.type === 'recording' ? object.id : object['recording'];
      if (outcome === 'ok' && (action === 'recording.erasing' || action === 'tombstone.replayed')) {
        erased.add(object.id);
        missing.delete(object.id);
      }
      if (action === 'log.restored') forgetFrom(missing, Number(object['from']));
      if (detail === undefined || present.has(seq) || erased.has(String(recording))) continue;
      const name = recording === undefined ? `event ${seq}` : String(recording);
      if (!missing.has(name)) missing.set(name, seq);
    }
  };
  return { add, indices: () => [...missing.values()].sort((one, other) => one - other) };
}

function forgetFrom(missing: Map<string, number>, from: number): void {
  for (const [name, seq] of missing) if (seq >= from) missing.delete(name);
}

/** The indices of the details of these events that exist. */
export async function presentDetails(
  rows: Pick<Rows, 'log'>,
  log: string,
  page: readonly Leaf[],
): Promise<ReadonlySet<number>> {
  const stored = await rows.log.details(
    log,
    page.flatMap(({ detail, seq }) => (detail === undefined ? [] : [seq])),
  );
  return new Set(stored.flatMap(({ seq, salt, sealed }) => (salt === null || sealed === null ? [] : [seq])));
}
