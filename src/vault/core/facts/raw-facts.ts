// A recording's facts as JSON, and the clear columns that follow from them.
import { canonicalBytes, type Json, parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import { isObject } from '../../../bytes/json-object.ts';
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import { MAX_GIVEN_FACTS } from '../../../envelope/facts.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import { addQuarantineReason, type Quarantine, removeQuarantineReason } from '../../../model/recording.ts';

/** Facts with any members, also those of a later version. */
export type RawFacts = Readonly<Record<string, Json>>;

type FactsColumn = { readonly tenant: string; readonly id: string };

/** Throws `metadata_invalid` where facts that someone sets leave no room for what the vault adds. */
export function requireRoom(facts: RawFacts): void {
  withRoom(facts);
}

/** The bytes of facts. Throws as `requireRoom`. */
function withRoom(facts: RawFacts): Buffer {
  const bytes = canonicalBytes(facts);
  if (bytes.length > MAX_GIVEN_FACTS) throw new VaultError('metadata_invalid', 'the metadata is too long');
  return bytes;
}

/** The sealed facts of a recording's row. */
export function sealRawFacts(metadataKey: SecretKey, { tenant, id }: FactsColumn, facts: RawFacts): Buffer {
  return sealColumn(metadataKey, { tenant, row: id, column: 'facts' }, canonicalBytes(facts));
}

/** The same of facts that someone sets. Throws as `requireRoom`. */
export function sealGivenFacts(metadataKey: SecretKey, { tenant, id }: FactsColumn, facts: RawFacts): Buffer {
  return sealColumn(metadataKey, { tenant, row: id, column: 'facts' }, withRoom(facts));
}

/** The facts of a recording's row. Throws `integrity`. */
export function openRawFacts(metadataKey: SecretKey, { tenant, id }: FactsColumn, sealed: Uint8Array): RawFacts {
  return parseCanonicalObject(openColumn(metadataKey, { tenant, row: id, column: 'facts' }, sealed));
}

/** The clear columns of facts that people and platforms set; `begun` is used where they do not say when the call began. */
export function clearColumnsOf(facts: RawFacts, begun: string) {
  const text = (name: string): string | null => {
    const value = facts[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    source: text('source'),
    startedAt: text('started_at') ?? begun,
    direction: text('direction'),
    language: text('language'),
    sensitivity: text('sensitivity') ?? 'normal',
    retainUntil: text('retain_until'),
    restricted: restrictedIn(facts),
  };
}

/** The events of a call and their times. */
export function eventsIn(facts: RawFacts): Readonly<Record<string, string>> {
  return membersOf(facts['events']) as Readonly<Record<string, string>>;
}

/** When the recording was restricted; null where it is not. */
function restrictedIn(facts: RawFacts): string | null {
  const { at } = membersOf(facts['restricted']);
  return typeof at === 'string' ? at : null;
}

/** The quarantine after facts have changed: a call without legal basis is in it; other reasons stay. */
export function quarantineOf(facts: RawFacts, before: Quarantine): Quarantine {
  const lacksBasis = membersOf(facts['basis'])['kind'] === 'none';
  return lacksBasis ? addQuarantineReason(before, 'basis') : removeQuarantineReason(before, 'basis');
}

/** The members of a value; none where it is no object. */
export function membersOf(value: Json | undefined): RawFacts {
  return isObject(value) ? value : {};
}
