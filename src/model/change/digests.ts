// The digest of the versions that a change builds on.
import { sha256 } from '../../bytes/digest.ts';

/** A row by id and version; version 0 is a row that does not exist. */
export type RowVersion = { readonly id: string; readonly version: number };

/** The hex SHA-256 of the lines `<id> <version>`, ascending, LF after each. */
export function changeBase(rows: readonly RowVersion[]): string {
  const lines = rows.map(({ id, version }) => `${id} ${version}\n`).sort();
  return sha256(...lines).toString('hex');
}
