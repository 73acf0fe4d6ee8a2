// Sealed details of events that are missing or changed although no erasure deleted them, or there although one did.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { idsOf, type Leaf } from '../../model/log/leaf.ts';
import type { Rows } from '../../ports/database.ts';
import { openDetail } from '../core/log-reading/open-detail.ts';

/** A detail that is missing, or there, by the index of its event. `differs`: it is not the one that its event names. */
export type DetailFault = { readonly index: number; readonly differs: boolean };

/** The stored details, by the indices of their events. `differs`: known only with the tenant's key. */
export type StoredDetails = ReadonlyMap<number, 'there' | 'differs'>;

/** The faults of details, as a log is read. */
export type DetailCheck = {
  /** Takes a page of the log in order, and its details that exist. */
  readonly add: (page: readonly Leaf[], stored: StoredDetails) => void;
  /** The first event of each recording, and each event about none, whose detail is missing or changed. */
  readonly missing: () => readonly DetailFault[];
  /** The first event of each erased recording that had a detail when it was read. It may have been erased since. */
  readonly kept: () => readonly number[];
};

/**
 * Follows a log. The details of a recording that was erased are missing rightly, whenever it was erased; so are those of
 * events that `log restore` reinserted.
 */
export function detailCheck(): DetailCheck {
  /** The first missing one by recording. Those about no recording have their own index as name. */
  const missing = new Map<string, DetailFault>();
  const first = new Map<string, number>();
  const kept = new Set<number>();
  const erased = new Set<string>();

  const add: DetailCheck['add'] = (page, stored) => {
    for (const { seq, detail, action, outcome, object } of page) {
      const recording = object.type === 'recording' ? object.id : object['recording'];
      if (outcome === 'ok' && (action === 'recording.erasing' || action === 'tombstone.replayed')) {
        for (const id of idsOf(object)) {
          erased.add(id);
          missing.delete(id);
          const seqOf = first.get(id);
          if (seqOf !== undefined) kept.add(seqOf);
          first.delete(id);
        }
      }
      if (action === 'log.restored') forgetFrom(missing, Number(object['from']));
      const found = stored.get(seq);
      const isErased = erased.has(String(recording));
      if (found !== undefined && recording !== undefined && !isErased && !first.has(String(recording)))
        first.set(String(recording), seq);
      if (detail === undefined || found === 'there' || isErased) continue;
      const name = recording === undefined ? `event ${seq}` : String(recording);
      if (!missing.has(name)) missing.set(name, { index: seq, differs: found === 'differs' });
    }
  };
  return {
    add,
    missing: () => [...missing.values()].sort((one, other) => one.index - other.index),
    kept: () => [...kept].sort((one, other) => one - other),
  };
}

function forgetFrom(missing: Map<string, DetailFault>, from: number): void {
  for (const [name, { index }] of missing) if (index >= from) missing.delete(name);
}

/** The details of these events that exist. Without the tenant's key, none of them differs. */
export async function storedDetails(
  rows: Pick<Rows, 'log'>,
  key: SecretKey | null,
  log: string,
  page: readonly Leaf[],
): Promise<StoredDetails> {
  const stored = await rows.log.details(
    log,
    page.flatMap(({ detail, seq }) => (detail === undefined ? [] : [seq])),
  );
  const leaves = new Map(page.map((leaf) => [leaf.seq, leaf]));
  return new Map(
    stored.flatMap(({ seq, salt, sealed }) => {
      if (salt === null || sealed === null) return [];
      const state = key === null ? null : openDetail(key, log, leaves.get(seq) ?? null, { salt, sealed }).detailState;
      return [[seq, state === 'differs' ? 'differs' : 'there'] as const];
    }),
  );
}
