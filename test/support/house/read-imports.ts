// The imports of a source text, in every syntax, with their lines and whether they are type-only.
import { isMark, isWord, type Token } from './tokens.ts';

/**
 * `specifier` is undefined if it is computed. `names` is the text between `import` and `from`.
 * `import { type A }` is not type-only: under verbatimModuleSyntax the module is still loaded. Neither is a
 * type `import('x').A`: here it looks like a dynamic import, and `import type` can replace it.
 */
export type Import = { specifier: string | undefined; typeOnly: boolean; line: number; names: string };

export function readImports(tokens: Token[]): Import[] {
  const requires = namesOfRequire(tokens);
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'word' || isMark(tokens[at + 1], ':')) return [];
    const called = token.text === 'getBuiltinModule' || !isMark(tokens[at - 1], '.', '?.');
    if (called && token.text === 'createRequire') return argument(tokens, closing(tokens, at + 1) + 1);
    if (called && (token.text === 'import' || token.text === 'getBuiltinModule' || requires.has(token.text))) {
      const found = argument(tokens, at + 1);
      if (found.length > 0) return found;
    }
    return called && isWord(token, 'import', 'export') ? statement(tokens, at) : [];
  });
}

function namesOfRequire(tokens: Token[]): Set<string> {
  const bound = tokens.filter((_, at) => isMark(tokens[at + 1], '=') && isWord(tokens[at + 2], 'createRequire'));
  return new Set(['require', ...bound.map((token) => token.text)]);
}

/** `('x')` after import, require or the like. */
function argument(tokens: Token[], open: number): Import[] {
  const [start, first, end] = tokens.slice(open, open + 3);
  if (start === undefined || !isMark(start, '(')) return [];
  const plain = first?.kind === 'text' && isMark(end, ')', ',');
  return [{ specifier: plain ? first.text : undefined, typeOnly: false, line: start.line, names: '' }];
}

function closing(tokens: Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (isMark(tokens[at], '(')) depth += 1;
    if (isMark(tokens[at], ')')) depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** `import 'x'`, `import … from 'x'` and `export … from 'x'`. */
function statement(tokens: Token[], start: number): Import[] {
  const line = tokens[start]?.line ?? 0;
  let at = start + 1;
  const typeOnly =
    isWord(tokens[at], 'type') &&
    !isMark(tokens[at + 1], ',') &&
    (!isWord(tokens[at + 1], 'from') || isWord(tokens[at + 2], 'from'));
  if (typeOnly) at += 1;
  if (isWord(tokens[start], 'export') && !isMark(tokens[at], '{', '*')) return [];
  const names: string[] = [];
  for (; at < tokens.length; at += 1) {
    const token = tokens[at];
    const bare = names.length === 0 && isWord(tokens[start], 'import');
    if (token?.kind === 'text' && (bare || isWord(tokens[at - 1], 'from'))) {
      return [{ specifier: token.text, typeOnly, line, names: names.join(' ').replace(/ ?from$/, '') }];
    }
    if (token === undefined || (token.kind === 'mark' && !isMark(token, '{', '}', ',', '*'))) return [];
    names.push(token.text);
  }
  return [];
}
