// A starter pack: retention rules of one trade and place, without their texts.
import type { Period } from '../period.ts';
import type { EraseRule, KeepRule } from '../rules.ts';

/** Rules without name and clause, which the message catalogues have under the ids of the pack and the rule. */
export type Pack = {
  readonly id: string;
  readonly grace: Period;
  readonly keep: readonly Omit<KeepRule, 'name' | 'law'>[];
  readonly erase: readonly Omit<EraseRule, 'name'>[];
};

/** Calls of no other rule. Every pack ends with it: no recording stays without an end by mistake. */
export const REST = { id: 'rest', when: {}, from: 'call' } as const;
