// The lines of a replay: what must hold, and whether it did.

/** A line: what holds, or what was seen instead. */
export type Line = { readonly what: string; readonly holds: boolean; readonly seen: string };

export type Lines = {
  /** Notes whether a line holds; `seen` is printed where it does not. */
  readonly hold: (what: string, holds: boolean, seen?: unknown) => void;
  readonly all: readonly Line[];
};

/** Lines that are passed on as they come. */
export function newLines(say: (line: Line) => void): Lines {
  const all: Line[] = [];
  return {
    all,
    hold: (what, holds, seen = '') => {
      const line = { what, holds, seen: typeof seen === 'string' ? seen : (JSON.stringify(seen) ?? '') };
      all.push(line);
      say(line);
    },
  };
}
