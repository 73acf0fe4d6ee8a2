// All joined reads and locks of a connection.
import type { LookWrites } from '../../ports/rows/look-rows.ts';
import type { Connection } from './connection.ts';
import { lookLocks } from './look-locks.ts';
import { lookRows, type SeenFloor } from './look-rows.ts';
import { looksToDecide } from './look-to-decide.ts';

export function looksOf(db: Connection, seenFloor: SeenFloor): LookWrites {
  return { ...lookRows(db, seenFloor), ...lookLocks(db, seenFloor), ...looksToDecide(db, seenFloor) };
}
