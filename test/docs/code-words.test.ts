// The words of the code: comments, messages and test titles use none of the banned words.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isMark, isWord, type Token, tokenize } from '../support/house/tokens.ts';
import { bannedIn } from './banned-words.ts';

const TOP = join(import.meta.dirname, '../..');

/** Folders and files that still have banned words. */
const LATER: readonly string[] = [];

type Line = { readonly text: string; readonly line: number };

/** The title of a test or a suite: the text after `it(`, `describe(`, or the call that their `each` returns. */
function isTitle(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 2];
  return isMark(tokens[at - 1], '(') && (isWord(before, 'it', 'describe') || isMark(before, ')'));
}

/** The texts of a source that people read: comments without inline code, strings of several words, and in tests the titles. */
function wordsOf(path: string, source: string): Line[] {
  const { tokens, comments } = tokenize(source);
  const texts = tokens.filter(({ kind, text }, at) => {
    if (kind !== 'text') return false;
    return path.startsWith('test/') ? isTitle(tokens, at) : /[a-z] [a-z]/.test(text);
  });
  const lines = comments.flatMap(({ text, line }) =>
    text.split('\n').map((one, index) => ({ text: one.replace(/`[^`]*`/g, '``'), line: line + index })),
  );
  return [...lines, ...texts];
}

function sources(): string[] {
  return ['src', 'scripts', 'test'].flatMap((top) =>
    readdirSync(join(TOP, top), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|tsx|js|mjs)$/.test(path) && !path.includes('messages/zh-CN'))
      .map((path) => `${top}/${path}`),
  );
}

const bannedInSource = (path: string, source: string): string[] => bannedIn(path, wordsOf(path, source));

describe('the words of the code', () => {
  it('are plain in comments, messages and titles', () => {
    const done = sources().filter((path) => !LATER.some((later) => path.startsWith(later)));
    expect(done.flatMap((path) => bannedInSource(path, readFileSync(join(TOP, path), 'utf8')))).toEqual([]);
  });

  it.each([
    ['a comment', 'src/a.ts', '// Nobody is told.', 2],
    ['a doc comment of several lines', 'src/a.ts', '/**\n * Throws.\n * The key is away.\n */', 1],
    ['a message', 'src/a.ts', "throw new VaultError('x', 'the grant is over');", 1],
    ['the title of a test', 'test/a.test.ts', "it('tells the reason', () => {});", 1],
    ['the title of a table of tests', 'test/a.test.ts', "it.each([1])('tells %s', () => {});", 1],
  ])('catches %s', (_, path, source, times) => {
    expect(bannedInSource(path, source)).toHaveLength(times);
  });

  it.each([
    ['code in a comment', 'src/a.ts', '// `tell(away)` is a name.'],
    ['a code', 'src/a.ts', "const state = 'away';"],
    ['a text of a test', 'test/a.test.ts', "expect(text).toBe('the grant is over');"],
  ])('accepts %s', (_, path, source) => {
    expect(bannedInSource(path, source)).toEqual([]);
  });
});
