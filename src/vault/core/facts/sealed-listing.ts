// What a call list says of a recording, sealed in its row.
import { canonicalBytes, parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { comparedFacts, differsStill, isSameListing, type ListedFacts, startDiffers } from '../../../model/listing.ts';
import type { Recording } from '../../../model/recording.ts';
import type { RawFacts } from './raw-facts.ts';

/** The column of a list that says what the facts say: nothing to seal, whatever the number of calls. */
const AS_FACTS: Uint8Array = new Uint8Array(0);

type Row = Pick<Recording, 'tenant' | 'id'>;
type ListedRow = Pick<Recording, 'tenant' | 'id' | 'listed'>;

/** The column for what a list says of a call with these facts. */
export function sealListing(metadataKey: SecretKey, row: Row, listed: ListedFacts, facts: RawFacts): Uint8Array {
  return isSameListing(listed, comparedFacts(facts)) ? AS_FACTS : seal(metadataKey, row, listed);
}

function seal(metadataKey: SecretKey, { tenant, id }: Row, listed: ListedFacts): Buffer {
  return sealColumn(metadataKey, { tenant, row: id, column: 'listed' }, canonicalBytes(listed));
}

/** What the list says of a call with these facts; null where none names the call. Throws `integrity`. */
export function openListing(
  metadataKey: SecretKey,
  { tenant, id, listed }: ListedRow,
  facts: RawFacts,
): ListedFacts | null {
  if (listed === null) return null;
  if (listed.length === 0) return comparedFacts(facts);
  return parseCanonicalObject(openColumn(metadataKey, { tenant, row: id, column: 'listed' }, listed)) as ListedFacts;
}

/** The columns of the list that names a recording, where its facts change. Throws `integrity`. */
export function listingAfter(
  metadataKey: SecretKey,
  recording: ListedRow & Pick<Recording, 'differs'>,
  before: RawFacts,
  after: RawFacts,
): Partial<Pick<Recording, 'listed' | 'differs'>> {
  const listed = openListing(metadataKey, recording, before);
  if (listed === null) return {};
  const differs = differsStill(listed, after, recording.differs);
  const isSealed = recording.listed?.length !== 0 || isSameListing(listed, comparedFacts(after));
  return isSealed ? { differs } : { differs, listed: seal(metadataKey, recording, listed) };
}

/** The recording with the difference noted that a platform sends another start than the list that expects its audio. */
export function withStartCompared(
  metadataKey: SecretKey,
  recording: Recording,
  facts: RawFacts,
  patch: RawFacts,
): Recording {
  const start = patch['started_at'];
  if (recording.state !== 'EXPECTED' || start === undefined || recording.differs.includes('start')) return recording;
  const listed = openListing(metadataKey, recording, facts);
  if (listed === null || !startDiffers(listed, { started_at: start })) return recording;
  return { ...recording, differs: [...recording.differs, 'start'] };
}
