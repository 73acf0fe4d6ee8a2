// The threat table: each test that it names exists.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

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
  const quoted = ["'", '`', '"'].some((mark) => source.includes(`${mark}${title}`));
  return title === null || quoted ? null : `${file} has no test "${title}"`;
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
    ['a file that is not there', '| a | b | test/docs/no-such.test.ts "x" |', /there is no/],
    ['a title that is not there', '| a | b | test/house.test.ts "no such title of any test" |', /^test.* has no/],
    ['no test at all', '| a | b | we believe it |', /names no test/],
  ])('has a fault for %s', (_name, row, fault) => {
    expect(faultOf(namedIn(row)[0] as Named)).toMatch(fault);
  });
});
