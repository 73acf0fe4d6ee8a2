// Slots for large bodies: later ones wait, small ones do not, and none waits longer than its patience.
import { describe, expect, it } from 'vitest';
import { withBufferSlot } from '../../src/vault/deposit/buffer-slots.ts';

const MIB = 1_048_576;

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) yield Buffer.alloc(MIB);
}

const never = () => new AbortController().signal;

/** Reads a body to its end, and reports whether it got there. */
function reading(count: number, deadline = never) {
  const { bytes, done } = withBufferSlot(pieces(count), { deadline });
  const state = { ended: false, done };
  const read = async (): Promise<void> => {
    for await (const _piece of bytes) void 0;
    state.ended = true;
  };
  return Object.assign(state, { read: read() });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('buffer slots', () => {
  it('admit 20 large bodies at a time, the next when one is stored, and small ones at once', async () => {
    const holding = Array.from({ length: 20 }, () => reading(2));
    await Promise.all(holding.map(({ read }) => read));
    const [next, small] = [reading(2), reading(1)];
    await small.read;
    await settled();
    expect(next.ended).toBe(false);
    holding[0]?.done();
    await next.read;
    for (const each of [...holding.slice(1), next]) each.done();
  });

  it('let a body proceed after its patience, and are freed only once', async () => {
    const holding = Array.from({ length: 20 }, () => reading(2));
    await Promise.all(holding.map(({ read }) => read));
    const stop = new AbortController();
    const next = reading(2, () => stop.signal);
    await settled();
    expect(next.ended).toBe(false);
    stop.abort();
    await next.read;
    next.done();
    next.done();
    // 20 bodies still hold slots: a new one waits, although one called `done` twice.
    const last = reading(2);
    await settled();
    expect(last.ended).toBe(false);
    holding[0]?.done();
    await last.read;
    for (const each of [...holding.slice(1), last]) each.done();
  });
});
