// Choosing rows of a table by mouse and keyboard: one, or with Shift all from the one chosen last.
import { type KeyboardEvent, useRef } from 'react';
import { useShortcuts } from './use-shortcuts.ts';

/**
 * `open` are the rows that can be chosen, in their order; each has a checkbox with its id in `data-choice`. While `on`,
 * X changes the focused row, Shift+X all from the one changed last; arrows move between rows.
 */
export function useRowChoice(
  open: readonly string[],
  chosen: ReadonlySet<string>,
  choose: (ids: readonly string[], on: boolean) => void,
  on: boolean,
) {
  const table = useRef<HTMLElement>(null);
  const last = useRef<string>(undefined);

  const boxOf = (id: string | undefined) =>
    table.current?.querySelector<HTMLInputElement>(`input[data-choice="${id ?? ''}"]`);
  const focused = (): string | undefined => {
    const id = document.activeElement?.getAttribute('data-choice') ?? undefined;
    return id !== undefined && open.includes(id) ? id : undefined;
  };
  const pick = (id: string, becomes: boolean, isRange: boolean): void => {
    const [from, to] = [open.indexOf(last.current ?? ''), open.indexOf(id)];
    const range = isRange && from >= 0 ? open.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    choose(range, becomes);
    last.current = id;
  };
  const change = (isRange: boolean) => (): void => {
    const id = focused() ?? open[0];
    if (id === undefined) return;
    // A range becomes what its beginning was changed to.
    const becomes = isRange && last.current !== undefined ? chosen.has(last.current) : !chosen.has(id);
    boxOf(id)?.focus();
    pick(id, becomes, isRange);
  };
  useShortcuts({ x: change(false), 'shift+x': change(true) }, on);

  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = focused();
    if (by === undefined || here === undefined) return;
    event.preventDefault();
    boxOf(open[open.indexOf(here) + by])?.focus();
  };
  return { table, pick, onKeyDown };
}
