// Comparison whose time does not depend on where two byte strings differ.
import { timingSafeEqual } from 'node:crypto';

/** Whether two byte strings are equal; only their lengths show in the time it takes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
