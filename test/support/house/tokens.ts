// A tokenizer of TypeScript, so that no rule mistakes a comment, a string or a template for code.

/** `text` is a string or a template without holes, quotes removed; `other` a number, a regex, a piece of a template. */
export type Token = { kind: 'word' | 'text' | 'mark' | 'other'; text: string; line: number };
export type Source = { tokens: Token[]; comments: { text: string; line: number }[] };

type Shape = 'space' | 'comment' | 'template' | 'regex' | 'string' | 'word' | 'number' | 'mark';

/** Tried in this order; `mark` matches the rest. */
const SHAPES = Object.entries({
  space: /\s+|^#!.*/y,
  comment: /\/\/.*|\/\*[\s\S]*?\*\//y,
  template: /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y,
  regex: /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  string: /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y,
  word: /#?[\p{ID_Start}$_][\p{ID_Continue}$]*/uy,
  number: /\d[\w.]*/y,
  mark: /\.\.\.|\?\.|=>|[=!]==?|\+\+|--|[\s\S]/y,
} satisfies Record<Shape, RegExp>) as [Shape, RegExp][];

const BEFORE_REGEX = new Set(
  'return typeof case in of delete void throw new else do await yield instanceof'.split(' '),
);
// `<` is here because `</` closes a JSX element. A regex straight after `)` or `}` is read as divisions instead.
const BEFORE_DIVISION = new Set([')', ']', '}', '<', '++', '--']);

function regexMayFollow(last: Token | undefined): boolean {
  if (last?.kind === 'word') return BEFORE_REGEX.has(last.text);
  if (last?.kind === 'mark') return !BEFORE_DIVISION.has(last.text);
  return last === undefined || (last.kind === 'other' && last.text.endsWith('${'));
}

/** Throws on a template or block comment that does not end: the tokenizer has misread the file, and it must not pass. */
export function tokenize(source: string): Source {
  const tokens: Token[] = [];
  const comments: Source['comments'] = [];
  const holes: number[] = []; // the brace depth at which each open hole of a template ends
  let [at, line, depth] = [0, 1, 0];

  const next = (): [Shape, string] => {
    for (const [shape, pattern] of SHAPES) {
      const inTemplate = source[at] === '`' || (source[at] === '}' && holes.at(-1) === depth);
      if (shape === 'template' && !inTemplate) continue;
      if (shape === 'regex' && !regexMayFollow(tokens.at(-1))) continue;
      pattern.lastIndex = at;
      const found = pattern.exec(source)?.[0];
      if (found !== undefined) return [shape, found];
      if (shape === 'template' || (shape === 'comment' && source.startsWith('/*', at))) break;
    }
    throw new Error(`the template or comment of line ${line} does not end`);
  };

  while (at < source.length) {
    const [shape, text] = next();
    if (shape === 'comment') comments.push({ text, line });
    if (shape === 'word' || shape === 'mark') tokens.push({ kind: shape, text, line });
    if (shape === 'number' || shape === 'regex') tokens.push({ kind: 'other', text, line });
    if (shape === 'string') tokens.push({ kind: 'text', text: text.slice(1, -1), line });
    if (shape === 'template') {
      if (text.startsWith('}')) holes.pop();
      if (text.endsWith('${')) holes.push(depth);
      const whole = text.startsWith('`') && text.endsWith('`');
      tokens.push({ kind: whole ? 'text' : 'other', text: whole ? text.slice(1, -1) : text, line });
    }
    if (shape === 'mark') depth += text === '{' ? 1 : text === '}' ? -1 : 0;
    at += text.length;
    line += text.split('\n').length - 1;
  }
  return { tokens, comments };
}

export function isMark(token: Token | undefined, ...marks: string[]): boolean {
  return token?.kind === 'mark' && marks.includes(token.text);
}

export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text);
}

/** The member read from the name at this token: `env` for `process.env`, `process?.env` and `process['env']`. */
export function memberOf(tokens: Token[], at: number): string | undefined {
  let next = at + 1;
  while (isMark(tokens[next], '.', '?.', '[')) next += 1;
  return next > at + 1 ? tokens[next]?.text : undefined;
}

/** Whether a name is a free identifier: not a member (except of globalThis) and not a key. */
export function isFree(tokens: Token[], at: number): boolean {
  if (tokens[at]?.kind !== 'word') return false;
  if (isMark(tokens[at - 1], '.', '?.')) return isWord(tokens[at - 2], 'globalThis', 'global', 'window');
  return !(isMark(tokens[at + 1], ':') && isMark(tokens[at - 1], '{', ',', ';'));
}
