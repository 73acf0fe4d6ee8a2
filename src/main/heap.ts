// How far the heap grows between two full collections.
import { setFlagsFromString } from 'node:v8';

/** Percent of what was alive after the last full collection. */
const GROWTH = 200;

/**
 * Lets the heap of this process grow to three times what is alive before the next full collection. A process whose
 * memory was once reduced while it was idle gets only 1.3 times from V8 (`HeapGrowingMode::kSlow`): with 20 MB alive,
 * each eight deposits cost a full collection. V8 reads the flag whenever it computes the next limit, so it may be set
 * in a running process; a version without it prints a line and goes on.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
