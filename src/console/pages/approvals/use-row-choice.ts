// Choosing rows of a table by mouse and keyboard: one, or with Shift all from the one chosen last.
import { type KeyboardEvent, useRef } from 'react';
import { useShortcuts } from '../../components/use-shortcuts.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';

/**
 * `open` are the rows that can be chosen, in their order; each has a checkbox with its id in `data-request`. X changes
 * the focused row, Shift+X all from the one changed last; arrows move between rows.
 */
export function useRowChoice(
  open: readonly string[],
  chosen: ReadonlySet<string>,
  choose: (ids: readonly string[], on: boolean) => void,
) {
  const table = useRef<HTMLElement>(null);
  const last = useRef<string>(undefined);
  const { decideKeys } = useStore(settings);

  const boxOf = (id: string | undefined) =>
    table.current?.querySelector<HTMLInputElement>(`input[data-request="${id ?? ''}"]`);
  const focused = (): string | undefined => {
    const id = document.activeElement?.getAttribute('data-request') ?? undefined;
    return id !== undefined && open.includes(id) ? id : undefined;
  };
  const pick = (id: string, on: boolean, isRange: boolean): void => {
    const [from, to] = [open.indexOf(last.current ?? ''), open.indexOf(id)];
    const range = isRange && from >= 0 ? open.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    choose(range, on);
    last.current = id;
  };
  const change = (isRange: boolean) => (): void => {
    const id = focused() ?? open[0];
    if (id === undefined) return;
    // A range becomes what its beginning was changed to.
    const on = isRange && last.current !== undefined ? chosen.has(last.current) : !chosen.has(id);
    boxOf(id)?.focus();
    pick(id, on, isRange);
  };
  useShortcuts({ x: change(false), 'shift+x': change(true) }, decideKeys);

  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = focused();
    if (by === undefined || here === undefined) return;
    event.preventDefault();
    boxOf(open[open.indexOf(here) + by])?.focus();
  };
  return { table, pick, onKeyDown };
}
