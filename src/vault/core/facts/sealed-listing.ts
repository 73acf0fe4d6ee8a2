// What a call list says of a recording, sealed in its row.
import { canonicalBytes, parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { differsFrom, type ListedFacts } from '../../../model/listing.ts';
import type { Differing, Recording } from '../../../model/recording.ts';
import type { RawFacts } from './raw-facts.ts';

type Row = Pick<Recording, 'tenant' | 'id'>;

/** The sealed column. */
export function sealListing(metadataKey: SecretKey, { tenant, id }: Row, listed: ListedFacts): Buffer {
  return sealColumn(metadataKey, { tenant, row: id, column: 'listed' }, canonicalBytes(listed));
}

/** What the list says; null where none names the call. Throws `integrity`. */
export function openListing(
  metadataKey: SecretKey,
  { tenant, id, listed }: Pick<Recording, 'tenant' | 'id' | 'listed'>,
): ListedFacts | null {
  if (listed === null) return null;
  return parseCanonicalObject(openColumn(metadataKey, { tenant, row: id, column: 'listed' }, listed)) as ListedFacts;
}

/** What differs between the list that names a recording and facts that are about to be stored. Throws `integrity`. */
export function differsAfter(
  metadataKey: SecretKey,
  recording: Pick<Recording, 'tenant' | 'id' | 'listed'>,
  after: RawFacts,
): Differing[] {
  const listed = openListing(metadataKey, recording);
  return listed === null ? [] : differsFrom(listed, after);
}
