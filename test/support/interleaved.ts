// Two pieces of work of two processes, one of them held before each statement of its transaction in turn while the other runs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Vault } from '../../src/vault/core/vault.ts';
import { heldChange } from './held-changes.ts';

/** What came of both: a result, or the code of an error. */
export type Outcome<T> = { readonly done: T } | { readonly code: string };

export type Interleaved<T, A, B> = {
  /** Makes what both work on. */
  readonly prepare: () => Promise<T>;
  readonly held: (vault: Vault, on: T) => Promise<A>;
  readonly other: (vault: Vault, on: T) => Promise<B>;
  /** Checks what came of it; returns a name of the outcome. */
  readonly check: (on: T, held: Outcome<A>, other: Outcome<B>) => Promise<string>;
};

/** How long the other one has before the held one goes on: more than a transaction takes. */
const HELD_MS = 30;

/** Plays it held before each statement, and once not at all. Returns the outcomes that there were. `every`: of so many statements one. */
export async function interleave<T, A, B>(
  [one, two]: readonly [Vault, Vault],
  { prepare, held, other, check }: Interleaved<T, A, B>,
  every = 1,
): Promise<Set<string>> {
  const outcomes = new Set<string>();
  for (let at = 1; ; at += every) {
    const on = await prepare();
    const change = heldChange(one.db, at);
    const running = outcomeOf(held({ ...one, db: change.db }, on));
    const isHeld = await Promise.race([change.stopped.then(() => true), running.then(() => false)]);
    const following = outcomeOf(other(two, on));
    await Promise.race([following, sleep(HELD_MS)]);
    change.release();
    outcomes.add(await check(on, await running, await following));
    if (!isHeld) return outcomes;
  }
}

function outcomeOf<T>(work: Promise<T>): Promise<Outcome<T>> {
  return work.then(
    (done) => ({ done }),
    (error: { readonly code?: string }) => {
      if (error.code === undefined) throw error;
      return { code: error.code };
    },
  );
}
