// The words that documents do without: each has a plainer one.
import { describe, expect, it } from 'vitest';
import { documents, textOf } from './documents.ts';

/** What is banned, and what to write instead. */
const BANNED: readonly (readonly [found: RegExp, instead: string])[] = [
  [/\b(?:tells?|told|telling)\b/i, 'returns, reports, shows, records'],
  [/\b(?:whoever|whomever|who\s+has|who\s+are\s+you)\b/i, 'anyone who, clients that'],
  [/\b(?:somebody|nobody)\b/i, 'anyone who, a person; the actor by name'],
  [/\banew\b/i, 'again, new'],
  [/\bdr(?:aws?|ew|awn|awing)\b(?:\s+\S+){0,2}?\s+(?:key|link)s?\b/i, 'creates an API key, creates a link'],
  [/\bturn(?:s|ed|ing)?\b(?:\s+\S+){0,4}?\s+off\b/i, 'deactivates a person, disables a setting'],
  [/\bturn(?:s|ed|ing)?\s+(?:\S+\s+){0,2}keys?\b/i, 'rotates'],
  [/\bkeys?\s+(?:that\s+)?turn(?:s|ed)?\b/i, 'key rotation'],
  [/\baway\b/i, 'unavailable; removes'],
  [/\b(?:is|are|was|were)\s+(?:over|gone)\b/i, 'expired, ended, deleted'],
  [
    /\b(?:lies?|lay|lying|stands?|stood|standing)\s+(?:in|on|at|beside|behind|there|for|ready)\b/i,
    'stored in, next to',
  ],
  [/\b(?:holds?|held|holding)\s+back\b/i, 'blocks'],
  [/\blet(?:s|ting)?\s+go\b/i, 'discards, unblocks'],
  [/\bof\s+its\s+own\b/i, 'separate; or nothing'],
  [/\b(?:as|that)\s+(?:they\s+are|there\s+is)\b/i, 'nothing'],
  [/\b(?:giv(?:es?|en|ing)|gave)\s+(?:\S+\s+){0,2}?up\b/i, 'aborts'],
  [/\brefus(?:es?|ed|ing|als?)\b/i, 'rejects, denies'],
  [/\bhas\s+to\s+be\b/i, 'must be'],
  [/\bthe\s+process\s+ends\b/i, 'the server shuts down, exits'],
  [/\bof\s+our\s+kind\b/i, 'nothing'],
];

/** Pages and folders that still have such words: rewritten later. */
const LATER: readonly string[] = [
  'CHANGELOG.md',
  'docs/api.md',
  'docs/decisions/',
  'docs/operations/telephony.md',
  'docs/threats.md',
];

/** A page's prose by lines: fenced blocks, inline code and the targets of links are blank. */
function proseOf(path: string): string[] {
  let fenced = false;
  return textOf(path)
    .split('\n')
    .map((line) => {
      const fence = line.startsWith('```');
      if (fence) fenced = !fenced;
      return fence || fenced ? '' : line.replace(/`[^`]*`/g, '``').replace(/\]\([^)]*\)/g, ']');
    });
}

/** Every banned word of a page, as file:line. */
function bannedIn(path: string): string[] {
  return proseOf(path).flatMap((line, index) =>
    BANNED.flatMap(([found, instead]) => {
      const [words] = found.exec(line) ?? [];
      return words === undefined ? [] : [`${path}:${index + 1}: “${words}”; write: ${instead}`];
    }),
  );
}

const isDone = (path: string): boolean => !path.includes('zh-CN') && !LATER.some((later) => path.startsWith(later));

describe('the words of the documents', () => {
  it.each(documents().filter(isDone))('are plain in %s', (path) => {
    expect(bannedIn(path)).toEqual([]);
  });
});
