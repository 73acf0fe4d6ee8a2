// Single-key shortcuts: never while typing, with a modifier, or over an open dialog.
import { useLayoutEffect, useRef } from 'react';

type Shortcuts = { readonly [key: string]: () => void };

/** Controls with a use for Enter; `data-yields-enter` marks a button that leaves it to the page. */
const TAKES_ENTER = 'a, button:not([data-yields-enter]), summary';

/** Whether the focused element takes the key itself: a checkbox the space bar alone, a button or link Enter. */
function takesKey(target: EventTarget | null, key: string): boolean {
  if (key === 'Enter' && target instanceof HTMLElement && target.closest(TAKES_ENTER) !== null) return true;
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return key === ' ';
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}

/** Listens for keys (lower-case `KeyboardEvent.key`, with `shift+` where that has another meaning) while `on`. */
export function useShortcuts(keys: Shortcuts, on: boolean): void {
  const latest = useRef(keys);
  latest.current = keys;
  // With the paint: a key that is shown must work at once.
  useLayoutEffect(() => {
    if (!on) return undefined;
    const hear = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || takesKey(event.target, event.key))
        return;
      if (document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return;
      const key = event.key.toLowerCase();
      const act = (event.shiftKey ? latest.current[`shift+${key}`] : undefined) ?? latest.current[key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', hear);
    return () => removeEventListener('keydown', hear);
  }, [on]);
}
