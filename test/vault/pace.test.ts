// The pace of long work: it gives way until the process is quiet, and never for longer than its share allows.
import { expect, it } from 'vitest';
import { paceOf } from '../../src/vault/core/pace.ts';

/** A clock beside which others work this share of the time that passes while the pace waits. */
function beside(share: number) {
  const at = { steady: 0, worked: 0 };
  const clock = {
    steady: () => at.steady,
    worked: () => at.worked,
    pause: async (milliseconds = 0) => {
      at.steady += milliseconds;
      at.worked += milliseconds * share;
    },
  };
  /** How long the pace gives way after a piece of so many milliseconds. */
  const restAfter = async (piece: number): Promise<number> => {
    const pace = paceOf(clock);
    at.steady += piece;
    const begun = at.steady;
    await pace.step();
    return at.steady - begun;
  };
  return { restAfter };
}

it('goes on within its slice', async () => {
  expect(await beside(1).restAfter(1.9)).toBe(0);
});

it('goes on once the process was quiet for 4 ms', async () => {
  expect(await beside(0).restAfter(10)).toBe(4);
  expect(await beside(0.1).restAfter(10)).toBe(4);
});

it('gives way to a busy process five times as long as it ran, and at most 100 ms', async () => {
  expect(await beside(0.5).restAfter(3)).toBe(15);
  expect(await beside(1).restAfter(10)).toBe(50);
  expect(await beside(1).restAfter(400)).toBe(100);
});
