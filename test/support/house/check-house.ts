// The house rules: a check of a tree of source texts that lists violations.
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { type Arrow, fileCycles, folderCycles } from './cycles.ts';
import { type Import, readImports } from './read-imports.ts';
import { FEATURES, featureOf, mayImport, ROOMS, roomOf } from './rooms.ts';
import { isFree, isMark, isWord, memberOf, type Source, type Token, tokenize } from './tokens.ts';

export type Rule =
  | (
      | 'room'
      | 'arrow'
      | 'feature'
      | 'folders'
      | 'package'
      | 'computed'
      | 'alias'
      | 'cycle'
      | 'ports'
      | 'env'
      | 'decipher'
      | 'impure'
      | 'random'
    )
  | ('long' | 'first-line' | 'barrel' | 'default' | 'enum' | 'namespace' | 'unreadable' | 'vacuous');
export type Violation = { rule: Rule; file: string; line: number; what: string };
type File = Source & { path: string; room: string; lines: string[]; imports: Import[] };
type Report = (rule: Rule, line: number, what: string) => void;

/** `files` maps paths from the top of the repository, with forward slashes, to their text. */
export function checkHouse(files: Map<string, string>): Violation[] {
  const violations: Violation[] = [];
  const report = (path: string): Report => {
    return (rule, line, what) => void violations.push({ rule, file: path, line, what });
  };
  const tree = [...files].flatMap(([path, text]): File[] => {
    const room = roomOf(path);
    if (room === undefined) report(path)('room', 1, 'lies in no room of the house');
    try {
      const source = tokenize(text);
      const lines = text.replace(/\n$/, '').split('\n');
      return [{ ...source, path, room: room ?? '', lines, imports: readImports(source.tokens) }];
    } catch (error) {
      report(path)('unreadable', 1, String(error));
      return [];
    }
  });
  for (const file of tree) {
    for (const rule of [imports, features, environment, purity, typesOnly, shape, vacuous])
      rule(file, report(file.path));
  }
  const deciphering = tree.filter((file) => file.room !== 'test');
  const uses = deciphering.flatMap(({ path, tokens }) => {
    const use = tokens.find((token, at) => {
      return token.text === 'createDecipheriv' && (token.kind === 'word' || isMark(tokens[at - 1], '['));
    });
    return use === undefined ? [] : [{ path, line: use.line }];
  });
  if (uses.length > 1)
    for (const { path, line } of uses) report(path)('decipher', line, 'more than one file deciphers');
  const arrows = tree.flatMap((file) => arrowsOf(file, files));
  const circles = [...fileCycles(arrows), ...folderCycles(arrows.filter(({ from }) => !from.startsWith('test/')))];
  for (const { rule, file, line, what } of circles) report(file)(rule, line, what);
  return violations;
}

/** The imports of a file that lead to files of the tree. */
function arrowsOf(file: File, files: Map<string, string>): Arrow[] {
  return file.imports.flatMap((found) => {
    const target = targetOf(file, found) ?? '';
    const endings = [target, target.replace(/\.js(x?)$/, '.ts$1'), target.replace(/\.js$/, '.tsx'), `${target}.ts`];
    const to = endings.find((path) => files.has(path));
    return to === undefined ? [] : [{ from: file.path, to, line: found.line }];
  });
}

