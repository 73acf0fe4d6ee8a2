// Digests of a change: the versions that it builds on, and the events that it will write.
import { sha256 } from '../../bytes/digest.ts';

/** A row by id and version; version 0 is a row that does not exist. */
export type RowVersion = { readonly id: string; readonly version: number };

/** An event that a change will write. `says` is the roles of a new person, and after a
 * space until when their training counts, the depositor of a released recording (of all, where
 * `id` is the tenant), or the SHA-256 in hex of a body. */
export type Effect = { readonly action: string; readonly id: string; readonly says: string };

/** The hex SHA-256 of the lines `<id> <version>`, ascending, LF after each. */
export function changeBase(rows: readonly RowVersion[]): string {
  return digestOf(rows.map(({ id, version }) => `${id} ${version}`));
}

/** The hex SHA-256 of the lines `<action> <id> <says>`, ascending, LF after each. */
export function changeEffects(effects: readonly Effect[]): string {
  return digestOf(effects.map(({ action, id, says }) => `${action} ${id} ${says}`));
}

function digestOf(lines: readonly string[]): string {
  const sorted = [...lines].sort();
  return sha256(...sorted.map((line) => `${line}\n`)).toString('hex');
}
