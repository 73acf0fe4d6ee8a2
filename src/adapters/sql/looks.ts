// All joined reads and locks of a connection.
import type { LookWrites } from '../../ports/rows/look-rows.ts';
import type { Connection } from './connection.ts';
import { lookLocks } from './look-locks.ts';
import { lookRows, type SeenMark } from './look-rows.ts';
import { looksToDecide } from './look-to-decide.ts';

export function looksOf(db: Connection, seenMark: SeenMark): LookWrites {
  return { ...lookRows(db, seenMark), ...lookLocks(db, seenMark), ...looksToDecide(db, seenMark) };
}
