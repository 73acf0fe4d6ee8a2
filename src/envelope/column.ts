// Sealed columns: what a row says about people, under the tenant's metadata key, bound to its row and column.
import { info } from '../bytes/derivation.ts';
import { freshSalt, openMessage, sealMessage } from './message.ts';
import type { SecretKey } from './secret-key.ts';
import { withDerived } from './secret-key.ts';

const ROW_KEY = ['callvault/row@v1'];

/** The place of a sealed value. The row's id is prefixed by its kind, so that no two tables share one. */
export type ColumnRef = { readonly tenant: string; readonly row: string; readonly column: string };

function columnContext(place: ColumnRef): Buffer {
  return info('callvault/row@v1', place.tenant, place.row, place.column);
}

/** A value sealed for one column of one row. Only tests give the salt. */
export function sealColumn(metadataKey: SecretKey, place: ColumnRef, value: Uint8Array, salt = freshSalt()): Buffer {
  return withDerived(metadataKey, ROW_KEY, 32, (key) => sealMessage(key, columnContext(place), value, salt));
}

/** The value of a sealed column. Throws `integrity` where it was made for another place or is not authentic. */
export function openColumn(metadataKey: SecretKey, place: ColumnRef, sealed: Uint8Array): Buffer {
  return withDerived(metadataKey, ROW_KEY, 32, (key) => openMessage(key, columnContext(place), sealed));
}
