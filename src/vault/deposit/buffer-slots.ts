// Memory slots for large bodies: while many arrive at once, later ones wait a moment until earlier ones are stored.
import type { Clock } from '../../ports/clock.ts';

/** The number of deposits that may hold a whole part in memory. */
const HOLDERS = 20;

/** Bodies up to this size need no slot. */
const LIGHT = 1_048_576;

/** How long a large body waits while many others are in memory. */
const PATIENCE_MS = 5_000;

const waiting: (() => void)[] = [];
let holders = 0;

function release(): void {
  holders--;
  waiting.shift()?.();
}

/**
 * Passes a body on. Before a body grows past 1 MiB it waits for one of 20 slots, but at most five seconds: a live call
 * may hold its slot for a quarter of an hour, and no upload may wait that long. Call `done`, which frees the slot, when
 * the last part is stored or the upload failed.
 */
export function withBufferSlot(
  bytes: AsyncIterable<Uint8Array>,
  { deadline }: Pick<Clock, 'deadline'>,
): { readonly bytes: AsyncIterable<Uint8Array>; readonly done: () => void } {
  let holds = false;
  const passed = async function* (): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const piece of bytes) {
      size += piece.length;
      if (!holds && size > LIGHT) {
        if (holders >= HOLDERS) await waitForSlot(deadline(PATIENCE_MS));
        holders++;
        holds = true;
      }
      yield piece;
    }
  };
  return {
    bytes: passed(),
    done: () => {
      if (holds) release();
      holds = false;
    },
  };
}

/** Resolves when a slot is freed or the signal fires. */
function waitForSlot(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      signal.removeEventListener('abort', go);
      const index = waiting.indexOf(go);
      if (index >= 0) waiting.splice(index, 1);
      resolve();
    };
    waiting.push(go);
    signal.addEventListener('abort', go);
  });
}
