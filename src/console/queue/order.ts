// Order of a reviewer's queue on this screen: as the service lists it, with calls for later at the end.
import { createStore } from '../state/store.ts';

/** Grants that the person moved to the end in this window, in that order. */
export const laterGrants = createStore<readonly string[]>([]);

/** Moves a call to the end; again, behind those that were moved meanwhile. */
export function putLater(grant: string): void {
  laterGrants.set([...laterGrants.get().filter((one) => one !== grant), grant]);
}

/** The items in this screen's order. */
export function inScreenOrder<T extends { readonly id: string }>(
  items: readonly T[],
  later: readonly string[],
): readonly T[] {
  const last = later.flatMap((id) => items.filter((item) => item.id === id));
  return [...items.filter(({ id }) => !later.includes(id)), ...last];
}

/** The item after this one, or the first one for the last; null where there is no other. */
export function itemAfter<T extends { readonly id: string }>(items: readonly T[], id: string): T | null {
  const others = items.filter((item) => item.id !== id);
  return others[items.findIndex((item) => item.id === id)] ?? others[0] ?? null;
}
