// Large bodies take turns, small ones pass, and nobody waits for longer than the patience given.
import { describe, expect, it } from 'vitest';
import { withBufferSlot } from '../../src/vault/deposit/buffer-slots.ts';

const MIB = 1_048_576;

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) yield Buffer.alloc(MIB);
}

const never = () => new AbortController().signal;

/** Reads a body to its end, and says whether it has come there. */
function reading(count: number, patience = never) {
  const { bytes, done } = withBufferSlot(pieces(count), patience);
  const state = { ended: false, done };
  const read = async (): Promise<void> => {
    for await (const _piece of bytes) void 0;
    state.ended = true;
  };
  return Object.assign(state, { read: read() });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('memory for parts', () => {
  it('is for 32 large bodies at a time; the next goes on when one is stored, small ones at once', async () => {
    const holding = Array.from({ length: 32 }, () => reading(2));
    await Promise.all(holding.map(({ read }) => read));
    const [next, small] = [reading(2), reading(1)];
    await small.read;
    await settled();
    expect(next.ended).toBe(false);
    holding[0]?.done();
    await next.read;
    for (const each of [...holding.slice(1), next]) each.done();
  });

  it('is not waited for beyond the patience, and is given back once', async () => {
    const holding = Array.from({ length: 32 }, () => reading(2));
    await Promise.all(holding.map(({ read }) => read));
    const stop = new AbortController();
    const next = reading(2, () => stop.signal);
    await settled();
    expect(next.ended).toBe(false);
    stop.abort();
    await next.read;
    next.done();
    next.done();
    // 32 still hold: who comes now waits, although somebody was done twice.
    const last = reading(2);
    await settled();
    expect(last.ended).toBe(false);
    holding[0]?.done();
    await last.read;
    for (const each of [...holding.slice(1), last]) each.done();
  });
});
