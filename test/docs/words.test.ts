// The words that documents do without: each has a plainer one.
import { describe, expect, it } from 'vitest';
import { bannedIn } from './banned-words.ts';
import { documents, textOf } from './documents.ts';

/** Pages and folders that still have such words: rewritten later. */
const LATER: readonly string[] = ['CHANGELOG.md'];

/** A page's prose by lines, without fenced blocks, inline code, targets of links, and titles of tests, which code-words.test.ts checks. */
function proseOf(path: string): { readonly text: string; readonly line: number }[] {
  let fenced = false;
  return textOf(path)
    .split('\n')
    .map((words, index) => {
      const fence = words.startsWith('```');
      if (fence) fenced = !fenced;
      if (fence || fenced) return { text: '', line: index + 1 };
      const text = words.replace(/`[^`]*`/g, '``').replace(/\]\([^)]*\)/g, ']');
      return { text: text.replace(/(\.test\.ts) ".*"/, '$1'), line: index + 1 };
    });
}

const isDone = (path: string): boolean => !path.includes('zh-CN') && !LATER.some((later) => path.startsWith(later));

describe('the words of the documents', () => {
  it.each(documents().filter(isDone))('are plain in %s', (path) => {
    expect(bannedIn(path, proseOf(path))).toEqual([]);
  });
});