function targetOf(file: File, { specifier }: Import): string | undefined {
  if (specifier === undefined || !/^\.\.?(\/|$)/.test(specifier)) return undefined;
  const bare = specifier.replace(/[?#].*$/, '');
  return posix.join(posix.dirname(file.path), bare).replace(/^dist\//, '');
}

function packageOf(specifier: string): string {
  if (isBuiltin(specifier)) return `node:${specifier.replace(/^node:/, '')}`;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function imports(file: File, report: Report): void {
  const allowed = ROOMS.get(file.room) ?? { rooms: [], packages: [] };
  for (const found of file.imports) {
    const { specifier, typeOnly, line } = found;
    const target = targetOf(file, found);
    const room = target === undefined ? undefined : roomOf(target);
    if (specifier === undefined) {
      // The bin chooses between src and dist when it runs.
      if (file.room !== 'test' && file.path !== 'scripts/callvault.js') report('computed', line, 'computed import');
    } else if (/^([~#/]|@\/|src\/)/.test(specifier)) {
      report('alias', line, `path alias ${specifier}`);
    } else if (target === undefined) {
      const name = packageOf(specifier);
      if (!mayImport(allowed.packages, name, typeOnly)) report('package', line, `${file.room} imports ${name}`);
    } else if (room !== file.room && !mayImport(allowed.rooms, room ?? target, typeOnly)) {
      report('arrow', line, `${file.room} imports ${room ?? target}`);
    } else if (/^(cli|scripts)$/.test(file.room) && room === 'main' && !/\/(serve|callvault)\.[jt]s$/.test(file.path)) {
      report('arrow', line, 'of the scripts only serve imports main');
    }
  }
}

/** A feature imports the core, and other features only along the arrows of the table. */
function features(file: File, report: Report): void {
  const own = featureOf(file.path);
  if (own === undefined) return;
  const allowed = FEATURES.get(own);
  if (allowed === undefined) report('feature', 1, `${own} is no feature of the table`);
  for (const found of file.imports) {
    const target = targetOf(file, found) ?? '';
    const other = featureOf(target);
    if (other === undefined || other === own || allowed?.includes(other)) continue;
    report('feature', found.line, `${own} imports ${other}`);
  }
}

/** Only src/config.ts reads the environment; test support and code that starts child processes must pass it on. */
function environment({ path, room, tokens, imports: found }: File, report: Report): void {
  if (path === 'src/config.ts' || path.startsWith('test/support/')) return;
  const starts = found.some(
    ({ specifier }) => specifier !== undefined && packageOf(specifier) === 'node:child_process',
  );
  if (starts && /^(scripts|test)/.test(room)) return;
  for (const { specifier, line, names } of found) {
    const harmless = names === 'process' || (names.startsWith('{') && !/\b(env|default)\b/.test(names));
    if (specifier !== undefined && packageOf(specifier) === 'node:process' && !harmless) {
      report('env', line, 'takes the environment from node:process');
    }
  }
  tokens.forEach((token, at) => {
    if (!isWord(token, 'process') || !isFree(tokens, at)) return;
    const before = tokens[isMark(tokens[at - 1], '.', '?.') ? at - 3 : at - 1];
    const member = memberOf(tokens, at);
    if (member === 'env' || (member === undefined && isMark(before, '='))) {
      report('env', token.line, member === 'env' ? 'process.env' : 'another name for process, or a part of it');
    }
  });
}

const IMPURE = /^(set(Timeout|Interval|Immediate)\b|Date\.now$|AbortSignal\.timeout$|(performance|console)\.)/;

/** Clock, timers, randomness and console reach vault and model only through ports or arguments. */
function purity({ room, tokens }: File, report: Report): void {
  if (!['vault', 'model', 'model/log', 'envelope', 'bytes'].includes(room)) return;
  tokens.forEach((token, at) => {
    if (!isFree(tokens, at)) return;
    const member = memberOf(tokens, at);
    const use = member === undefined ? token.text : `${token.text}.${member}`;
    if (use === 'Math.random') report('random', token.line, use);
    if (!['vault', 'model', 'model/log'].includes(room)) return;
    const now = token.text === 'Date' && readsClock(tokens, at);
    if (now || IMPURE.test(use)) report('impure', token.line, use);
  });
}

/** `new Date()`, `new Date` and `Date()`; a Date made from an argument does not read the clock. */
function readsClock(tokens: Token[], at: number): boolean {
  if (isMark(tokens[at + 1], '(')) return isMark(tokens[at + 2], ')');
  return isWord(tokens[at - 1], 'new') && !isMark(tokens[at + 1], '.', '?.', '[');
}

/** A port contains `import type`, `type`, `interface` and their exports; reports the first other statement. */
function typesOnly({ room, tokens }: File, report: Report): void {
  let at = 0;
  while (room === 'ports' && at < tokens.length) {
    const first = tokens[at];
    if (isWord(first, 'export')) at += 1;
    const braced = isWord(tokens[at], 'interface');
    const typed = isWord(first, 'import') ? isWord(tokens[at + 1], 'type') : braced || isWord(tokens[at], 'type');
    if (!typed) {
      report('ports', first?.line ?? 1, `not a type: ${first?.text}`);
      return;
    }
    let depth = 0;
    for (at += 1; at < tokens.length; at += 1) {
      const token = tokens[at];
      if (depth === 0 && isWord(token, 'export', 'const', 'let', 'var', 'function', 'class', 'interface')) break;
      if (isMark(token, '{', '(', '[')) depth += 1;
      if (isMark(token, '}', ')', ']')) depth -= 1;
      if (depth === 0 && isMark(token, braced ? '}' : ';')) break;
    }
    if (isMark(tokens[at], ';', '}')) at += 1;
  }
}

function shape({ path, room, lines, comments, tokens }: File, report: Report): void {
  const long = comments.some(({ text, line }) => line <= 12 && text.includes('Long because'));
  if (lines.length > 300 && !long) report('long', 1, `${lines.length} lines and no "Long because" in the first 12`);
  const first = lines[0]?.startsWith('#!') ? 2 : 1;
  const firstComment = comments.find(({ line }) => line === first)?.text ?? '';
  const directive = /^\/\/\/|^\/[/*]+\s*(@ts-|biome-|oxlint-|eslint-|prettier-)/.test(firstComment);
  if (
    room !== 'test' &&
    (!/^(\/\/|\/\*\*)/.test(lines[first - 1] ?? '') || directive || !/\p{L}/u.test(firstComment))
  ) {
    report('first-line', first, 'the first line does not say what the file is');
  }
  if (/\/index\.[cm]?[jt]sx?$/.test(path)) report('barrel', 1, 'an index file');
  tokens.forEach((token, at) => {
    const [second, third] = tokens.slice(at + 1, at + 3);
    if (token.kind !== 'word' || second === undefined || isMark(tokens[at - 1], '.', '?.')) return;
    const what = `${token.text} ${second.text}`;
    if (token.text === 'enum' && second.kind === 'word' && isMark(third, '{')) report('enum', token.line, what);
    if (isWord(token, 'namespace', 'module') && second.kind === 'word' && isMark(third, '{', '.')) {
      report('namespace', token.line, what);
    }
    if (token.text !== 'export') return;
    const list = isWord(second, 'type') ? third : second;
    if (isMark(list, '*')) report('barrel', token.line, 'export *');
    const end = isMark(list, '{') ? tokens.findIndex((brace, to) => to > at && isMark(brace, '}')) : at;
    const names = tokens.slice(at, end + 1).map(({ text }) => text);
    const renamed = /(as|[{,]) default [,}]/.test(names.join(' '));
    // Vite and Vitest require one in their config files.
    if ((isWord(second, 'default') || renamed) && !/\.config\.ts$/.test(path)) report('default', token.line, what);
  });
}

/** `toMatchObject` treats a regex as an object without members, which matches anything; use `expect.stringMatching`. */
function vacuous({ tokens }: File, report: Report): void {
  tokens.forEach((token, from) => {
    if (!isWord(token, 'toMatchObject')) return;
    let depth = 0;
    for (let at = from + 1; at < tokens.length; at += 1) {
      const [before, one] = [tokens[at - 1], tokens[at]];
      if (isMark(one, '(', '{', '[')) depth += 1;
      if (isMark(one, ')', '}', ']')) depth -= 1;
      if (depth === 0) return;
      const bare = one?.kind === 'other' && one.text.startsWith('/') && isMark(before, ':', ',', '[');
      if (bare) report('vacuous', one.line, `${one.text} in toMatchObject agrees with anything`);
    }
  });
}
