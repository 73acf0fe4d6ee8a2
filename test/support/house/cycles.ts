// Cycles among imports: of files, and of the files and subfolders of each folder.
export type Arrow = { readonly from: string; readonly to: string; readonly line: number };
export type Circle = {
  readonly rule: 'cycle' | 'folders';
  readonly file: string;
  readonly line: number;
  readonly what: string;
};

/** Cycles of files. Imports of types count too: a reader cannot read one of two such files before the other. */
export function fileCycles(arrows: readonly Arrow[]): Circle[] {
  return findCycles(arrows).map(({ way, last }) => ({
    rule: 'cycle',
    file: last.from,
    line: last.line,
    what: way.join(' → '),
  }));
}

/** For each folder: cycles among its files and subfolders, where a subfolder includes everything below it. */
export function folderCycles(arrows: readonly Arrow[]): Circle[] {
  const inFolder = new Map<string, (Arrow & { readonly first: Arrow })[]>();
  for (const first of arrows) {
    const [from, to] = [first.from.split('/'), first.to.split('/')];
    const shared = from.findIndex((name, at) => name !== to[at]);
    if (shared < 0) continue;
    const folder = from.slice(0, shared).join('/');
    const lifted = { from: from.slice(0, shared + 1).join('/'), to: to.slice(0, shared + 1).join('/'), line: 0, first };
    inFolder.set(folder, [...(inFolder.get(folder) ?? []), lifted]);
  }
  // A cycle of files alone is reported as such.
  return [...inFolder.values()].flatMap(findCycles).flatMap(({ way, last }): Circle[] => {
    if (way.every((path) => /\.[a-z]+$/.test(path))) return [];
    return [{ rule: 'folders', file: last.first.from, line: last.first.line, what: way.join(' → ') }];
  });
}

/** One cycle for each arrow that closes one; `last` is that arrow. */
function findCycles<A extends Arrow>(arrows: readonly A[]): { way: string[]; last: A }[] {
  const out = new Map<string, A[]>();
  for (const arrow of arrows) out.set(arrow.from, [...(out.get(arrow.from) ?? []), arrow]);
  const found: { way: string[]; last: A }[] = [];
  const done = new Set<string>();
  const visit = (at: string, trail: readonly string[]): void => {
    done.add(at);
    const way = [...trail, at];
    for (const arrow of out.get(at) ?? []) {
      const start = way.indexOf(arrow.to);
      if (start >= 0) found.push({ way: [...way.slice(start), arrow.to], last: arrow });
      else if (!done.has(arrow.to)) visit(arrow.to, way);
    }
  };
  for (const from of out.keys()) if (!done.has(from)) visit(from, []);
  return found;
}
