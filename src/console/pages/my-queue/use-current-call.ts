// The call that the page shows: the one that was chosen, or the first; it stays while others come and go.
import { useEffect, useRef, useState } from 'react';
import { itemAfter } from '../../queue/order.ts';

/**
 * `gone` is called when another person or the clock takes the shown call out of the queue; not for calls that this page
 * finished by `leave`, which shows the next one.
 */
export function useCurrentCall<T extends { readonly id: string }>(items: readonly T[], gone: () => void) {
  const [id, choose] = useState<string | null>(null);
  const left = useRef(new Set<string>());
  // A finished call must not be offered again before the queue is read again.
  const calls = items.filter((item) => !left.current.has(item.id));
  const current = calls.find((item) => item.id === id) ?? calls[0];
  const currentId = current?.id ?? null;
  useEffect(() => {
    if (id === currentId) return;
    if (id !== null && !left.current.has(id)) gone();
    choose(currentId);
  });
  const leave = (leaving: string): void => {
    left.current.add(leaving);
    if (leaving === currentId) choose(itemAfter(calls, leaving)?.id ?? null);
  };
  const step = (by: number): void => {
    const next = calls[calls.findIndex((item) => item.id === currentId) + by];
    if (next !== undefined) choose(next.id);
  };
  return { calls, current, choose, leave, step };
}
