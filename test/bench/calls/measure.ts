// Processor time of calls: the servers in turn within each round, call by call, so that noise reaches all of them.
import { ratioOf, type Spread, spreadOf } from '../rounds.ts';
import { type Call, endRound, newRound } from './calls.ts';
import type { CallClient } from './client.ts';
import type { ServedProcess } from './served.ts';

/** A server that is measured. */
export type Contender = { readonly name: string; readonly client: CallClient; readonly server: ServedProcess };

/** Milliseconds of processor time of a call on each server, and the first server's as a multiple of every other's. */
export type CallFigures = {
  readonly call: string;
  readonly milliseconds: Readonly<Record<string, Spread>>;
  readonly ratios: Readonly<Record<string, Spread>>;
};

/** Rounds that are made first and not counted: until then the servers compile. */
const WARMING = 3;

/** Measures the calls: the first server and its rivals, in `rounds` rounds that count. */
export async function measureCalls(
  [product, ...rivals]: readonly [Contender, ...Contender[]],
  calls: readonly Call[],
  rounds: number,
  warming = WARMING,
): Promise<CallFigures[]> {
  const all = [product, ...rivals];
  const taken = new Map(calls.map(({ name }) => [name, all.map((): number[] => [])]));
  for (let round = -warming; round < rounds; round++) {
    const left = all.map(newRound);
    for (const { name, times, run } of calls) {
      // Another server begins in each round.
      for (let turn = 0; turn < all.length; turn++) {
        const which = (turn + round + warming) % all.length;
        const [one, before] = [all[which], left[which]];
        if (one === undefined || before === undefined) throw new Error('nobody to measure');
        const began = await one.server.processorMs();
        for (let n = 0; n < times; n++) await run(one.client, before, n);
        const took = ((await one.server.processorMs()) - began) / times;
        if (round >= 0) taken.get(name)?.[which]?.push(took);
      }
    }
    for (const [which, { client }] of all.entries()) await endRound(client, left[which] ?? newRound());
  }
  return calls.map(({ name }) => {
    const [ours = [], ...theirs] = taken.get(name) ?? [];
    const named = <T>(of: (times: readonly number[]) => T, lists: readonly (readonly number[])[], names: Contender[]) =>
      Object.fromEntries(names.map((one, n) => [one.name, of(lists[n] ?? [])]));
    return {
      call: name,
      milliseconds: named(spreadOf, [ours, ...theirs], all),
      ratios: named((times) => ratioOf(ours, times), theirs, rivals),
    };
  });
}
