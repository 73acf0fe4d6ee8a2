// Tabs after the ARIA pattern: one tab stop, arrow keys, Home and End.
import './tabs.css';
import { type KeyboardEvent, type ReactNode, useId } from 'react';

export type SideTab = {
  readonly id: string;
  readonly label: string;
  readonly count?: number;
  readonly body: ReactNode;
};

type Props = {
  readonly tabs: readonly SideTab[];
  readonly label: string;
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
};

export function Tabs({ tabs, label, chosen, onChoose }: Props) {
  const base = useId();
  const found = tabs.findIndex(({ id }) => id === chosen);
  const index = Math.max(0, found);
  const shown = tabs[index];
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    const to = targetOf(event.key, index, tabs.length);
    const next = to === null ? undefined : tabs[to];
    if (next === undefined || to === null) return;
    event.preventDefault();
    onChoose(next.id);
    event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus();
  };
  return (
    <section className="card side" aria-label={label}>
      <div className="tabs" role="tablist" aria-label={label} tabIndex={-1} onKeyDown={press}>
        {tabs.map(({ id, label: name, count }, n) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            aria-selected={n === index}
            aria-controls={`${base}-panel`}
            tabIndex={n === index ? 0 : -1}
            onClick={() => onChoose(id)}
          >
            {name}
            {count === undefined || count === 0 ? null : <span className="c">{count}</span>}
          </button>
        ))}
      </div>
      <div
        className={`panel ${shown?.id ?? ''}`}
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-${shown?.id ?? ''}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling panel without controls must still be reachable by keyboard.
        tabIndex={0}
        data-player-keys={shown?.id === 'transcript' ? '' : undefined}
      >
        {shown?.body}
      </div>
    </section>
  );
}

function targetOf(key: string, index: number, count: number): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const by = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  return by === 0 ? null : (index + by + count) % count;
}
