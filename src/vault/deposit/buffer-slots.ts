// Memory for parts: when many large bodies come at once, the later ones wait a moment for the earlier ones to be stored.

/** Deposits that may hold a whole part in memory before the next one waits. */
const HOLDERS = 32;

/** Bodies up to here are no burden. */
const LIGHT = 1_048_576;

const waiting: (() => void)[] = [];
let holders = 0;

function release(): void {
  holders--;
  waiting.shift()?.();
}

/**
 * Passes a body on. Before it grows past 1 MiB it waits for its turn while 32 others hold as much, but only until
 * `patience()` fires: a live call may hold its part for a quarter of an hour, and nobody is to wait for that. `done`
 * gives the turn on; to be called when the last part is stored, or never will be.
 */
export function withBufferSlot(
  bytes: AsyncIterable<Uint8Array>,
  patience: () => AbortSignal,
): { readonly bytes: AsyncIterable<Uint8Array>; readonly done: () => void } {
  let holds = false;
  const passed = async function* (): AsyncGenerator<Uint8Array> {
    let came = 0;
    for await (const piece of bytes) {
      came += piece.length;
      if (!holds && came > LIGHT) {
        if (holders >= HOLDERS) await waitForSlot(patience());
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

/** Resolves when somebody gives a turn on, or once the signal fires. */
function waitForSlot(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      signal.removeEventListener('abort', go);
      const place = waiting.indexOf(go);
      if (place >= 0) waiting.splice(place, 1);
      resolve();
    };
    waiting.push(go);
    signal.addEventListener('abort', go);
  });
}
