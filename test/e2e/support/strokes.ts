// What a person does at a page, counted: clicks, keys, and texts typed.
import type { Person } from './stage.ts';

export type Strokes = { readonly clicks: number; readonly keys: number; readonly texts: number };

type Kind = keyof Strokes;

/** Counts from now on, over all pages that the person opens. Call it before the first one loads. */
export async function countStrokes({ context }: Person): Promise<{ readonly take: () => Strokes }> {
  const counts: Record<Kind, number> = { clicks: 0, keys: 0, texts: 0 };
  await context.exposeBinding('stroke', (_, kind: Kind) => {
    counts[kind] += 1;
  });
  await context.addInitScript(() => {
    const { stroke } = window as unknown as { stroke: (kind: string) => void };
    const isText = (at: EventTarget | null): boolean =>
      at instanceof HTMLTextAreaElement || (at instanceof HTMLInputElement && !/^(checkbox|radio)$/.test(at.type));
    // A key that presses a button clicks it too, without a position.
    window.addEventListener('click', ({ isTrusted, detail }) => isTrusted && detail > 0 && stroke('clicks'), true);
    window.addEventListener('keydown', ({ isTrusted, target }) => isTrusted && !isText(target) && stroke('keys'), true);
    window.addEventListener('change', ({ target }) => isText(target) && stroke('texts'), true);
  });
  const take = (): Strokes => {
    const taken = { ...counts };
    for (const kind of Object.keys(counts) as Kind[]) counts[kind] = 0;
    return taken;
  };
  return { take };
}

/** "3 clicks, 1 text". */
export function strokesText({ clicks, keys, texts }: Strokes): string {
  return `${clicks} clicks, ${keys} keys, ${texts} texts`;
}
