// Sealed columns: personal data of a row under the tenant's metadata key, bound to row and column.
import { info } from '../bytes/derivation.ts';
import { freshSalt, openMessage, sealMessage } from './message.ts';
import type { SecretKey } from './secret-key.ts';
import { withDerived } from './secret-key.ts';

const ROW_KEY = ['callvault/row@v1'];

/** Row and column of a sealed value. Row ids carry their kind as a prefix, so no two tables share one. */
export type ColumnRef = { readonly tenant: string; readonly row: string; readonly column: string };

function columnContext(place: ColumnRef): Buffer {
  return info('callvault/row@v1', place.tenant, place.row, place.column);
}

/** Seals a value for one column of one row. Only tests pass the salt. */
export function sealColumn(metadataKey: SecretKey, place: ColumnRef, value: Uint8Array, salt = freshSalt()): Buffer {
  return withDerived(metadataKey, ROW_KEY, 32, (key) => sealMessage(key, columnContext(place), value, salt));
}

/** Opens a sealed column. Throws `integrity` for a value of another row or column, or one that is not authentic. */
export function openColumn(metadataKey: SecretKey, place: ColumnRef, sealed: Uint8Array): Buffer {
  return withDerived(metadataKey, ROW_KEY, 32, (key) => openMessage(key, columnContext(place), sealed));
}
