// What a recording's blind indexes and its source lack, and what they have that they must not have.
import { hasCode } from '../../errors.ts';
import type { IndexedRecording } from '../../ports/rows/index-rows.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { indexesOf } from '../core/facts/indexes.ts';
import { clearColumnsOf, openRawFacts } from '../core/facts/raw-facts.ts';
import type { LockedRecording } from '../core/facts/store-facts.ts';
import type { Vault } from '../core/vault.ts';

/** Whose indexes, by which settings. */
export type IndexOwner = Pick<LockedRecording, 'tenant' | 'metadataKey'>;

/** Indexes to add and to remove, and the source to set; null where it is right. `error`: the facts do not open, so that nothing is added. */
export type IndexChanges = {
  readonly add: readonly IndexValue[];
  readonly remove: readonly IndexValue[];
  readonly source: string | null;
  readonly error?: unknown;
};

/**
 * What brings a recording's indexes to its tenant's current settings. An erased one has none. One whose facts do not open
 * keeps its own, except those of fields that are no longer searchable.
 */
export function indexChanges(
  vault: Pick<Vault, 'phones'>,
  { tenant, metadataKey }: IndexOwner,
  recording: IndexedRecording,
  stored: readonly IndexValue[],
): IndexChanges {
  const { facts } = recording;
  if (facts === null) return { add: [], remove: stored, source: null };
  let wanted: readonly IndexValue[];
  let source: string | null;
  try {
    const opened = openRawFacts(metadataKey, recording, facts);
    wanted = indexesOf(metadataKey, vault.phones, opened, tenant);
    ({ source } = clearColumnsOf(opened, recording.startedAt));
  } catch (error) {
    if (!hasCode(error, 'integrity', 'malformed')) throw error;
    const fields = new Set<string>(tenant.searchable.map((name) => `field:${name}`));
    return {
      add: [],
      remove: stored.filter(({ label }) => label.startsWith('field:') && !fields.has(label)),
      source: null,
      error,
    };
  }
  const [has, must] = [new Set(stored.map(textOf)), new Set(wanted.map(textOf))];
  return {
    add: wanted.filter((one) => !has.has(textOf(one))),
    remove: stored.filter((one) => !must.has(textOf(one))),
    source: source === recording.source ? null : source,
  };
}

/** Whether there is nothing to write. */
export function areNone({ add, remove, source }: IndexChanges): boolean {
  return add.length === 0 && remove.length === 0 && source === null;
}

function textOf({ label, value }: IndexValue): string {
  return `${label} ${Buffer.from(value).toString('base64')}`;
}
