// Calls with the same other party, marked without the number: groups count from 1 in their order within one list.
import type { Facts } from './facts.ts';

type Call = { readonly direction: string | null; readonly numbers: Facts['numbers'] };

/** The number of the other party, not the agent's. */
export function otherParty({ direction, numbers }: Call): string | null {
  return (direction === 'outbound' ? numbers?.to : numbers?.from) ?? null;
}

/**
 * The group of each number in a list; null for one that no other entry of the list has, and for none. The groups say
 * nothing outside of the list.
 */
export function sameNumberGroups(numbers: readonly (string | null)[]): (number | null)[] {
  const counts = new Map<string, number>();
  for (const number of numbers) if (number !== null) counts.set(number, (counts.get(number) ?? 0) + 1);
  const groups = new Map<string, number>();
  return numbers.map((number) => {
    if (number === null || (counts.get(number) ?? 0) < 2) return null;
    const group = groups.get(number) ?? groups.size + 1;
    groups.set(number, group);
    return group;
  });
}
