// Wrapped keys of blobs and rows, and their comparison.
import type { ServiceKey, WrappedKey } from '../../../envelope/envelope.ts';
import type { IngestKeyRow } from '../../../model/ingest-key.ts';
import type { WrappedKeyRow } from '../../../model/recording.ts';

/** The wrapped key of a row, a deposit's or a tenant KEK's, as stored in blobs. */
export function wrappedKeyOf(row: Pick<WrappedKeyRow, 'scheme' | 'keyId' | 'wrap' | 'wrapped'>): WrappedKey {
  return { scheme: row.scheme, id: row.keyId, wrap: row.wrap, wrapped: row.wrapped };
}

/** The wrapped seed of an ingest key's row, as its blob has it. */
export function serviceKeyOf({
  scheme,
  ...row
}: Pick<IngestKeyRow, 'scheme' | 'keyId' | 'wrap' | 'wrapped'>): ServiceKey {
  return { ...wrappedKeyOf({ ...row, scheme }), scheme };
}

/** Whether both are wrapped by the same key, at the same generation, to the same bytes. */
export function isSameKey(one: WrappedKey, other: WrappedKey): boolean {
  return (
    one.scheme === other.scheme &&
    one.id === other.id &&
    one.wrap === other.wrap &&
    Buffer.compare(one.wrapped, other.wrapped) === 0
  );
}
