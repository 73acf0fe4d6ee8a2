// Shortcuts of the player and the transcript while either has the focus.

export type PlayerAction =
  | { readonly do: 'toggle' | 'faster' | 'slower' | 'next-turn' | 'previous-turn' | 'skip-silence' | 'follow' }
  | {
      readonly do:
        | 'comment'
        | 'range-start'
        | 'range-end'
        | 'range-clear'
        | 'go-to'
        | 'search'
        | 'help'
        | 'close'
        | 'mute'
        | 'zoom-reset';
    }
  | { readonly do: 'by'; readonly ms: number }
  | { readonly do: 'volume'; readonly by: number }
  | { readonly do: 'zoom'; readonly by: 1 | -1 }
  | { readonly do: 'to-share'; readonly share: number };

type KeyPress = {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
};

/** Lines of the shortcut help: the keys as shown, and the catalogue name of the text. */
export const SHORTCUT_LINES = [
  { keys: ['Space', 'K'], text: 'toggle' },
  { keys: ['J', 'L'], text: 'ten' },
  { keys: ['←', '→'], text: 'five' },
  { keys: ['Shift ←', 'Shift →'], text: 'one' },
  { keys: ['↑', '↓'], text: 'volume' },
  { keys: ['M'], text: 'mute' },
  { keys: ['<', '>'], text: 'speed' },
  { keys: ['N', 'P'], text: 'turns' },
  { keys: ['S'], text: 'silence' },
  { keys: ['F'], text: 'follow' },
  { keys: ['C'], text: 'comment' },
  { keys: ['[', ']'], text: 'range' },
  { keys: ['\\'], text: 'clear' },
  { keys: ['0–9'], text: 'tenths' },
  { keys: ['G'], text: 'goTo' },
  { keys: ['+', '−'], text: 'zoom' },
  { keys: ['Z'], text: 'zoomReset' },
  { keys: ['Ctrl F'], text: 'search' },
  { keys: ['?'], text: 'help' },
  { keys: ['Esc'], text: 'close' },
] as const;

const ACTION_OF_KEY: Readonly<Record<string, PlayerAction>> = {
  ' ': { do: 'toggle' },
  k: { do: 'toggle' },
  j: { do: 'by', ms: -10_000 },
  l: { do: 'by', ms: 10_000 },
  ArrowUp: { do: 'volume', by: 0.1 },
  ArrowDown: { do: 'volume', by: -0.1 },
  m: { do: 'mute' },
  '<': { do: 'slower' },
  '>': { do: 'faster' },
  n: { do: 'next-turn' },
  p: { do: 'previous-turn' },
  s: { do: 'skip-silence' },
  f: { do: 'follow' },
  c: { do: 'comment' },
  '[': { do: 'range-start' },
  ']': { do: 'range-end' },
  '\\': { do: 'range-clear' },
  g: { do: 'go-to' },
  '+': { do: 'zoom', by: 1 },
  // Many keyboards produce this character with the same key and Shift.
  '=': { do: 'zoom', by: 1 },
  '-': { do: 'zoom', by: -1 },
  z: { do: 'zoom-reset' },
  '?': { do: 'help' },
  Escape: { do: 'close' },
};

/** Action of a key; null for keys that the browser keeps. */
export function actionForKey(pressed: KeyPress): PlayerAction | null {
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  if (pressed.altKey) return null;
  if (pressed.ctrlKey || pressed.metaKey) return key === 'f' && !pressed.shiftKey ? { do: 'search' } : null;
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const step = pressed.shiftKey ? 1000 : 5000;
    return { do: 'by', ms: key === 'ArrowLeft' ? -step : step };
  }
  if (/^[0-9]$/.test(key)) return { do: 'to-share', share: Number(key) / 10 };
  return ACTION_OF_KEY[key] ?? null;
}

type FocusedElement = { readonly tag: string; readonly role: string | null; readonly type: string | null };

const TEXT_FIELDS = ['input', 'textarea', 'select'];
const ARROW_KEY_ROLES = ['tab', 'menuitem', 'menuitemradio', 'option', 'radio', 'combobox', 'listbox'];

/** Whether the focused element needs this key itself, such as a text field or a button with Space. */
export function keepsKey({ tag, role, type }: FocusedElement, { key, ctrlKey, metaKey }: KeyPress): boolean {
  if (key === 'Escape' || ctrlKey || metaKey) return false;
  if (tag === 'input' && type === 'range') return key.startsWith('Arrow') || key === ' ';
  if (TEXT_FIELDS.includes(tag)) return true;
  if (key === ' ' && (tag === 'button' || tag === 'a' || role === 'button' || role === 'tab')) return true;
  return (
    role !== null && ARROW_KEY_ROLES.includes(role) && (key.startsWith('Arrow') || key === 'Home' || key === 'End')
  );
}

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;

/** Next speed up or down; unchanged at either end. */
export function stepSpeed(speed: number, by: 1 | -1): number {
  const at = SPEEDS.findIndex((known) => known >= speed);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))] ?? 1;
}
