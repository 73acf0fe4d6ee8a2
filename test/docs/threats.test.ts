// The threat table: each test that it names exists and runs.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isMark, isWord, type Token, tokenize } from '../support/house/tokens.ts';

type Named = { readonly row: string; readonly file: string; readonly title: string | null };

/** The test file and the title in it that each row of a page names. */
function namedIn(page: string): Named[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| threat '));
  return rows.map((row) => {
    const [, file = '', , title = null] = /(test\/\S+\.test\.ts)( "(.+)")? \|$/.exec(row) ?? [];
    return { row, file, title };
  });
}

/** The fault of a row; null if its test exists. */
function faultOf({ row, file, title }: Named): string | null {
  if (file === '') return `names no test: ${row}`;
  if (!existsSync(file)) return `there is no ${file}`;
  const source = readFileSync(file, 'utf8');
  return title === null || hasTest(source, title) ? null : `${file} has no test "${title}" that runs`;
}

const SKIPPED = ['skip', 'todo', 'fails'];

/** Whether a source calls `it`, `test` or `describe` with this beginning of a title, and skips neither it nor a group. */
function hasTest(source: string, title: string): boolean {
  const { tokens } = tokenize(source);
  const isTitle = ({ kind, text }: Token): boolean =>
    (kind === 'text' && text.startsWith(title)) || (kind === 'other' && text.startsWith(`\`${title}`));
  const skipsGroup = tokens.some(
    (token, at) => isWord(token, 'describe') && isMark(tokens[at + 1], '.') && isWord(tokens[at + 2], ...SKIPPED),
  );
  return (
    !skipsGroup && tokens.some((token, at) => isTitle(token) && isMark(tokens[at - 1], '(') && isRun(tokens, at - 2))
  );
}

/** The index before the brackets that end at this one; the same index where none do. */
function before(tokens: readonly Token[], end: number, open: string, close: string): number {
  let depth = 0;
  for (let at = end; at >= 0; at--) {
    if (isMark(tokens[at], close)) depth++;
    if (isMark(tokens[at], open)) depth--;
    if (depth === 0) return isMark(tokens[end], close) ? at - 1 : end;
  }
  return end;
}

/** Whether the call that ends at this token, such as `it`, `it.each(ROWS)` or `it.skipIf(x).each(ROWS)`, makes a test that runs. */
function isRun(tokens: readonly Token[], end: number): boolean {
  let at = end;
  const words: string[] = [];
  for (;;) {
    at = before(tokens, before(tokens, at, '(', ')'), '<', '>');
    words.push(tokens[at]?.text ?? '');
    if (!isMark(tokens[at - 1], '.')) break;
    at -= 2;
  }
  return ['it', 'test', 'describe'].includes(words.at(-1) ?? '') && !words.some((word) => SKIPPED.includes(word));
}

describe('the threat table', () => {
  const named = namedIn(readFileSync('docs/threats.md', 'utf8'));

  it('names a test for each threat', () => {
    expect(named.length).toBeGreaterThan(30);
    expect(named.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
  });

  it('names after each table what is not covered', () => {
    const sections = readFileSync('docs/threats.md', 'utf8').split(/^## /m).slice(1);
    expect(sections.filter((section) => !section.includes('**Not covered:**'))).toEqual([]);
  });

  it.each([
    ["it('opens no call', () => {});", true],
    ["it.each(ROWS.map((row) => [row]))('opens no call of %s', () => {});", true],
    [`it.skipIf(!present).each<[string, Row]>(ROWS)(\`opens no call \${why}\`, () => {});`, true],
    ["// it('opens no call', () => {});", false],
    ["/* it('opens no call', () => {}); */", false],
    ["it.skip('opens no call', () => {});", false],
    ["it.todo('opens no call');", false],
    ["describe.skip('a call', () => { it('opens no call', () => {}); });", false],
    ["const title = 'opens no call';", false],
    ["note('opens no call');", false],
  ])('counts %s: %s', (source, counts) => {
    expect(hasTest(source, 'opens no call')).toBe(counts);
  });

  it.each([
    ['a file that is not there', '| a | b | test/docs/no-such.test.ts "x" |', /there is no/],
    ['a title that is not there', '| a | b | test/house.test.ts "no such title of any test" |', /^test.* has no/],
    ['no test at all', '| a | b | we believe it |', /names no test/],
  ])('has a fault for %s', (_name, row, fault) => {
    expect(faultOf(namedIn(row)[0] as Named)).toMatch(fault);
  });
});
