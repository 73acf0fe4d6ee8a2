// The words of the documents: pages use none of the banned words.
import { describe, expect, it } from 'vitest';
import { bannedIn } from './banned-words.ts';
import { documents, textOf } from './documents.ts';

/** A page's prose by lines, without fenced blocks, inline code, targets of links, and names of tests, which code-words.test.ts checks. */
function proseOf(path: string): { readonly text: string; readonly line: number }[] {
  let fenced = false;
  return textOf(path)
    .split('\n')
    .map((words, index) => {
      const fence = words.startsWith('```');
      if (fence) fenced = !fenced;
      if (fence || fenced) return { text: '', line: index + 1 };
      const text = words.replace(/`[^`]*`/g, '``').replace(/\]\([^)]*\)/g, ']');
      return { text: text.replace(/test\/\S+\.test\.ts( ".*")?/, ''), line: index + 1 };
    });
}

const isEnglish = (path: string): boolean => !path.includes('zh-CN');

describe('the words of the documents', () => {
  it.each(documents().filter(isEnglish))('are plain in %s', (path) => {
    expect(bannedIn(path, proseOf(path))).toEqual([]);
  });
});
